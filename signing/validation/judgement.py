"""From findings to indication, sub-indication, verdict and reason: one table, one place.

ETSI EN 319 102-1 §5.1.3 for the indications; domain/scenarios.md ("How answers are named") for verdict and reason.
"""

from dataclasses import dataclass, replace

from signing.validation.chains import ChainAnswer
from signing.validation.changes import ChangeLevel, Changes
from signing.validation.path import PathFailure
from signing.validation.reasons import Reason
from signing.validation.report import Indication, Verdict
from signing.validation.stamps import StampAnswer


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
STAMPS_OUT_OF_ORDER = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="TIMESTAMP_ORDER_FAILURE",
    reason=Reason.TIMESTAMP_ORDER,
)  # fmt: skip
PAGES_DIFFER = Judgement(
    verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="FORMAT_FAILURE",
    reason=Reason.PAGE_LOOKS_DIFFERENT,
)  # fmt: skip
INCOHERENT = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.SIGNATURE_MALFORMED,
)  # fmt: skip
CRASHED = Judgement(
    verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
    reason=Reason.CHECK_FAILED,
)  # fmt: skip


def of_geometry(code: str) -> Judgement:
    """What a byte range means that no signature of the file can have; the code is the reason."""
    reason = Reason(code)
    sub_indication = "HASH_FAILURE" if reason is Reason.DOCUMENT_ALTERED else WRAPPED.sub_indication
    return replace(WRAPPED, reason=reason, sub_indication=sub_indication)


def of_changes(changes: Changes, *, accept_form_fill: bool) -> Judgement | None:
    """What later changes mean for a signature; None if they do no harm (``warning_of`` may still have to be told)."""
    match changes.level:
        case ChangeLevel.NONE | ChangeLevel.PERMITTED:
            return None
        case ChangeLevel.FORM_FILL if accept_form_fill:
            return None
        case ChangeLevel.FORM_FILL | ChangeLevel.ANNOTATIONS:
            return _open(Reason(changes.attack), "GENERIC") if changes.attack else None
        case ChangeLevel.UNKNOWN:
            return _open(Reason.CHANGES_UNKNOWN, "GENERIC")
        case _:
            reason = Reason(changes.attack) if changes.attack else Reason.DOCUMENT_ALTERED
            return Judgement(
                verdict=Verdict.INVALID, indication=Indication.FAILED, sub_indication="FORMAT_FAILURE", reason=reason
            )


def warning_of(changes: Changes) -> Reason | None:
    """What a person has to be told about later changes that do no harm."""
    return {
        ChangeLevel.FORM_FILL: Reason.FORM_FILLED_AFTER_SIGNING,
        ChangeLevel.ANNOTATIONS: Reason.ANNOTATED_AFTER_SIGNING,
    }.get(changes.level)


def _open(reason: Reason, sub_indication: str) -> Judgement:
    return Judgement(
        verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication=sub_indication, reason=reason
    )


def _refused(reason: Reason, sub_indication: str, *, final: bool = False) -> Judgement:
    indication = Indication.FAILED if final else Indication.INDETERMINATE
    return Judgement(verdict=Verdict.INVALID, indication=indication, sub_indication=sub_indication, reason=reason)


