"""Good, suspended or revoked at a moment: from our own register where it keeps the certificate, else from evidence.

The register remembers what CRLs and OCSP answers forget: a hold that was released (I6). Knows histories as values;
must not know where they are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from signing.registry import CertificateStatus, Hold, StatusChange, holds_of
from signing.validation.path import PathFailure, PathOutcome


class StandingState(StrEnum):
    """Where a certificate stood at a moment."""

    GOOD = "good"
    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    """It is itself a root that is accepted: nobody above it says anything about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Status of one certificate at one moment."""

    state: StandingState
    since: datetime | None = None
    reason: str | None = None
    """Why it is revoked or on hold, where that is known."""

    source: str = "none"
    """'register', 'evidence', 'root' or 'none'."""


UNKNOWN = Standing(state=StandingState.UNKNOWN)
_STATES = {
    CertificateStatus.ACTIVE: StandingState.GOOD,
    CertificateStatus.SUPERSEDED: StandingState.GOOD,  # nobody signs with it any more; what it signed stays good
    CertificateStatus.ON_HOLD: StandingState.ON_HOLD,
    CertificateStatus.REVOKED: StandingState.REVOKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What the own register remembers of the certificates in question."""

    histories: Mapping[str, Sequence[StatusChange]] = field(default_factory=dict)
    """Every step of each certificate that it keeps, oldest first, by SHA-256 (hex)."""

    consulted: bool = True
    """False: there was no register to ask (a check away from the service)."""

    def knows(self, sha256: str) -> bool:
        """Whether the certificate was issued here."""
        return sha256 in self.histories

    def standing(self, sha256: str, at: datetime) -> Standing:
        """Where a certificate stood at a moment; unknown before it was issued and for those of others."""
        steps = [step for step in self.histories.get(sha256, ()) if step.at <= at]
        if not steps or steps[-1].after not in _STATES:
            return UNKNOWN
        last = steps[-1]
        state = _STATES[last.after]
        if state is StandingState.GOOD:
            return Standing(state=state, source="register")
        reason = last.reason.value if last.reason is not None else None
        return Standing(state=state, since=last.at, reason=reason, source="register")

    def holds(self, sha256: str) -> tuple[Hold, ...]:
        """When the certificate was suspended."""
        return holds_of(self.histories.get(sha256, ()))


def standing_by_evidence(outcome: PathOutcome) -> Standing:
    """What evidence says of the leaf of a path; a path that failed for another reason says nothing."""
    if outcome.ok:
        source = "root" if len(outcome.chain) == 1 else "evidence"
        state = StandingState.NOT_APPLICABLE if len(outcome.chain) == 1 else StandingState.GOOD
        return Standing(state=state, source=source)
    if outcome.failed_leaf and outcome.failure in {PathFailure.REVOKED, PathFailure.ON_HOLD}:
        held = outcome.failure is PathFailure.ON_HOLD
        state = StandingState.ON_HOLD if held else StandingState.REVOKED
        return Standing(state=state, since=outcome.revoked_at, reason="hold" if held else None, source="evidence")
    return UNKNOWN
