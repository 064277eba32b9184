"""The process of ETSI EN 319 102-1 in time: what time-stamps prove, in which order, and what that makes of a status."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from signing.pades import augment_pdf
from signing.pades.longterm import with_evidence
from signing.trust import Evidence
from signing.tsa import build_timestamp_request
from signing.validation import VN_TT15_2025, Reason, Report, SignatureReport, Verdict, verify_pdf
from tests.fakes.cms_builder import Plan, attribute, container, digest, pdf_around, signer
from tests.fakes.small_pki import SmallPki

CONTENT_STAMP, SIGNATURE_STAMP = "1.2.840.113549.1.9.16.2.20", "1.2.840.113549.1.9.16.2.14"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def own() -> SmallPki:
    """An infrastructure of the test's own: certificates are withdrawn, clocks moved."""
    return SmallPki()


def token(pki: SmallPki, data: bytes, at: datetime) -> bytes:
    pki.stamp_at = at
    given = pki.stamp(build_timestamp_request(digest("sha256", data)))
    return bytes(tsp.TimeStampResp.load(given)["time_stamp_token"].dump())


def signed(
    pki: SmallPki, *, content_at: datetime | None = None, stamped_at: datetime | None = None, by: Any = None
) -> bytes:
    """A file with a content time-stamp, a signature time-stamp, both or neither."""
    plan = Plan(by=by or signer(pki, "p256"))

    def unsigned(value: bytes) -> tuple[bytes, ...]:
        return () if stamped_at is None else (attribute(SIGNATURE_STAMP, token(pki, value, stamped_at)),)

    def make(content: bytes) -> bytes:
        more = () if content_at is None else (attribute(CONTENT_STAMP, token(pki, content, content_at)),)
        return container(replace(plan, signed=more, unsigned=unsigned), content)

    return pdf_around(make)


def lists(pki: SmallPki, at: datetime) -> Evidence:
    pki.evidence_at = at
    return Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca)))


def check(pki: SmallPki, pdf: bytes, *, later: timedelta = HOUR, evidence: Evidence | None = None) -> Report:
    at = pki.at + later
    return verify_pdf(
        pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=at, evidence=evidence or lists(pki, at), compare_pages=False
    )


def only(report: Report) -> SignatureReport:
    return next(s for s in report.signatures if s.kind == "signature")


def answer(report: Report) -> tuple[Verdict, str, str | None, Reason | None]:
    one = only(report)
    return one.verdict, one.indication.value, one.sub_indication, one.reason


def withdraw(pki: SmallPki, der: bytes, at: datetime, reason: x509.ReasonFlags) -> None:
    pki.revoked[x509.load_der_x509_certificate(der).serial_number] = (at, reason)


def test_a_content_and_a_signature_time_stamp_in_order_bound_the_time(own: SmallPki) -> None:
    report = check(own, signed(own, content_at=own.at, stamped_at=own.at + HOUR / 2))
    assert answer(report)[:2] == (Verdict.VALID, "TOTAL-PASSED")
    one = only(report)
    assert (one.best_time, one.best_time_source) == (own.at + HOUR / 2, "signature_timestamp")
    assert [(t.kind, t.intact, t.trusted, t.authority) for t in one.timestamps] == [
        ("content_timestamp", True, True, "Test TSA"), ("signature_timestamp", True, True, "Test TSA"),
    ]  # fmt: skip


def test_a_content_time_stamp_behind_the_signature_time_stamp_is_out_of_order(own: SmallPki) -> None:
    report = check(own, signed(own, content_at=own.at + HOUR / 2, stamped_at=own.at))
    assert answer(report) == (
        Verdict.INDETERMINATE, "INDETERMINATE", "TIMESTAMP_ORDER_FAILURE", Reason.TIMESTAMP_ORDER,
    )  # fmt: skip


def test_a_signature_time_stamp_behind_the_document_time_stamp_over_it_is_out_of_order(own: SmallPki) -> None:
    pdf = signed(own, stamped_at=own.at + HOUR / 2)
    own.stamp_at = own.at
    late = augment_pdf(pdf, stamp=own.stamp, evidence=own.evidence, at=own.at).pdf
    report = check(own, late)
    assert answer(report)[2:] == ("TIMESTAMP_ORDER_FAILURE", Reason.TIMESTAMP_ORDER)


