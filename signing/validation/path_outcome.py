"""What a path check answers: values only, no logic of the check."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PathFailure(StrEnum):
    """Why no path is good; the caller maps it to an ETSI sub-indication."""

    MALFORMED = "malformed"
    NO_CHAIN = "no_chain"
    BAD_SIGNATURE = "bad_signature"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    STATUS_UNKNOWN = "status_unknown"
    CONSTRAINTS = "constraints"
    BUDGET = "budget"


# What says most about the leaf wins when several paths fail in different ways.
_TELLING = (
    PathFailure.REVOKED,
    PathFailure.ON_HOLD,
    PathFailure.STATUS_UNKNOWN,
    PathFailure.EXPIRED,
    PathFailure.NOT_YET_VALID,
    PathFailure.CONSTRAINTS,
    PathFailure.BAD_SIGNATURE,
    PathFailure.BUDGET,
    PathFailure.MALFORMED,
    PathFailure.NO_CHAIN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathOutcome:
    """What the path check found out."""

    ok: bool
    reason: str
    """Empty when ok; otherwise English for the log and the detailed report."""

    failure: PathFailure | None = None
    chain: tuple[bytes, ...] = ()
    """DER, leaf first, anchor last; of the failing path too, so that a report can show it."""

    failed_leaf: bool = False
    """The failure concerns the leaf itself, not one of its authorities."""

    revoked_at: datetime | None = None
    revocation_reason: str = ""
    """As in the evidence, in the library's spelling ('key_compromise'); 'unspecified' also when there is none."""

    names_withdrawn: bool = True
    """Some evidence says "revoked" or "on hold", or cannot be read: whatever moment and certificate it is about."""

    @property
    def rank(self) -> int:
        """Smaller says more; 0 for a good one."""
        return _TELLING.index(self.failure) + 1 if self.failure else 0


def failed(failure: PathFailure, reason: str, *, chain: tuple[bytes, ...] = (), leaf: bool = False) -> PathOutcome:
    """An outcome that is not ok."""
    return PathOutcome(ok=False, failure=failure, reason=reason[:300], chain=chain, failed_leaf=leaf)


def told(err: BaseException) -> str:
    """An exception as a reason, without the length that a stranger may give it."""
    return f"{type(err).__name__}: {str(err)[:200]}"
