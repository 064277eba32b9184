"""The answer about one certificate as frozen values, and the one document that CLI and HTTP show.

The verdict is that of the moment asked about; ``now`` stands beside it. Knows the shape, not how things were found.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from signing.identity import CertificateClass, Scope
from signing.registry import Hold
from signing.trust import PolicyReference, TrustAnchor, TrustAnchors, TrustProfile
from signing.validation.certificate import CertificateFindings, CertificateQuestion
from signing.validation.certificate_description import CertificateDescription
from signing.validation.certificate_judgement import (
    KnownPrimary,
    MomentAnswer,
    PrimaryAnswer,
    judge_moment,
    judge_primary,
)
from signing.validation.certificate_reasons import CERTIFICATE_TEXTS, CertificateReason
from signing.validation.certificate_standing import UNKNOWN, Register
from signing.validation.policy import ValidationPolicy
from signing.validation.report import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderEntitlement:
    """Could the holder sign then: 'entitled', 'not_entitled' or 'unknown', with one yes, no or unknown per question.

    Nothing of the register is told beyond these words (I30).
    """

    status: str = "unknown"
    reasons: tuple[CertificateReason, ...] = ()
    post: str = "unknown"
    """The post of the certificate was held; 'not_applicable' for who has none."""

    agency: str = "unknown"
    """The agency existed."""

    signing_right: str = "unknown"
    scope: str = "unknown"
    """The place, procedure and type of document asked about lie inside the scope."""

    def document(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "status": self.status,
            "reasons": [reason.value for reason in self.reasons],
            "post": self.post,
            "agency": self.agency,
            "signing_right": self.signing_right,
            "scope": self.scope,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateReport:
    """The answer about one certificate."""

    findings: CertificateFindings | None
    """None: the check broke off, nothing is known."""

    description: CertificateDescription
    then: MomentAnswer
    now: MomentAnswer
    holds: tuple[Hold, ...] = ()
    primary: PrimaryAnswer | None = None
    entitlement: HolderEntitlement = HolderEntitlement()
    in_register: bool | None = None
    """None: there was no register to ask."""

    wanted_profile: TrustProfile | None = None
    policies: tuple[PolicyReference, ...] = ()
    """The trust policy files in force."""

    policy_id: str

    @property
    def verdict(self) -> Verdict:
        """The answer for the moment asked about; a link that is wrong spoils it, one not checked leaves it open."""
        if self.primary is None or self.then.verdict is not Verdict.VALID or self.primary.matches:
            return self.then.verdict
        # I2 is part of what a secondary is: without its primary nobody can say that it lies within it
        return Verdict.INDETERMINATE if self.primary.matches is None else Verdict.INVALID

    @property
    def reasons(self) -> tuple[CertificateReason, ...]:
        """Why, most serious first, each once; warnings behind."""
        found = [self.then.reason] if self.then.reason else []
        if self.primary is not None:
            found.extend(_of_primary(self.primary))
        anchor = self.anchor
        if anchor is not None and anchor.profile is TrustProfile.DEV and self.findings is not None:
            found.append(CertificateReason.DEVELOPMENT_NO_LEGAL_VALUE)
        return tuple(dict.fromkeys(found))

    @property
    def anchor(self) -> TrustAnchor | None:
        """The root that was reached."""
        return None if self.findings is None else self.findings.then.anchor or self.findings.now.anchor

    @property
    def has_legal_value(self) -> bool:
        """Whether it is good under a root that is not for development."""
        anchor = self.anchor
        return self.verdict is Verdict.VALID and anchor is not None and anchor.profile is not TrustProfile.DEV

    def document(self) -> dict[str, Any]:
        """The JSON document of ``anso ca check -o json`` and ``POST /v1/certificate-validations``."""
        reasons, anchor = self.reasons, self.anchor
        return {
            "verdict": self.verdict.value,
            "reason_codes": [reason.value for reason in reasons],
            "reasons_vi": [CERTIFICATE_TEXTS[reason].vi for reason in reasons],
            "reasons_en": [CERTIFICATE_TEXTS[reason].en for reason in reasons],
            "at": _time(self.then.at),
            "checked_at": _time(self.now.at),
            "certificate": self._certificate(),
            "then": self._moment(self.then),
            "now": self._moment(self.now),
            "holds": [{"begun_at": _time(h.begun_at), "ended_at": _time(h.ended_at)} for h in self.holds],
            "path": self._path(),
            "trust": {
                "profile": anchor.profile.value if anchor else None,
                "anchor": anchor.name if anchor else None,
                "policy": anchor.policy.document() if anchor and anchor.policy else None,
                "wanted_profile": self.wanted_profile.value if self.wanted_profile else None,
            },
            "trust_policies": [policy.document() for policy in self.policies],
            "primary": None if self.primary is None else _primary(self.primary),
            "entitlement": self.entitlement.document(),
            "algorithms": self._algorithms(),
            "in_register": self.in_register,
            "policy": self.policy_id,
        }

    def _certificate(self) -> dict[str, Any]:
        described = self.description
        facts = None if self.findings is None else self.findings.facts
        kind = facts.certificate_class if facts else None
        return {
            "sha256": described.sha256,
            "size": described.size,
            "serial": described.serial or None,
            "subject": {
                "common_name": described.part("common_name"),
                "organisation": described.part("organisation"),
                "title": described.part("title"),
            },
            "issuer": described.issuer or None,
            "not_before": _time(described.not_before),
            "not_after": _time(described.not_after),
            "class": kind.value if isinstance(kind, CertificateClass) else None,
            "ordinal": facts.ordinal if facts else None,
            "is_authority": described.is_authority,
            "purpose": self.findings.purpose.value if self.findings and self.findings.purpose else None,
            "key": {"kind": described.key_kind or None, "bits": described.key_bits or None},
            "signature_algorithm": described.signature_algorithm or None,
            "policies": list(described.policies),
            "scope": _scope(facts.scope) if facts else None,
            "may_sign_documents": self.findings is not None and self.findings.purpose_fault is None,
        }

    def _moment(self, answer: MomentAnswer) -> dict[str, Any]:
        standing = answer.standing
        return {
            "at": _time(answer.at),
            "verdict": answer.verdict.value,
            "reason_code": answer.reason.value if answer.reason else None,
            "status": {
                "state": standing.state.value,
                "since": _time(standing.since),
                "reason": standing.reason,
                "source": standing.source,
            },
        }

    def _path(self) -> dict[str, Any]:
        if self.findings is None:
            return {"ok": False, "detail": "the check broke off", "chain": []}
        outcome = self.findings.then.path
        chain = (self.description, *self.findings.above) if outcome.chain else ()
        return {
            "ok": outcome.ok,
            "detail": outcome.reason or None,
            "chain": [{"sha256": one.sha256, "subject": one.part("common_name") or None} for one in chain],
        }

    def _algorithms(self) -> dict[str, Any]:
        faults = () if self.findings is None else self.findings.algorithm_faults
        return {"allowed": None if self.findings is None else not faults, "faults": list(faults)}


def certificate_report(
    findings: CertificateFindings,
    register: Register,
    *,
    primary: KnownPrimary | None,
    entitlement: HolderEntitlement,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    profile: TrustProfile | None,
) -> CertificateReport:
    """The answer from what the bytes tell and what the register remembers.

    Args:
        findings: of ``examine_certificate``.
        register: histories of the certificates in question, as far as they are ours.
        primary: the primary of a secondary, when the register has it.
        entitlement: what the records of posts and agencies say.
        anchors: the roots that were accepted, for the names of their policy files.
        policy: the rules that were applied.
        profile: the profile that was asked for, if one was.
    """
    digest = findings.description.sha256
    then = judge_moment(findings, findings.then, register)
    same = findings.now.at == findings.then.at
    return CertificateReport(
        findings=findings, description=findings.description, then=then,
        now=then if same else judge_moment(findings, findings.now, register), holds=register.holds(digest),
        primary=judge_primary(findings, primary, register, findings.then.at), entitlement=entitlement,
        in_register=register.knows(digest) if register.consulted else None, wanted_profile=profile,
        policies=anchors.policies, policy_id=policy.policy_id,
    )  # fmt: skip


def broken_certificate_report(
    question: CertificateQuestion,
    fault: CertificateReason,
    anchors: TrustAnchors,
    policy: ValidationPolicy,
    profile: TrustProfile | None,
) -> CertificateReport:
    """The answer when the check broke off: indeterminate, nothing is known."""

    def open_at(at: datetime) -> MomentAnswer:
        return MomentAnswer(at=at, verdict=Verdict.INDETERMINATE, reason=fault, standing=UNKNOWN)

    digest = sha256(question.certificate).hexdigest()
    return CertificateReport(
        findings=None, description=CertificateDescription(sha256=digest, size=len(question.certificate)),
        then=open_at(question.then), now=open_at(question.now), wanted_profile=profile, policies=anchors.policies,
        policy_id=policy.policy_id,
    )  # fmt: skip


def _of_primary(primary: PrimaryAnswer) -> list[CertificateReason]:
    if primary.found_in is None:
        return [CertificateReason.PRIMARY_NOT_FOUND]
    found = [] if primary.matches else [CertificateReason.PRIMARY_MISMATCH]
    # I5: the end of one key does not end the other, so this is told and spoils nothing
    return found if primary.good_then else [*found, CertificateReason.PRIMARY_NOT_VALID]


def _primary(primary: PrimaryAnswer) -> dict[str, Any]:
    return {
        "sha256": primary.sha256,
        "found_in": primary.found_in,
        "matches": primary.matches,
        "good_then": primary.good_then,
    }


def _scope(scope: Scope | None) -> dict[str, list[str]] | None:
    if scope is None:
        return None
    return {
        "places": list(scope.places),
        "procedures": list(scope.procedures),
        "document_types": list(scope.document_types),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
