"""The level says what is there and holds together, whoever is trusted (EN 319 142-1 §6.3, EN 319 142-2)."""

from datetime import timedelta
from typing import Any

import pytest

from signing.pades.longterm import with_evidence
from signing.trust import Evidence, TrustAnchors
from signing.validation import VN_TT15_2025, verify_pdf
from signing.validation.certificate_parts import read_parts
from signing.validation.spoken_for import SpokenFor
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NULL, RSA, Plan, attribute, identifier, pkcs1
from tests.fakes.odd_certificates import oid, seq, tlv, utc
from tests.fakes.stamped_pdf import document_stamped


@pytest.fixture(scope="module")
def by(pki: Any) -> Any:
    return cms.signer(pki, "p256")


def level(pki: Any, pdf: bytes, *, trusted: bool = True) -> str | None:
    anchors = pki.anchors() if trusted else TrustAnchors()
    report = verify_pdf(
        pdf, anchors=anchors, policy=VN_TT15_2025, at=pki.at + timedelta(minutes=5), compare_pages=False
    )
    return next((s.level for s in report.signatures if s.kind == "signature"), None)


@pytest.mark.parametrize("trusted", [True, False])
def test_our_own_signatures_reach_their_level_whoever_is_trusted(
    pki: Any,
    sign: Any,
    sample_pdf: Any,
    trusted: bool,  # noqa: FBT001 - two callers
) -> None:
    for wanted in ("B-B", "B-LT"):
        assert level(pki, sign(sample_pdf.small(), level=wanted).pdf, trusted=trusted) == wanted


def test_the_form_of_a_baseline_signature_is_demanded(pki: Any, by: Any) -> None:
    def of(plan: Plan, **form: Any) -> str | None:
        return level(pki, cms.signed_pdf(plan, **form))

    policy = attribute(cms.POLICY, seq(oid("1.2.3"), seq(identifier("2.16.840.1.101.3.4.2.1"), tlv(0x04, bytes(32)))))
    assert of(Plan(by=by)) == "B-B"
    assert of(Plan(by=by, signed=(policy,))) == "B-B"
    assert of(Plan(by=by, bind="")) == "BES"
    assert of(Plan(by=by), extra=b"") == "BES"
    assert of(Plan(by=by, signed=(attribute(cms.SIGNING_TIME, utc(pki.at)),))) == "BES"
    assert of(Plan(by=by, signed=(attribute(cms.SIGNING_TIME, utc(pki.at)), policy))) == "EPES"
    said = b"/M (D:20260805090000+07'00') /Reason (agreed)"
    assert of(Plan(by=by), extra=said) == "B-B"
    assert of(Plan(by=by, signed=(policy,)), extra=said) == "EPES"
    assert of(Plan(by=by, bind="v1")) == "B-B"
    sha1 = seq(seq(seq(identifier("1.3.14.3.2.26"), tlv(0x04, cms.digest("sha1", by.certificate)))))
    assert of(Plan(by=by, bind="", signed=(attribute(cms.SIGNING_CERTIFICATE_V2, sha1),))) == "BES"


@pytest.mark.parametrize("sub_filter", [b"adbe.pkcs7.detached", b"adbe.pkcs7.sha1"])
def test_plain_signatures_have_levels_of_their_own(pki: Any, by: Any, sub_filter: bytes) -> None:
    make = cms.encapsulated_pdf if sub_filter.endswith(b"sha1") else cms.signed_pdf
    form = {} if sub_filter.endswith(b"sha1") else {"sub_filter": sub_filter}
    assert level(pki, make(Plan(by=by, bind=""), **form)) == "PKCS7-B"


def test_a_bare_value_has_its_own_name(pki: Any) -> None:
    assert level(pki, cms.bare_pdf(cms.signer(pki, "rsa2048"))) == "X509-RSA-SHA1"


def test_a_broken_value_has_a_level_all_the_same(pki: Any, by: Any) -> None:
    pdf = cms.signed_pdf(Plan(by=by)).replace(b"0 0 1 rg", b"1 0 0 rg")
    assert level(pki, pdf) == "B-B"


