"""From findings to indication, sub-indication, verdict and reason: one table, one place.

ETSI EN 319 102-1 §5.1.3 for the indications; domain/scenarios.md ("How answers are named") for verdict and reason.
"""

from dataclasses import dataclass

from signing.validation.changes import ChangeLevel, Changes
from signing.validation.path import PathFailure
from signing.validation.reasons import Reason
from signing.validation.report import Indication, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The fold of everything found out about one signature."""

    verdict: Verdict
    indication: Indication
    sub_indication: str | None = None
    reason: Reason | None = None


PASSED = Judgement(verdict=Verdict.VALID, indication=Indication.PASSED)
MALFORMED = Judgement(
    verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="FORMAT_FAILURE",
    reason=Reason.SIGNATURE_MALFORMED,
)  # fmt: skip
WRAPPED = Judgement(
    verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="FORMAT_FAILURE",
    reason=Reason.SIGNATURE_COVERAGE,
)  # fmt: skip
UNSUPPORTED = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.UNSUPPORTED_SIGNATURE,
)  # fmt: skip
WRONG_DIGEST = Judgement(
    verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="HASH_FAILURE",
    reason=Reason.DOCUMENT_ALTERED,
)  # fmt: skip
WRONG_VALUE = Judgement(
    verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="SIG_CRYPTO_FAILURE",
    reason=Reason.SIGNATURE_VALUE_WRONG,
)  # fmt: skip
WRONG_ALGORITHM = Judgement(
    verdict=Verdict.INVALID, indication=Indication.INDETERMINATE, sub_indication="CRYPTO_CONSTRAINTS_FAILURE",
    reason=Reason.ALGORITHM_FORBIDDEN,
)  # fmt: skip
WRONG_PURPOSE = Judgement(
    verdict=Verdict.INVALID, indication=Indication.INDETERMINATE, sub_indication="CHAIN_CONSTRAINTS_FAILURE",
    reason=Reason.CERT_PURPOSE,
)  # fmt: skip
BAD_STAMP = Judgement(
    verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="HASH_FAILURE",
    reason=Reason.DOCUMENT_ALTERED,
)  # fmt: skip
UNTRUSTED_STAMP = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="NO_CERTIFICATE_CHAIN_FOUND",
    reason=Reason.TIMESTAMP_NOT_TRUSTED,
)  # fmt: skip
BROKEN_STAMP = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.TIMESTAMP_NOT_TRUSTED,
)  # fmt: skip
INCOHERENT = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.SIGNATURE_MALFORMED,
)  # fmt: skip
CRASHED = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.CHECK_FAILED,
)  # fmt: skip


def of_changes(changes: Changes, *, accept_form_fill: bool) -> Judgement | None:
    """What later changes mean for a signature; None if they do no harm."""
    match changes.level:
        case ChangeLevel.NONE | ChangeLevel.PERMITTED:
            return None
        case ChangeLevel.FORM_FILL if accept_form_fill:
            return None
        case ChangeLevel.FORM_FILL | ChangeLevel.ANNOTATIONS:
            return _open(Reason(changes.attack or Reason.FORM_FILLED_AFTER_SIGNING), "GENERIC")
        case ChangeLevel.UNKNOWN:
            return _open(Reason.CHANGES_UNKNOWN, "GENERIC")
        case _:
            reason = Reason(changes.attack) if changes.attack else Reason.DOCUMENT_ALTERED
            return Judgement(
                verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="FORMAT_FAILURE", reason=reason
            )


def _open(reason: Reason, sub_indication: str) -> Judgement:
    return Judgement(
        verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication=sub_indication, reason=reason
    )


def _refused(reason: Reason, sub_indication: str, *, final: bool = False) -> Judgement:
    indication = Indication.FAILED if final else Indication.INDETERMINATE
    return Judgement(verdict=Verdict.INVALID, indication=indication, sub_indication=sub_indication, reason=reason)


_REVOKED_THEN = _refused(Reason.CERT_REVOKED_AT_SIGNING, "REVOKED", final=True)
_HELD_THEN = _refused(Reason.CERT_ON_HOLD_AT_SIGNING, "REVOKED", final=True)
_OUTSIDE_PERIOD = _refused(Reason.CERT_NOT_VALID_AT_SIGNING, "NOT_YET_VALID", final=True)
_OF_PATH: dict[tuple[PathFailure, bool], Judgement] = {
    # failure of the path, time of signing proven
    (PathFailure.REVOKED, True): _REVOKED_THEN,
    (PathFailure.REVOKED, False): _open(Reason.CERT_REVOKED, "REVOKED_NO_POE"),
    (PathFailure.ON_HOLD, True): _HELD_THEN,
    (PathFailure.ON_HOLD, False): _open(Reason.CERT_ON_HOLD, "REVOKED_NO_POE"),
    (PathFailure.EXPIRED, True): _OUTSIDE_PERIOD,
    (PathFailure.EXPIRED, False): _open(Reason.CERT_EXPIRED, "OUT_OF_BOUNDS_NO_POE"),
    (PathFailure.NOT_YET_VALID, True): _OUTSIDE_PERIOD,
    (PathFailure.NOT_YET_VALID, False): _OUTSIDE_PERIOD,
} | {
    (failure, proven): judgement
    for proven in (True, False)
    for failure, judgement in (
        (PathFailure.NO_CHAIN, _refused(Reason.UNTRUSTED_ROOT, "NO_CERTIFICATE_CHAIN_FOUND")),
        (PathFailure.STATUS_UNKNOWN, _open(Reason.STATUS_UNKNOWN, "TRY_LATER")),
        (PathFailure.BUDGET, _open(Reason.CHECK_TOO_COSTLY, "GENERIC")),
    )
}  # fmt: skip
_BROKEN = _refused(Reason.CERT_CHAIN_BROKEN, "CHAIN_CONSTRAINTS_FAILURE")


def of_path(failure: PathFailure | None, *, proven: bool) -> Judgement:
    """What a failed chain means, with or without a proven time of signing."""
    return _BROKEN if failure is None else _OF_PATH.get((failure, proven), _BROKEN)
