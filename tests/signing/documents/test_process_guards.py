"""Guards of the procedure that nothing else would miss: each test goes red when one of them is taken out."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.pades import augment_pdf
from signing.pades.longterm import with_evidence
from signing.trust import Evidence, TrustAnchors
from signing.validation import VN_TT15_2025, Reason, Report, SignatureReport, Verdict, verify_detached, verify_pdf
from signing.validation.existence import Existence
from signing.validation.path import PathFailure
from signing.validation.stamps import StampAnswer, check_stamp
from tests.fakes import cms_builder as cms
from tests.fakes.cms_builder import NULL, RSA, TOKEN, Plan, attribute, identifier, pkcs1
from tests.fakes.odd_certificates import tlv
from tests.fakes.small_pki import SmallPki
from tests.fakes.stamped_pdf import document_stamped

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CONTENT_STAMP = "1.2.840.113549.1.9.16.2.20"
STAMPING, EMAIL = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION


@pytest.fixture
def own() -> SmallPki:
    return SmallPki()


def lists(pki: SmallPki, at: datetime) -> Evidence:
    pki.evidence_at = at
    return Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))


def clock_with(pki: SmallPki, *extra: tuple[x509.ExtensionType, bool], end: datetime | None = None) -> Any:
    old, key = pki._tsa
    made = pki.certificate(old.subject, key.public_key(), pki.ca, extra=extra, end=end)
    return cms.clock(pki, made.public_bytes(Encoding.DER))


def answer(pki: SmallPki, token: bytes, *, control: datetime | None = None, **more: Any) -> StampAnswer:
    at = control or pki.at + HOUR
    values: dict[str, Any] = {"anchors": pki.anchors(), "evidence": lists(pki, at), "policy": VN_TT15_2025} | more
    return check_stamp(token, (b"data",), others=(pki.ca.der,), control_time=at, **values)


@pytest.mark.parametrize(
    ("purposes", "critical", "may"),
    [([STAMPING], True, True), ([STAMPING], False, False), ([STAMPING, EMAIL], True, False), ([EMAIL], True, False)],
)
def test_only_a_certificate_for_time_stamping_alone_and_critically_so_may_stamp(
    own: SmallPki,
    purposes: list[x509.ObjectIdentifier],
    critical: bool,  # noqa: FBT001 - a column of the table
    may: bool,  # noqa: FBT001 - a column of the table
) -> None:
    by = clock_with(own, (x509.ExtendedKeyUsage(purposes), critical))
    found = answer(own, cms.token_by(by, b"data", own.at))
    assert (found.intact, found.trusted) == (True, may), found.error


def test_a_clock_needs_a_status_like_any_signer_unless_the_policy_asks_for_none(own: SmallPki) -> None:
    token = cms.token_by(cms.clock(own), b"data", own.at)
    without = answer(own, token, evidence=Evidence())
    assert (without.trusted, without.failure) == (False, PathFailure.STATUS_UNKNOWN)
    assert answer(own, token, evidence=Evidence(), policy=replace(VN_TT15_2025, require_status=False)).trusted


def test_a_clock_proves_nothing_by_itself_once_its_certificate_has_ended(own: SmallPki) -> None:
    by = clock_with(own, (x509.ExtendedKeyUsage([STAMPING]), True), end=own.at + DAY)
    token = cms.token_by(by, b"data", own.at)
    assert answer(own, token).trusted
    late = answer(own, token, control=own.at + 2 * DAY)
    assert (late.trusted, late.failure) == (False, PathFailure.EXPIRED)


@pytest.mark.parametrize("bound", [{"accepted_to": HOUR / 2}, {"accepted_from": HOUR / 2}])
def test_the_root_of_a_clock_counts_when_it_stamped_and_when_it_is_believed(
    own: SmallPki, bound: dict[str, timedelta]
) -> None:
    limits: dict[str, Any] = {name: own.at + offset for name, offset in bound.items()}
    anchors = TrustAnchors(tuple(replace(a, **limits) for a in own.anchors()))
    token = cms.token_by(cms.clock(own), b"data", own.at)
    assert answer(own, token).trusted
    assert not answer(own, token, anchors=anchors).trusted


def only(report: Report) -> SignatureReport:
    return next(s for s in report.signatures if s.kind == "signature")


def check(pki: SmallPki, pdf: bytes, *, later: timedelta = HOUR, evidence: Evidence | None = None) -> Report:
    at = pki.at + later
    return verify_pdf(
        pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=at, evidence=evidence or lists(pki, at), compare_pages=False
    )


def covered(pki: SmallPki, pdf: bytes, at: datetime) -> bytes:
    pki.stamp_at = at
    return augment_pdf(pdf, stamp=pki.stamp, evidence=lambda _: Evidence(), at=at).pdf


def with_store(pki: SmallPki, pdf: bytes) -> bytes:
    pki.evidence_at = None
    return with_evidence(
        pdf, lambda chain: Evidence(certificates=chain[1:], crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    )[0]


def test_a_document_time_stamp_in_front_of_a_signature_proves_nothing_about_it(
    own: SmallPki, sign: Any, sample_pdf: Any
) -> None:
    stamped = document_stamped(sample_pdf.small(), own)
    one = only(check(own, sign(stamped, by=own, level="B-B").pdf))
    assert (one.verdict, one.best_time, one.level) == (Verdict.VALID, None, "B-B")


def test_a_document_time_stamp_of_somebody_unknown_proves_no_time_and_still_makes_a_level(
    own: SmallPki, sign: Any, sample_pdf: Any
) -> None:
    stranger = SmallPki(label="Stranger")
    one = only(check(own, covered(stranger, sign(sample_pdf.small(), by=own, level="B-B").pdf, own.at)))
    assert (one.best_time, one.level) == (None, "B-T")


@pytest.mark.parametrize(("steps", "level"), [("s", "B-T"), ("es", "B-LTA"), ("se", "B-LT"), ("e", "B-B")])
def test_only_evidence_under_the_last_time_stamp_is_archived(
    own: SmallPki, sign: Any, sample_pdf: Any, steps: str, level: str
) -> None:
    pdf = sign(sample_pdf.small(), by=own, level="B-B").pdf
    for step in steps:
        pdf = document_stamped(pdf, own) if step == "s" else with_store(own, pdf)
    assert only(check(own, pdf)).level == level


def test_a_time_stamp_from_the_future_makes_neither_level_nor_time(own: SmallPki, sign: Any, sample_pdf: Any) -> None:
    pdf = covered(own, sign(sample_pdf.small(), by=own, level="B-B").pdf, own.at + DAY)
    report = check(own, pdf)
    assert (only(report).level, only(report).best_time) == ("B-B", None)
    (stamp,) = (s for s in report.signatures if s.kind == "timestamp")
    assert stamp.verdict is Verdict.INDETERMINATE


def test_a_claim_in_front_of_its_certificate_or_its_content_time_stamp_is_told(own: SmallPki) -> None:
    by = cms.signer(own, "p256")

    def claiming(year: int, *, content: bool = False) -> bytes:
        def make(data: bytes) -> bytes:
            stamp = attribute(CONTENT_STAMP, cms.token_by(cms.clock(own), data, own.at))
            return cms.container(Plan(by=by, signed=(stamp,) if content else ()), data)

        return cms.pdf_around(make, extra=b"/M (D:%d0805080000+07'00')" % year)  # an hour before the time-stamp

    for pdf, told in ((claiming(2026), False), (claiming(2020), True), (claiming(2026, content=True), True)):
        report = check(own, pdf)
        assert report.verdict is Verdict.VALID, report.reasons
        assert (Reason.CLAIMED_TIME_DOUBTFUL in report.reasons) is told


def test_a_time_stamp_proves_what_it_covers_and_nothing_behind_it(own: SmallPki) -> None:
    document: Any = None  # nothing of it is looked at
    known = Existence(document, own.at, ())
    known.prove(200, own.at - HOUR)
    known.prove(100, own.at - DAY)
    assert [known.of_revision(end) for end in (100, 101, 200, 201)] == [
        own.at - DAY, own.at - HOUR, own.at - HOUR, own.at,
    ]  # fmt: skip


FILE = b"a file"


def detached(
    pki: SmallPki, plan: Plan, *, anchors: TrustAnchors | None = None, evidence: Evidence | None = None
) -> Any:
    at = pki.at + HOUR
    report = verify_detached(
        cms.container(plan, FILE), FILE, anchors=pki.anchors() if anchors is None else anchors, policy=VN_TT15_2025,
        at=at, evidence=lists(pki, at) if evidence is None else evidence,
    )  # fmt: skip
    (one,) = report.signatures
    assert one.intact is True
    return one.verdict, one.sub_indication, one.reason


def test_a_signature_over_a_file_fails_as_one_in_a_document_does(own: SmallPki) -> None:
    by = cms.signer(own, "p256")
    assert detached(own, Plan(by=by))[0] is Verdict.VALID
    assert detached(own, Plan(by=by), anchors=TrustAnchors()) == (
        Verdict.INVALID, "NO_CERTIFICATE_CHAIN_FOUND", Reason.UNTRUSTED_ROOT,
    )  # fmt: skip
    assert detached(own, Plan(by=by), evidence=Evidence()) == (
        Verdict.INDETERMINATE, "TRY_LATER", Reason.STATUS_UNKNOWN,
    )  # fmt: skip
    weak = Plan(by=cms.signer(own, "rsa2048"), digest="sha1", scheme=identifier(f"{RSA}5", NULL), sign=pkcs1("sha1"))
    assert detached(own, weak)[2] is Reason.ALGORITHM_FORBIDDEN
    odd = Plan(by=by, digest_identifier=identifier("2.16.840.1.101.3.4.2.1", tlv(0x04, b"")))
    assert detached(own, odd) == (Verdict.INDETERMINATE, "GENERIC", Reason.SIGNATURE_MALFORMED)


def test_a_clock_may_not_sign_a_file(own: SmallPki) -> None:
    plan = Plan(by=cms.clock(own), scheme=identifier(f"{RSA}11", NULL), sign=pkcs1("sha256"))
    assert detached(own, plan) == (Verdict.INVALID, "CHAIN_CONSTRAINTS_FAILURE", Reason.CERT_PURPOSE)


def test_a_time_stamp_of_somebody_unknown_proves_no_time_of_a_file(own: SmallPki) -> None:
    stranger = SmallPki(label="Stranger")
    plan = Plan(by=cms.signer(own, "p256"), unsigned=lambda value: (attribute(TOKEN, cms.token(stranger, value)),))
    at = own.at + HOUR
    report = verify_detached(
        cms.container(plan, FILE), FILE, anchors=own.anchors(), policy=VN_TT15_2025, at=at, evidence=lists(own, at)
    )
    assert report.signatures[0].best_time is None
    assert {Reason.NO_TRUSTED_TIME, Reason.TIMESTAMP_NOT_TRUSTED} <= set(report.reasons)
