"""What our own register remembers of a signer makes a report worse, never better."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from signing.registry import CertificateStatus, StatusChange
from signing.trust import Evidence
from signing.validation import VN_TT15_2025, Reason, Register, Report, Verdict, verify_pdf, with_register

HOUR = timedelta(hours=1)
ACTIVE, ON_HOLD, REVOKED = CertificateStatus.ACTIVE, CertificateStatus.ON_HOLD, CertificateStatus.REVOKED
GOOD = (Verdict.VALID, None)
REVOKED_THEN = (Verdict.INVALID, Reason.CERT_REVOKED_AT_SIGNING)
REVOKED_SOMETIME = (Verdict.INDETERMINATE, Reason.CERT_REVOKED)


def register_of(report: Report, pki: Any, *steps: tuple[float, CertificateStatus]) -> Register:
    """A register that keeps the signer's certificate: active for a day, then these steps, in hours from the signing."""
    before: CertificateStatus | None = CertificateStatus.RECORDED
    history = []
    for hours, after in ((-24, ACTIVE), *steps):
        history.append(
            StatusChange(
                certificate_id="crt_1",
                before=before,
                after=after,
                at=pki.at + hours * HOUR,
                actor="officer",
                reason=None,
            )
        )
        before = after
    return Register(histories={one.certificate_sha256: history for one in report.signatures})


def checked(pki: Any, pdf: bytes, at: datetime, **more: Any) -> Report:
    evidence = more.pop("evidence", Evidence(crls=(pki.crl(pki.root), pki.crl(pki.ca))))
    return verify_pdf(
        pdf, anchors=pki.anchors(), policy=VN_TT15_2025, at=at, evidence=evidence, compare_pages=False, **more
    )


@pytest.fixture(scope="module")
def stamped(pki: Any, sign: Any, sample_pdf: Any) -> Report:
    return checked(pki, sign(sample_pdf.small(), level="B-T").pdf, pki.at + 4 * HOUR)


@pytest.fixture(scope="module")
def bare_file(sign: Any, sample_pdf: Any) -> bytes:
    made: bytes = sign(sample_pdf.small(), level="B-B").pdf
    return made


@pytest.fixture(scope="module")
def bare(pki: Any, bare_file: bytes) -> Report:
    return checked(pki, bare_file, pki.at + 4 * HOUR)


def answer(report: Report, register: Register, at: datetime) -> tuple[Verdict, Reason | None]:
    (found,) = with_register(report, register, at).signatures
    return found.verdict, found.reason


@pytest.mark.parametrize(
    ("hours", "with_time", "without"),
    [
        (-1, REVOKED_THEN, REVOKED_SOMETIME),
        (0, REVOKED_THEN, REVOKED_SOMETIME),
        (1, GOOD, REVOKED_SOMETIME),
        (5, GOOD, GOOD),  # it lies behind the check
    ],
)
def test_a_revocation_counts_from_the_moment_it_is_written_down_before_any_list_names_it(  # noqa: PLR0917 - fixtures, table
    pki: Any, stamped: Report, bare: Report, hours: int, with_time: Any, without: Any
) -> None:
    assert stamped.verdict is bare.verdict is Verdict.VALID
    for report, expected in ((stamped, with_time), (bare, without)):
        assert answer(report, register_of(report, pki, (hours, REVOKED)), pki.at + 4 * HOUR) == expected


@pytest.mark.parametrize(
    ("steps", "with_time", "without"),
    [
        (((-2, ON_HOLD), (2, ACTIVE)), (Verdict.INVALID, Reason.CERT_ON_HOLD_AT_SIGNING), Reason.CERT_ON_HOLD),
        (((0, ON_HOLD),), (Verdict.INVALID, Reason.CERT_ON_HOLD_AT_SIGNING), Reason.CERT_ON_HOLD),
        (((-2, ON_HOLD), (0, ACTIVE)), GOOD, Reason.CERT_ON_HOLD),
        (((1, ON_HOLD), (2, ACTIVE)), GOOD, Reason.CERT_ON_HOLD),
        (((-2, ON_HOLD), (2, REVOKED)), (Verdict.INVALID, Reason.CERT_ON_HOLD_AT_SIGNING), Reason.CERT_REVOKED),
    ],
)
def test_a_hold_that_was_released_still_counts_for_what_was_signed_inside(  # noqa: PLR0917 - fixtures, table
    pki: Any, stamped: Report, bare: Report, steps: Any, with_time: Any, without: Reason
) -> None:
    at = pki.at + 4 * HOUR
    assert answer(stamped, register_of(stamped, pki, *steps), at) == with_time
    assert answer(bare, register_of(bare, pki, *steps), at) == (Verdict.INDETERMINATE, without)


def test_what_is_invalid_stays_so_whatever_the_register_says(pki: Any, bare_file: bytes) -> None:
    """A revocation of an unknown time leaves a signature open: it must not lift one that is broken up to that."""
    altered = checked(pki, bare_file.replace(b"0 0 1 rg", b"1 0 0 rg"), pki.at + 4 * HOUR)
    assert altered.verdict is Verdict.INVALID
    told = with_register(altered, register_of(altered, pki, (-1, REVOKED)), pki.at + 4 * HOUR)
    assert told is altered


def test_a_signature_that_is_open_for_another_reason_keeps_it(pki: Any, bare_file: bytes) -> None:
    late = pki.at + timedelta(days=400)
    expired = checked(pki, bare_file, late)
    unknown = checked(pki, bare_file, pki.at + 4 * HOUR, evidence=Evidence())
    assert answer(expired, Register(), late) == (Verdict.INDETERMINATE, Reason.CERT_EXPIRED)
    assert answer(unknown, Register(), late) == (Verdict.INDETERMINATE, Reason.STATUS_UNKNOWN)
    assert answer(expired, register_of(expired, pki, (1, REVOKED)), late) == (
        Verdict.INDETERMINATE, Reason.CERT_EXPIRED,
    )  # fmt: skip
    assert answer(unknown, register_of(unknown, pki, (1, REVOKED)), late) == REVOKED_SOMETIME


def test_the_status_of_a_clock_is_not_that_of_a_signer(pki: Any, stamped: Report) -> None:
    (one,) = stamped.signatures
    clock = replace(stamped, signatures=(replace(one, kind="timestamp"),))
    assert with_register(clock, register_of(clock, pki, (-1, REVOKED)), pki.at + 4 * HOUR) is clock


def test_a_register_with_nothing_to_say_leaves_the_report_as_it_is(pki: Any, stamped: Report) -> None:
    at = pki.at + 4 * HOUR
    assert with_register(stamped, Register(), at) is stamped
    assert with_register(stamped, register_of(stamped, pki), at) is stamped
    (one,) = stamped.signatures
    worse = with_register(stamped, register_of(stamped, pki, (-1, REVOKED)), at)
    assert (worse.verdict, worse.entitlement.status) == (Verdict.INVALID, "unknown")
    assert worse.signatures[0] == replace(
        one, verdict=Verdict.INVALID, reason=Reason.CERT_REVOKED_AT_SIGNING, indication=worse.signatures[0].indication,
        sub_indication="REVOKED_NO_POE",
    )  # fmt: skip