_OF_PATH: dict[tuple[PathFailure, bool], Judgement] = {
    # failure of the path, time of signing proven: then it lies on the wrong side of what the path says
    # EN 319 102-1 §5.5.4 (3): only a lower bound of the time (§5.3.4) makes it final; a stamp proves "not later than"
    (PathFailure.REVOKED, True): _refused(Reason.CERT_REVOKED_AT_SIGNING, "REVOKED_NO_POE"),
    (PathFailure.REVOKED, False): _open(Reason.CERT_REVOKED, "REVOKED_NO_POE"),
    (PathFailure.ON_HOLD, True): _refused(Reason.CERT_ON_HOLD_AT_SIGNING, "REVOKED_NO_POE"),
    (PathFailure.ON_HOLD, False): _open(Reason.CERT_ON_HOLD, "REVOKED_NO_POE"),
    (PathFailure.EXPIRED, True): _refused(Reason.CERT_NOT_VALID_AT_SIGNING, "OUT_OF_BOUNDS_NO_POE"),
    (PathFailure.EXPIRED, False): _open(Reason.CERT_EXPIRED, "OUT_OF_BOUNDS_NO_POE"),
} | {
    (failure, proven): judgement
    for proven in (True, False)
    for failure, judgement in (
        # §5.5.4 (4): before the certificate was issued, whatever else is known
        (PathFailure.NOT_YET_VALID, _refused(Reason.CERT_NOT_VALID_AT_SIGNING, "NOT_YET_VALID", final=True)),
        (PathFailure.NO_CHAIN, _refused(Reason.UNTRUSTED_ROOT, "NO_CERTIFICATE_CHAIN_FOUND")),
        (PathFailure.STATUS_UNKNOWN, _open(Reason.STATUS_UNKNOWN, "TRY_LATER")),
        (PathFailure.BUDGET, _open(Reason.CHECK_TOO_COSTLY, "CERTIFICATE_CHAIN_GENERAL_FAILURE")),
        (PathFailure.MALFORMED, _refused(Reason.CERT_CHAIN_BROKEN, "CERTIFICATE_CHAIN_GENERAL_FAILURE")),
    )
}  # fmt: skip
_BROKEN = _refused(Reason.CERT_CHAIN_BROKEN, "CHAIN_CONSTRAINTS_FAILURE")


def of_path(failure: PathFailure | None, *, proven: bool) -> Judgement:
    """What a failed chain means, with or without a proven time of signing."""
    return _BROKEN if failure is None else _OF_PATH.get((failure, proven), _BROKEN)


def of_chain(answer: ChainAnswer) -> Judgement:
    """What a chain that is not good means; EN 319 102-1 table 6, told apart by whom it is about and what is proven."""
    outcome = answer.outcome
    found = of_path(outcome.failure, proven=answer.proven_time is not None)
    match outcome.failure:
        case PathFailure.REVOKED | PathFailure.ON_HOLD if not outcome.failed_leaf:  # §5.2.6.4: an authority of the path
            return replace(found, sub_indication="REVOKED_CA_NO_POE", reason=Reason.CA_REVOKED)
        case PathFailure.REVOKED | PathFailure.ON_HOLD if answer.made_after_end:  # §5.3.4 (5)
            return of_end(found)
        case PathFailure.EXPIRED if answer.made_after_end:  # §5.3.4 (6)
            return _refused(Reason.CERT_NOT_VALID_AT_SIGNING, "EXPIRED", final=True)
        case PathFailure.EXPIRED if answer.stood_to_its_end:  # §5.2.6.4: never withdrawn as long as it lasted
            return replace(found, sub_indication="OUT_OF_BOUNDS_NOT_REVOKED")
        case _:
            return found


def of_end(found: Judgement) -> Judgement:
    """A withdrawal of which a lower bound of the time of signing is known to lie behind it: final."""
    then = {Reason.CERT_REVOKED: Reason.CERT_REVOKED_AT_SIGNING, Reason.CERT_ON_HOLD: Reason.CERT_ON_HOLD_AT_SIGNING}
    reason = found.reason or Reason.CERT_REVOKED
    return _refused(then.get(reason, reason), "REVOKED", final=True)


def of_stamp(answer: StampAnswer) -> Judgement:
    """What a document time-stamp is worth."""
    if answer.trusted:
        return PASSED
    if not answer.intact:
        return BAD_STAMP
    match answer.failure:
        case PathFailure.STATUS_UNKNOWN:
            return replace(UNTRUSTED_STAMP, sub_indication="TRY_LATER")
        case PathFailure.REVOKED | PathFailure.ON_HOLD:
            return replace(UNTRUSTED_STAMP, sub_indication="REVOKED_NO_POE")
        case PathFailure.EXPIRED | PathFailure.NOT_YET_VALID:
            return replace(UNTRUSTED_STAMP, sub_indication="OUT_OF_BOUNDS_NO_POE")
        case _:
            return UNTRUSTED_STAMP
