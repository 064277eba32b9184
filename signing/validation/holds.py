"""A report in the light of our own register, which knows more than evidence does.

A suspension is kept for ever: what was signed inside it stays invalid after release (I6, S12), and lists forget it. A
revocation counts from the moment it is written down, before any list names it. Knows reports and histories of status,
never where the histories come from.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from signing.registry import Hold
from signing.validation.certificate_standing import Register, Standing, StandingState
from signing.validation.entitlement import judged_entitlement
from signing.validation.judgement import Judgement, of_path
from signing.validation.path_outcome import PathFailure
from signing.validation.reasons import Reason
from signing.validation.report import Report, SignatureReport, Verdict


def with_register(report: Report, register: Register, at: datetime) -> Report:
    """The report about a file, corrected by what the register remembers of its signers; never for the better.

    Args:
        report: the report from the file and its evidence.
        register: histories by SHA-256 (hex) of the certificates.
        at: the moment of checking.
    """
    signatures = tuple(_corrected(one, register, at) for one in report.signatures)
    if signatures == report.signatures:
        return report
    return replace(report, signatures=signatures, entitlement=judged_entitlement(signatures))


def _corrected(signature: SignatureReport, register: Register, at: datetime) -> SignatureReport:
    digest, time = signature.certificate_sha256, signature.best_time
    if signature.kind != "signature" or signature.verdict is Verdict.INVALID or not register.knows(digest):
        return signature
    failure = _failure(register.standing(digest, at), register.holds(digest), time)
    if failure is None:
        return signature
    if time is None and signature.verdict is not Verdict.VALID and signature.reason is not Reason.STATUS_UNKNOWN:
        return signature  # it is open for another reason, which comes first
    return _judged(signature, of_path(failure, proven=time is not None))


def _failure(now: Standing, holds: Sequence[Hold], time: datetime | None) -> PathFailure | None:
    """What speaks against a signature of a moment; None as the moment: it may have been made at any."""
    ended = now.since if now.state is StandingState.REVOKED else None
    if ended is not None and (time is None or ended <= time):
        return PathFailure.REVOKED
    if time is None:
        return PathFailure.ON_HOLD if holds else None
    is_inside = any(hold.begun_at <= time and (hold.ended_at is None or time < hold.ended_at) for hold in holds)
    return PathFailure.ON_HOLD if is_inside else None


def _judged(signature: SignatureReport, judgement: Judgement) -> SignatureReport:
    return replace(
        signature, verdict=judgement.verdict, indication=judgement.indication,
        sub_indication=judgement.sub_indication, reason=judgement.reason,
    )  # fmt: skip
