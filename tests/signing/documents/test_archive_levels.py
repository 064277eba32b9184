"""B-LTA and its renewals: data first, a time-stamp over it, what proves that one; strangers and we ourselves agree."""

import asyncio
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import crl, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from signing.errors import DocumentNotSignable, MalformedDocument, TimestampUnavailable
from signing.pades import SigningRequest, archive_need, augment_pdf, complete_signature, prepare_signature
from signing.pades.longterm import with_evidence
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Verdict, verify_pdf
from signing.validation.policy import AlgorithmEnd


def signed(pki: Any, pdf: bytes, *, archive: bool = True, **over: Any) -> Any:
    request = SigningRequest(credential=pki.credential(), field_name="Person", **over)
    prepared = prepare_signature(pdf, request, with_stamp=True, at=pki.at)
    value = pki.keys.sign(prepared.credential.key_id, prepared.attributes, prepared.credential.algorithm)
    return complete_signature(pdf, prepared, value, stamp=pki.stamp, evidence=pki.evidence, archive=archive)


@pytest.fixture(scope="module")
def archived(pki: Any, sample_pdf: Any) -> bytes:
    made: bytes = signed(pki, sample_pdf.small()).pdf
    return made


def pyhanko_archive_status(pki: Any, pdf: bytes, at: datetime, fresh: Evidence | None = None) -> list[str]:
    """What pyHanko's AdES validation of the archive level says, revocation data required, nothing fetched."""
    known = LocalKnowledge(
        known_ocsps=[OCSPContainer.load_multi(ocsp.OCSPResponse.load(one))[0] for one in (fresh or Evidence()).ocsps],
        known_crls=[CRLContainer(crl.CertificateList.load(one)) for one in (fresh or Evidence()).crls],
    )
    trust = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=[asn1_x509.Certificate.load(pki.root.der)]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    gathering = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = PdfSignatureValidationSpec(
        SignatureValidationSpec(cert_validation_policy=trust, revinfo_gathering_policy=gathering, local_knowledge=known)
    )
    moment = ValidationTimingInfo(validation_time=at, best_signature_time=at, point_in_time_validation=True)

    async def each() -> list[str]:
        signatures = PdfFileReader(io.BytesIO(pdf), strict=True).embedded_regular_signatures
        results = [await ades_lta_validation(one, spec, moment) for one in signatures]
        return [str(result.ades_subindic) for result in results]

    return asyncio.run(each())


def our_answer(
    pki: Any, pdf: bytes, at: datetime | None = None, fresh: Evidence | None = None
) -> tuple[Verdict, list[str | None], set[str]]:
    report = verify_pdf(
        pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=at or pki.at + timedelta(minutes=5),
        evidence=fresh or Evidence(),
    )  # fmt: skip
    own = [one for one in report.signatures if one.kind == "signature"]
    return report.verdict, [one.level for one in own], {str(one.changes_after.value) for one in report.signatures}


def test_the_archive_level_is_reached_in_one_go_and_every_verifier_says_so(pki: Any, sample_pdf: Any) -> None:
    pdf = sample_pdf.page()
    made = signed(pki, pdf)
    assert made.level == "B-LTA"
    assert made.pdf.startswith(pdf)
    assert pyhanko_archive_status(pki, made.pdf, pki.at + timedelta(minutes=5)) == ["AdESPassed.OK"]
    assert our_answer(pki, made.pdf) == (Verdict.VALID, ["B-LTA"], {"permitted"})


def test_the_validation_data_of_the_time_stamp_itself_are_in_the_file(pki: Any, sample_pdf: Any) -> None:
    asked = []

    def source(chain: tuple[bytes, ...]) -> Evidence:
        asked.append(chain[0])
        evidence: Evidence = pki.evidence(chain)
        return evidence

    request = SigningRequest(credential=pki.credential(), field_name="Person")
    prepared = prepare_signature(sample_pdf.small(), request, with_stamp=True, at=pki.at)
    value = pki.keys.sign(prepared.credential.key_id, prepared.attributes, prepared.credential.algorithm)
    complete_signature(sample_pdf.small(), prepared, value, stamp=pki.stamp, evidence=source, archive=True)
    signer, stamper, archiver = asked
    assert signer == prepared.credential.certificate
    assert stamper == archiver  # the same authority; once for the signature's time-stamp, once for the document's


def test_renewed_before_each_end_a_signature_is_good_years_after_its_certificates(
    sample_pdf: Any, small_pki: Any
) -> None:
    # years ago: pyHanko takes what it sees for the first time as proven by its own clock
    own = small_pki.SmallPki(at=datetime(2022, 1, 10, tzinfo=UTC))
    begun = own.at
    pdf = signed(own, sample_pdf.small(), archive=False).pdf
    for days, tokens in ((1, 1), (330, 2), (660, 3)):
        own.at = begun + timedelta(days=days)
        vars(own).pop("_tsa", None)  # the authority has a new certificate each time
        assert tokens == 1 or own.at < archive_need(pdf).until
        made = augment_pdf(pdf, stamp=own.stamp, evidence=own.evidence, at=own.at, archive=True)
        assert made.pdf.startswith(pdf)
        assert (made.level, archive_need(made.pdf).tokens) == ("B-LTA", tokens)
        pdf = made.pdf
    late = own.at = begun + timedelta(days=900)
    fresh = own.evidence((own._tsa[0].public_bytes(Encoding.DER),))  # the newest is judged by what is known today
    assert pyhanko_archive_status(own, pdf, late, fresh) == ["AdESPassed.OK"]
    assert our_answer(own, pdf, late, fresh) == (Verdict.VALID, ["B-LTA"], {"permitted"})


