"""From findings to verdict and reasons: one certificate at one moment, and its link to a primary.

Never valid when something could not be checked: without status the answer is indeterminate. Knows findings and what
the register remembers; must not know bytes, tables or posts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from signing.errors import CertificateMalformed
from signing.identity import CertificateFacts, Scope, read_certificate_facts
from signing.validation.certificate import CertificateFindings, MomentFinding, holder_of
from signing.validation.certificate_reasons import CertificateReason
from signing.validation.certificate_standing import (
    Register,
    Standing,
    StandingState,
    standing_by_evidence,
)
from signing.validation.path import PathFailure, PathOutcome
from signing.validation.report import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentAnswer:
    """Whether a certificate was good at one moment."""

    at: datetime
    verdict: Verdict
    reason: CertificateReason | None
    """None when it was good."""

    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryAnswer:
    """What became of a secondary's link."""

    sha256: str
    found_in: str | None
    """'register', 'given', or None: it was not found."""

    matches: bool | None
    """Same holder and class, ordinal 1, not narrower than the secondary (I2)."""

    good_then: bool | None
    """None: not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPrimary:
    """The primary as the register or the caller has it."""

    facts: CertificateFacts
    holder: str
    outcome: PathOutcome | None = None
    """How its own path fared at the moment asked about; None: the register says how it stood."""


_INVALID: Final = {
    PathFailure.NO_CHAIN: CertificateReason.UNTRUSTED_ROOT,
    PathFailure.EXPIRED: CertificateReason.CERT_EXPIRED,
    PathFailure.NOT_YET_VALID: CertificateReason.CERT_NOT_YET_VALID,
}
_OF_STANDING: Final = {
    StandingState.REVOKED: CertificateReason.CERT_REVOKED,
    StandingState.ON_HOLD: CertificateReason.CERT_ON_HOLD,
}
_GOOD: Final = frozenset({StandingState.GOOD, StandingState.NOT_APPLICABLE})


def known_primary(der: bytes) -> KnownPrimary | None:
    """A primary from the register (DER of ours); None when it cannot be read."""
    try:
        return KnownPrimary(facts=read_certificate_facts(der), holder=holder_of(der))
    except CertificateMalformed:
        return None


def judge_moment(findings: CertificateFindings, finding: MomentFinding, register: Register) -> MomentAnswer:
    """The answer for one of the two moments; the first thing that is wrong names it."""
    is_own = register.knows(findings.description.sha256)
    standing = (
        register.standing(findings.description.sha256, finding.at) if is_own else standing_by_evidence(finding.judged)
    )
    verdict, reason = _judged(findings, finding, standing, register, is_own=is_own)
    return MomentAnswer(at=finding.at, verdict=verdict, reason=reason, standing=standing)


def _judged(
    findings: CertificateFindings, finding: MomentFinding, standing: Standing, register: Register, *, is_own: bool
) -> tuple[Verdict, CertificateReason | None]:
    if not finding.path.ok:
        return _of_path(finding.path)
    if findings.facts is None:
        unread = findings.description.not_before is None  # two readers disagree about it
        return Verdict.INVALID, CertificateReason.CERT_MALFORMED if unread else CertificateReason.CERT_CONTRADICTORY
    if not finding.anchor_serves:
        return Verdict.INVALID, _why_not_serving(findings, finding)
    if findings.algorithm_faults:
        return Verdict.INVALID, CertificateReason.ALGORITHM_FORBIDDEN
    if standing.state in _OF_STANDING:
        return Verdict.INVALID, _OF_STANDING[standing.state]
    if is_own:
        above = _of_issuers((one.sha256 for one in findings.above[:-1]), register, finding.at)
    else:
        above = _of_evidence(finding.judged)
    if above is not None:
        return above
    if standing.state not in _GOOD:
        return Verdict.INDETERMINATE, CertificateReason.STATUS_UNKNOWN
    return Verdict.VALID, None


def _of_path(outcome: PathOutcome) -> tuple[Verdict, CertificateReason]:
    failure = outcome.failure
    if failure is PathFailure.BUDGET:
        return Verdict.INDETERMINATE, CertificateReason.CHECK_TOO_COSTLY
    if failure is PathFailure.STATUS_UNKNOWN:
        return Verdict.INDETERMINATE, CertificateReason.STATUS_UNKNOWN
    if failure in {PathFailure.EXPIRED, PathFailure.NOT_YET_VALID} and not outcome.failed_leaf:
        # a root that is trusted by itself is its own leaf
        alone = len(outcome.chain) == 1
        return Verdict.INVALID, _INVALID[failure] if alone else CertificateReason.ISSUER_NOT_VALID
    if failure is PathFailure.MALFORMED and outcome.failed_leaf:
        return Verdict.INVALID, CertificateReason.CERT_MALFORMED
    if failure is None:
        return Verdict.INDETERMINATE, CertificateReason.CHECK_FAILED
    return Verdict.INVALID, _INVALID.get(failure, CertificateReason.CERT_CHAIN_BROKEN)


def _why_not_serving(findings: CertificateFindings, finding: MomentFinding) -> CertificateReason:
    anchor, purpose = finding.anchor, findings.purpose
    begun = anchor is not None and (anchor.accepted_from is None or anchor.accepted_from <= finding.at)
    ended = anchor is not None and anchor.accepted_to is not None and anchor.accepted_to <= finding.at
    if purpose is None or not begun or ended:
        return CertificateReason.ROOT_NOT_ACCEPTED_THEN
    return CertificateReason.PURPOSE_NOT_ALLOWED


def _of_issuers(
    authorities: Iterable[str], register: Register, at: datetime
) -> tuple[Verdict, CertificateReason] | None:
    """Status of our own authorities between leaf and root; None when nothing is wrong with them."""
    states = [register.standing(sha256, at).state for sha256 in authorities]
    if any(state in _OF_STANDING for state in states):
        return Verdict.INVALID, CertificateReason.ISSUER_REVOKED
    if any(state not in _GOOD for state in states):
        return Verdict.INDETERMINATE, CertificateReason.STATUS_UNKNOWN
    return None


def _of_evidence(judged: PathOutcome) -> tuple[Verdict, CertificateReason] | None:
    """What the evidence that was given says beyond the leaf's own status."""
    if judged.ok:
        return None
    if judged.failure in {PathFailure.REVOKED, PathFailure.ON_HOLD}:
        return Verdict.INVALID, CertificateReason.ISSUER_REVOKED
    return _of_path(judged)