def test_a_document_time_stamp_behind_a_later_one_is_out_of_order(own: SmallPki) -> None:
    pdf = signed(own)
    for moment in (own.at + HOUR / 2, own.at):
        own.stamp_at = moment
        pdf = augment_pdf(pdf, stamp=own.stamp, evidence=own.evidence, at=moment).pdf
    first, second = [s for s in check(own, pdf).signatures if s.kind == "timestamp"]
    assert (first.sub_indication, first.reason) == ("TIMESTAMP_ORDER_FAILURE", Reason.TIMESTAMP_ORDER)
    assert second.is_valid


@pytest.mark.parametrize(
    ("content", "indication", "sub_indication"),
    [(True, "TOTAL-FAILED", "REVOKED"), (False, "INDETERMINATE", "REVOKED_NO_POE")],
)
def test_only_a_lower_bound_of_the_time_makes_a_revocation_final(
    own: SmallPki, *, content: bool, indication: str, sub_indication: str
) -> None:
    by = signer(own, "p256")
    withdraw(own, by.certificate, own.at - HOUR, x509.ReasonFlags.key_compromise)
    pdf = signed(own, by=by, content_at=own.at if content else None, stamped_at=own.at)
    report = check(own, pdf)
    assert answer(report) == (Verdict.INVALID, indication, sub_indication, Reason.CERT_REVOKED_AT_SIGNING)
    without_proof = check(own, signed(own, by=by, content_at=own.at if content else None))
    expected = Reason.CERT_REVOKED_AT_SIGNING if content else Reason.CERT_REVOKED
    assert (answer(without_proof)[2], answer(without_proof)[3]) == (sub_indication, expected)


def expiring(pki: SmallPki, end: datetime, *, start: datetime | None = None) -> Any:
    by = signer(pki, "p256")
    subject = x509.load_der_x509_certificate(by.certificate).subject
    made = pki.certificate(subject, by.key.public_key(), pki.ca, start=start, end=end)
    return replace(by, certificate=made.public_bytes(Encoding.DER))


def test_a_certificate_that_had_ended_before_the_content_was_stamped_is_final(own: SmallPki) -> None:
    by = expiring(own, own.at - DAY)
    report = check(own, signed(own, by=by, content_at=own.at, stamped_at=own.at))
    assert answer(report) == (Verdict.INVALID, "TOTAL-FAILED", "EXPIRED", Reason.CERT_NOT_VALID_AT_SIGNING)
    stamped_late = check(own, signed(own, by=by, stamped_at=own.at))
    assert answer(stamped_late) == (
        Verdict.INVALID, "INDETERMINATE", "OUT_OF_BOUNDS_NO_POE", Reason.CERT_NOT_VALID_AT_SIGNING,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("evidence_after", "sub_indication"), [(-HOUR, "OUT_OF_BOUNDS_NOT_REVOKED"), (2 * DAY, "OUT_OF_BOUNDS_NO_POE")]
)
def test_an_ended_certificate_that_was_never_withdrawn_is_told_apart(
    own: SmallPki, evidence_after: timedelta, sub_indication: str
) -> None:
    by = expiring(own, own.at + HOUR)
    kept = lists(own, own.at + HOUR + evidence_after)  # of its own time, or of one that may have forgotten it
    report = check(own, signed(own, by=by), later=3 * DAY, evidence=kept)
    assert answer(report)[2:] == (sub_indication, Reason.CERT_EXPIRED)


def test_a_signature_before_its_certificate_is_final(own: SmallPki) -> None:
    by = expiring(own, own.at + DAY, start=own.at + HOUR)
    report = check(own, signed(own, by=by, stamped_at=own.at), later=2 * HOUR)
    assert answer(report) == (Verdict.INVALID, "TOTAL-FAILED", "NOT_YET_VALID", Reason.CERT_NOT_VALID_AT_SIGNING)


def authority_withdrawn(pki: SmallPki, at: datetime) -> None:
    withdraw(pki, pki.ca.der, at, x509.ReasonFlags.ca_compromise)


