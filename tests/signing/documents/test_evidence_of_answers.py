"""A report names the status evidence of a signature: what speaks of its certificates, and nothing else."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Report, verify_detached, verify_pdf
from signing.validation.evidence_at_hand import EvidenceAtHand
from tests.fakes import cms_builder as cms


@pytest.fixture(scope="module")
def stranger(small_pki: Any) -> Any:
    return small_pki.SmallPki(label="Stranger")


def digests(*items: bytes) -> set[str]:
    return {sha256(der).hexdigest() for der in items}


def check(pki: Any, pdf: bytes, given: Evidence) -> Report:
    return verify_pdf(
        pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5), evidence=given,
        compare_pages=False,
    )  # fmt: skip


def test_lists_of_other_authorities_are_no_evidence_of_a_signature(
    pki: Any, stranger: Any, sign: Any, sample_pdf: Any
) -> None:
    theirs = Evidence(crls=(stranger.crl(stranger.ca), stranger.crl(stranger.root)))
    ours = Evidence(crls=(pki.crl(pki.ca), pki.crl(pki.root)))
    (found,) = check(pki, sign(sample_pdf.small(), level="B-B").pdf, ours.merged(theirs)).signatures
    assert {(one.kind, one.source) for one in found.evidence} == {("crl", "given")}
    assert {one.sha256 for one in found.evidence} == digests(*ours.crls)


def test_evidence_of_the_document_names_the_time_stampers_too_and_comes_first(
    pki: Any, sign: Any, sample_pdf: Any
) -> None:
    given = Evidence(crls=(pki.crl(pki.root),))
    report = check(pki, sign(sample_pdf.small()).pdf, given)
    (found,) = report.signatures
    leaf = sha256(found.chain[0]).hexdigest()
    (answer,) = (one for one in found.evidence if one.kind == "ocsp" and leaf in one.about)
    assert answer.source == "document"
    assert all(one.about and one.at is not None for one in found.evidence)
    assert {one.at for one in found.evidence if one.kind == "crl"} == {pki.at - timedelta(minutes=5)}
    told = report.document()["signatures"][0]["evidence"]
    assert [one["about"] for one in told] == [list(one.about) for one in found.evidence]
    sources = [one.source for one in found.evidence]
    assert sources == sorted(sources)  # 'document', then 'given'
    assert {"document", "given"} == set(sources)
    stamper = found.timestamps[0].chain
    only_stamper = EvidenceAtHand(Evidence(crls=(pki.crl(pki.ca),)), Evidence()).about([stamper])
    assert [one.kind for one in only_stamper] == ["crl"]


def test_the_same_holds_for_a_signature_beside_a_file(pki: Any, stranger: Any) -> None:
    by = cms.signer(pki, "p256")
    ours = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    given = ours.merged(Evidence(crls=(stranger.crl(stranger.ca),)))
    (found,) = verify_detached(
        cms.container(cms.Plan(by=by), b"content"), b"content", anchors=pki.anchors(), policy=VN_TT15_2025,
        at=pki.at + timedelta(minutes=5), evidence=given,
    ).signatures  # fmt: skip
    assert {one.sha256 for one in found.evidence} == digests(*ours.ocsps, *ours.crls)


def test_what_cannot_be_read_speaks_of_nobody() -> None:
    at_hand = EvidenceAtHand(Evidence(crls=(b"junk",), ocsps=(b"\x30\x03\x02\x01\x00",)), Evidence())
    assert at_hand.about([(b"no certificate", b"")]) == ()