def test_evidence_speaks_of_whom_it_names(pki: Any, by: Any) -> None:
    evidence = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    nobody = evidence.ocsps[0].replace(b"00Z0", b"00Z1")  # RFC 6960 §4.2.1: where the answers would follow the time
    ocsps, crls = (nobody, b"junk", *evidence.ocsps), (b"junk", *evidence.crls, pki.crl(pki.ca))
    known = SpokenFor(Evidence(ocsps=ocsps, crls=crls))
    other = cms.signer(pki, "p384")
    assert evidence.ocsps[0] in known.about(read_parts(by.certificate))
    assert evidence.ocsps[0] not in known.about(read_parts(other.certificate))
    assert evidence.crls[0] in known.about(read_parts(pki.ca.der))


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize(("sub_filter", "prefix"), [(b"ETSI.CAdES.detached", "B"), (b"adbe.pkcs7.detached", "PKCS7")])
def test_a_time_stamp_of_the_signature_counts_and_one_of_another_does_not(
    pki: Any,
    by: Any,
    sub_filter: bytes,
    prefix: str,
    trusted: bool,  # noqa: FBT001 - two callers
) -> None:
    own = Plan(by=by, unsigned=lambda value: (attribute(cms.TOKEN, cms.token(pki, value)),))
    copied = Plan(by=by, unsigned=lambda _: (attribute(cms.TOKEN, cms.token(pki, b"of another")),))
    assert level(pki, cms.signed_pdf(own, sub_filter=sub_filter), trusted=trusted) == f"{prefix}-T"
    assert level(pki, cms.signed_pdf(copied, sub_filter=sub_filter), trusted=trusted) == f"{prefix}-B"


def test_evidence_in_a_plain_container_makes_it_long_term_and_in_pades_it_has_to_be_in_the_store(
    pki: Any, by: Any
) -> None:
    evidence = pki.evidence((by.certificate, pki.ca.der, pki.root.der))
    archival = attribute(cms.ARCHIVAL, seq(tlv(0xA0, seq(*evidence.crls)), tlv(0xA1, seq(*evidence.ocsps))))
    plan = Plan(
        by=by, signed=(archival,), unsigned=lambda value: (attribute(cms.TOKEN, cms.token(pki, value)),)
    )  # fmt: skip
    assert level(pki, cms.signed_pdf(plan, sub_filter=b"adbe.pkcs7.detached")) == "PKCS7-LT"
    assert level(pki, cms.signed_pdf(plan)) == "B-T"


def test_names_of_rsa_are_no_question_of_level(pki: Any) -> None:
    plan = Plan(by=cms.signer(pki, "rsa2048"), scheme=identifier(f"{RSA}11", NULL), sign=pkcs1("sha256"))
    assert level(pki, cms.signed_pdf(plan)) == "B-B"


@pytest.mark.parametrize("about", ["the file", "something else"])
def test_a_time_stamp_of_the_content_raises_no_level(pki: Any, by: Any, about: str) -> None:
    """EN 319 142-1 §6.3 (B-T): it says when the signature was not there yet."""

    def make(content: bytes) -> bytes:
        stamp = cms.token(pki, content if about == "the file" else b"something else")
        return cms.container(Plan(by=by, signed=(attribute("1.2.840.113549.1.9.16.2.20", stamp),)), content)

    assert level(pki, cms.pdf_around(make)) == "B-B"


@pytest.mark.parametrize(("kind", "reached"), [("answer", "B-LTA"), ("list", "B-LTA"), ("list of the root", "B-T")])
def test_a_store_is_there_if_it_holds_anything(pki: Any, by: Any, kind: str, reached: str) -> None:
    """EN 319 142-2 §5.5 asks for a store, whatever is in it; a baseline level for what speaks of the signer."""
    evidence = {
        "answer": Evidence(ocsps=(pki.ocsp(by.certificate),)),
        "list": Evidence(crls=(pki.crl(pki.ca),)),
        "list of the root": Evidence(crls=(pki.crl(pki.root),)),
    }[kind]
    for bind, wanted in (("", "LTV"), ("v2", reached)):
        stored, _ = with_evidence(cms.signed_pdf(Plan(by=by, bind=bind)), lambda _: evidence)
        assert level(pki, document_stamped(stored, pki)) == wanted


def test_evidence_inside_an_old_container_is_archived_by_a_stamp_over_it(pki: Any, by: Any) -> None:
    for lists, wanted in (((pki.crl(pki.ca),), "PKCS7-LTA"), ((), "PKCS7-T")):
        pdf = cms.signed_pdf(Plan(by=by, lists=lists), sub_filter=b"adbe.pkcs7.detached")
        assert level(pki, document_stamped(pdf, pki)) == wanted