def test_an_authority_withdrawn_before_the_signature_is_named(own: SmallPki) -> None:
    pdf = signed(own)
    authority_withdrawn(own, own.at - HOUR)
    assert answer(check(own, pdf)) == (
        Verdict.INDETERMINATE, "INDETERMINATE", "REVOKED_CA_NO_POE", Reason.CA_REVOKED,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("order", "stands"),
    [
        (("evidence", "stamp"), True),
        (("stamp", "evidence"), False),  # the stamp proves the signature, not what came after it
        (("evidence",), False),
    ],
)
def test_evidence_of_an_authority_withdrawn_since_counts_only_if_it_is_proved_to_be_older(
    own: SmallPki, order: tuple[str, ...], *, stands: bool
) -> None:
    clock = SmallPki(label="Clock", at=own.at)  # time-stamps come from somebody whose authority stays
    plan = Plan(
        by=signer(own, "p256"), unsigned=lambda value: (attribute(SIGNATURE_STAMP, token(clock, value, own.at)),)
    )
    pdf = pdf_around(lambda content: container(plan, content))
    for step in order:
        pdf = stored(pdf, own) if step == "evidence" else document_stamp(pdf, clock, own.at)
    authority_withdrawn(own, own.at + DAY)
    at = own.at + 2 * DAY
    evidence = lists(own, at).merged(lists(clock, at)).merged(lists(clock, own.at))
    anchors = replace(own.anchors(), anchors=(*own.anchors().anchors, *clock.anchors().anchors))
    report = verify_pdf(pdf, anchors=anchors, policy=VN_TT15_2025, at=at, evidence=evidence)
    expected = (Verdict.VALID, None) if stands else (Verdict.INDETERMINATE, "REVOKED_CA_NO_POE")
    assert (only(report).verdict, only(report).sub_indication) == expected


def stored(pdf: bytes, pki: SmallPki) -> bytes:
    """The file with the lists of that time in its security store."""
    pki.evidence_at = None
    return with_evidence(
        pdf, lambda chain: Evidence(certificates=chain[1:], crls=(pki.crl(pki.root), pki.crl(pki.ca)))
    )[0]


def document_stamp(pdf: bytes, clock: SmallPki, at: datetime) -> bytes:
    """The file with a document time-stamp and nothing else."""
    clock.stamp_at = at
    return augment_pdf(pdf, stamp=clock.stamp, evidence=lambda _: Evidence(), at=at).pdf


@pytest.mark.parametrize(
    ("reason", "stands"),
    [
        (x509.ReasonFlags.superseded, True),
        (x509.ReasonFlags.key_compromise, False),
        (x509.ReasonFlags.unspecified, False),
    ],
)
def test_a_clock_withdrawn_since_is_believed_only_if_its_key_stayed_safe(
    own: SmallPki, sign: Any, sample_pdf: Any, *, reason: x509.ReasonFlags, stands: bool
) -> None:
    pdf = sign(sample_pdf.small(), by=own).pdf
    clock, _ = own._tsa
    own.revoked[clock.serial_number] = (own.at + DAY, reason)
    report = check(own, pdf, later=2 * DAY)
    assert only(report).timestamps[0].trusted is stands
    assert (Reason.TIMESTAMP_NOT_TRUSTED in report.reasons) is not stands


def test_a_time_stamp_about_something_else_leaves_the_answer_open(own: SmallPki) -> None:
    def make(content: bytes) -> bytes:
        plan = Plan(by=signer(own, "p256"), unsigned=lambda _: (attribute(SIGNATURE_STAMP, token(own, b"x", own.at)),))
        return container(plan, content)

    report = check(own, pdf_around(make))
    assert answer(report) == (Verdict.INDETERMINATE, "INDETERMINATE", "GENERIC", Reason.TIMESTAMP_NOT_TRUSTED)
    assert only(report).intact is True
    assert not only(report).timestamps[0].intact


def test_a_claim_of_a_time_that_has_not_come_yet_is_told(own: SmallPki, sign: Any, sample_pdf: Any) -> None:
    early = sign(sample_pdf.small(), by=own, level="B-B", at=own.at + 2 * HOUR).pdf  # its clock is ahead
    assert Reason.CLAIMED_TIME_DOUBTFUL in check(own, early).reasons
    assert Reason.CLAIMED_TIME_DOUBTFUL not in check(own, early, later=3 * HOUR).reasons


def test_a_claimed_time_that_cannot_be_is_told(own: SmallPki, sign: Any, sample_pdf: Any) -> None:
    own.stamp_at = own.at
    honest = sign(sample_pdf.small(), by=own, level="B-T").pdf
    assert Reason.CLAIMED_TIME_DOUBTFUL not in check(own, honest).reasons
    ahead = sign(sample_pdf.small(), by=own, level="B-T", at=own.at + HOUR).pdf
    report = check(own, ahead, later=2 * HOUR)
    assert report.verdict is Verdict.VALID
    assert Reason.CLAIMED_TIME_DOUBTFUL in report.reasons