def test_a_pending_signature_reaches_the_archive_level_with_one_time_stamp(
    pki: Any, sign: Any, sample_pdf: Any
) -> None:
    bare = sign(sample_pdf.small(), level="B-B").pdf
    made = augment_pdf(bare, stamp=pki.stamp, evidence=pki.evidence, at=pki.at, archive=True)
    assert (made.level, archive_need(made.pdf).tokens) == ("B-LTA", 1)
    assert our_answer(pki, made.pdf) == (Verdict.VALID, ["B-LTA"], {"permitted"})


def test_a_renewal_that_finds_nothing_new_appends_nothing_that_readers_would_have_to_repair(
    pki: Any, archived: bytes
) -> None:
    remembered = pki.evidence
    known: dict[bytes, Evidence] = {}

    def source(chain: tuple[bytes, ...]) -> Evidence:
        return known.setdefault(chain[0], remembered(chain))

    once, _ = with_evidence(archived, source, renew=True)
    assert len(once) > len(archived)
    again, complete = with_evidence(once, source, renew=True)
    assert (again == once, complete) == (True, True)
    assert archive_need(again).tokens == 1  # opened by both readers; neither repairs


def test_without_evidence_no_archive_level_is_claimed(pki: Any, sign: Any, sample_pdf: Any) -> None:
    bare = sign(sample_pdf.small(), level="B-B").pdf
    made = augment_pdf(bare, stamp=pki.stamp, evidence=lambda _: Evidence(), at=pki.at, archive=True)
    assert made.level == "B-T"
    prepared = prepare_signature(
        sample_pdf.small(), SigningRequest(credential=pki.credential(), field_name="S"), with_stamp=True, at=pki.at
    )
    value = pki.keys.sign(prepared.credential.key_id, prepared.attributes, prepared.credential.algorithm)
    done = complete_signature(
        sample_pdf.small(), prepared, value, stamp=pki.stamp, evidence=lambda _: Evidence(), archive=True
    )
    assert (done.level, archive_need(done.pdf).tokens) == ("B-T", 0)


def test_a_time_stamp_that_fails_leaves_nothing_half_done(pki: Any, sample_pdf: Any) -> None:
    answers = [pki.stamp]

    def once(request: bytes) -> bytes:
        answer: bytes = answers.pop()(request)
        return answer

    prepared = prepare_signature(
        sample_pdf.small(), SigningRequest(credential=pki.credential(), field_name="S"), with_stamp=True, at=pki.at
    )
    value = pki.keys.sign(prepared.credential.key_id, prepared.attributes, prepared.credential.algorithm)
    with pytest.raises(TimestampUnavailable):
        complete_signature(sample_pdf.small(), prepared, value, stamp=once, evidence=pki.evidence, archive=True)


def test_a_file_needs_its_next_time_stamp_before_the_chain_of_the_newest_ends(
    pki: Any, archived: bytes, sign: Any, sample_pdf: Any
) -> None:
    need = archive_need(archived)
    assert (need.until, need.digest, need.tokens) == (pki.at + timedelta(days=365), "sha256", 1)
    assert archive_need(sign(sample_pdf.small(), level="B-B").pdf).until is None


@pytest.mark.parametrize("what", ["sha256", "rsa", "rsassa_pkcs1v15"])
def test_an_algorithm_that_ends_sooner_decides(pki: Any, archived: bytes, what: str) -> None:
    end = pki.at + timedelta(days=30)
    policy = replace(VN_TT15_2025, ends=(AlgorithmEnd(algorithm=what, until=end, below_bits=3000),))
    assert archive_need(archived, policy=policy).until == end


def test_an_end_for_shorter_keys_is_not_that_of_longer_ones(pki: Any, archived: bytes) -> None:
    policy = replace(VN_TT15_2025, ends=(AlgorithmEnd(algorithm="rsa", until=pki.at, below_bits=2048),))
    assert archive_need(archived, policy=policy).until == pki.at + timedelta(days=365)


def test_nothing_is_said_about_what_cannot_be_read(archived: bytes, sample_pdf: Any) -> None:
    with pytest.raises(MalformedDocument):
        archive_need(b"no document")
    made = archived
    at = made.rindex(b"/Contents <") + len(b"/Contents <")
    with pytest.raises(MalformedDocument):
        archive_need(made[:at] + b"FF" * 2000 + made[at + 4000 :])
    with pytest.raises(DocumentNotSignable):
        archive_need(sample_pdf.encrypted(made))