def judge_primary(
    findings: CertificateFindings, known: KnownPrimary | None, register: Register, at: datetime
) -> PrimaryAnswer | None:
    """What became of the link; None when the certificate names no primary."""
    facts = findings.facts
    if facts is None or facts.primary_sha256 is None:
        return None
    found_in, primary = "register", known
    if primary is None and findings.primary is not None:
        given = findings.primary
        found_in, primary = "given", KnownPrimary(facts=given.facts, holder=given.holder, outcome=given.path)
    if primary is None:
        return PrimaryAnswer(sha256=facts.primary_sha256, found_in=None, matches=None, good_then=None)
    return PrimaryAnswer(
        sha256=facts.primary_sha256, found_in=found_in, matches=_matches(findings, facts, primary),
        good_then=_good_then(primary, register, at),
    )  # fmt: skip


def _matches(findings: CertificateFindings, facts: CertificateFacts, primary: KnownPrimary) -> bool:
    """I2: same holder and class, own ordinal above it, within its time and its scope."""
    same = findings.holder != "" and findings.holder == primary.holder
    same_class = facts.certificate_class == primary.facts.certificate_class and primary.facts.ordinal == 1
    within = facts.not_after <= primary.facts.not_after
    return same and same_class and within and (facts.scope or Scope()).lies_within(primary.facts.scope or Scope())


def _good_then(primary: KnownPrimary, register: Register, at: datetime) -> bool | None:
    if primary.outcome is not None:
        open_ends = {PathFailure.STATUS_UNKNOWN, PathFailure.BUDGET}
        return None if primary.outcome.failure in open_ends else primary.outcome.ok
    standing = register.standing(primary.facts.sha256, at)
    if standing.state is StandingState.UNKNOWN:
        return None
    return standing.state in _GOOD and primary.facts.not_before <= at <= primary.facts.not_after
