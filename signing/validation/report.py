"""The outcome of a check as frozen values, and the one document that CLI, HTTP and reports show (DESIGN §3).

Knows the shape, not how the values were found. A report cannot be changed; a caller that knows more (vault, register)
gets a new one from ``with_document_status`` or ``with_entitlement``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Self

from signing.identity import CertificateClass, CertificateFacts
from signing.trust import PolicyReference, TrustAnchor, TrustProfile
from signing.validation.changes import Change, ChangeLevel
from signing.validation.entitlement import NOT_JUDGED, Entitlement, acceptance_of
from signing.validation.policy import ValidationPolicy
from signing.validation.reason_texts import TEXTS
from signing.validation.reasons import Reason


class Verdict(StrEnum):
    """The answer in one word."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"
    NO_SIGNATURE = "no_signature"


class Indication(StrEnum):
    """ETSI EN 319 102-1 §5.1.3, verbatim."""

    PASSED = "TOTAL-PASSED"
    FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceUsed:
    """One piece of status evidence that was available."""

    kind: str
    """'ocsp' or 'crl'."""

    source: str
    """'document' or 'given'."""

    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """Everything about one signature or document time-stamp."""

    field: str
    kind: str
    """'signature' or 'timestamp'."""

    verdict: Verdict
    reason: Reason | None
    indication: Indication
    sub_indication: str | None
    intact: bool | None
    """Digest and value: right, wrong, or not computable."""

    covers_whole_file: bool = False
    changes_after: ChangeLevel = ChangeLevel.UNKNOWN
    changes: tuple[Change, ...] = ()
    level: str | None = None
    best_time: datetime | None = None
    best_time_source: str = "none"
    """'signature_timestamp', 'document_timestamp' or 'none'."""

    claimed_time: datetime | None = None
    common_name: str = ""
    organisation: str = ""
    organisation_id: str = ""
    title: str = ""
    serial: str = ""
    certificate_class: CertificateClass | None = None
    ordinal: int | None = None
    certificate_sha256: str = ""
    issuer: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    trust_profile: TrustProfile | None = None
    trust_anchor: str = ""
    trust_policy: PolicyReference | None = None
    evidence: tuple[EvidenceUsed, ...] = ()
    warnings: tuple[Reason, ...] = ()
    errors: tuple[str, ...] = ()
    """English details for the log and the detailed report."""

    @property
    def is_valid(self) -> bool:
        """Whether this signature is good."""
        return self.verdict is Verdict.VALID

    def doubted(self, reason: Reason) -> Self:
        """The same signature, but at best INDETERMINATE."""
        return replace(
            self, verdict=Verdict.INDETERMINATE, indication=Indication.INDETERMINATE, sub_indication="GENERIC",
            reason=reason,
        )  # fmt: skip

    def with_changes(self, level: ChangeLevel, changes: tuple[Change, ...], *, covers_whole_file: bool) -> Self:
        """The same signature with what happened after it."""
        return replace(self, changes_after=level, changes=changes, covers_whole_file=covers_whole_file)

    def with_facts(self, facts: CertificateFacts, *, issuer: str) -> Self:
        """The same signature with what its certificate says (not checked by itself)."""
        return replace(
            self, common_name=facts.common_name, organisation=facts.organisation,
            organisation_id=facts.organisation_id, title=facts.title, serial=facts.serial_hex,
            certificate_class=facts.certificate_class, ordinal=facts.ordinal, certificate_sha256=facts.sha256,
            issuer=issuer, not_before=facts.not_before, not_after=facts.not_after,
        )  # fmt: skip

    def with_trust(self, anchor: TrustAnchor | None, evidence: tuple[EvidenceUsed, ...]) -> Self:
        """The same signature with its anchor and the evidence at hand."""
        if anchor is None:
            return replace(self, evidence=evidence)
        return replace(
            self, trust_profile=anchor.profile, trust_anchor=anchor.name, trust_policy=anchor.policy, evidence=evidence
        )

    def document(self) -> dict[str, Any]:
        """This signature in the shape of DESIGN §3."""
        return {
            "field": self.field,
            "kind": self.kind,
            "indication": self.indication.value,
            "sub_indication": self.sub_indication,
            "reason_code": self.reason.value if self.reason else None,
            "intact": self.intact,
            "covers_whole_file": self.covers_whole_file,
            "changes_after": self.changes_after.value,
            "changes": [{"revision": c.revision, "what": c.what} for c in self.changes],
            "level": self.level,
            "best_signature_time": {"at": _time(self.best_time), "source": self.best_time_source},
            "claimed_time": _time(self.claimed_time),
            "signer": {
                "common_name": self.common_name,
                "organisation": self.organisation,
                "title": self.title,
                "serial": self.serial,
            },
            "certificate": {
                "class": self.certificate_class.value if self.certificate_class else None,
                "ordinal": self.ordinal,
                "sha256": self.certificate_sha256 or None,
                "issuer": self.issuer or None,
                "not_before": _time(self.not_before),
                "not_after": _time(self.not_after),
            },
            "trust": {
                "profile": self.trust_profile.value if self.trust_profile else None,
                "anchor": self.trust_anchor or None,
                "policy": self.trust_policy.document() if self.trust_policy else None,
            },
            "evidence": [{"kind": e.kind, "source": e.source, "sha256": e.sha256} for e in self.evidence],
            "warnings": [w.value for w in self.warnings],
            "errors": list(self.errors),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The answer about one file."""

    file_sha256: str
    file_size: int
    policy_id: str
    checked_at: datetime
    signatures: tuple[SignatureReport, ...]
    file_fault: Reason | None = None
    """Set when the file could not be opened for checking: nothing is known about its signatures."""

    warnings: tuple[Reason, ...] = ()
    entitlement: Entitlement = NOT_JUDGED
    document_state: str = "unknown"
    vault_match: str = "not_checked"
    trust_policies: tuple[PolicyReference, ...] = ()
    """The signed files that said which roots count."""

    @property
    def verdict(self) -> Verdict:
        """The worst over the signatures; a file with time-stamps only has no signature."""
        if self.file_fault is not None:
            return Verdict.INDETERMINATE
        if not any(s.kind == "signature" for s in self.signatures):
            return Verdict.NO_SIGNATURE
        for worst in (Verdict.INVALID, Verdict.INDETERMINATE):
            if any(s.verdict is worst for s in self.signatures):
                return worst
        return Verdict.VALID

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why, most serious first, each once."""
        found: list[Reason] = [self.file_fault] if self.file_fault else []
        if self.verdict is Verdict.NO_SIGNATURE:
            found.append(Reason.NO_SIGNATURE)
        for level in (Verdict.INVALID, Verdict.INDETERMINATE):
            found.extend(s.reason for s in self.signatures if s.reason is not None and s.verdict is level)
        if any(s.trust_profile is TrustProfile.DEV for s in self.signatures):
            found.append(Reason.DEVELOPMENT_NO_LEGAL_VALUE)
        found.extend(self.warnings)
        found.extend(w for s in self.signatures for w in s.warnings)
        return tuple(dict.fromkeys(found))

    @property
    def acceptance(self) -> str:
        """The three answers in one word: 'accept', 'refuse' or 'ask' (the table is at ``acceptance_of``)."""
        return acceptance_of(self.verdict.value, self.entitlement.status, self.document_state)

    def with_document_status(self, *, state: str, vault_match: str) -> Self:
        """The same report with what the vault and the register know."""
        return replace(self, document_state=state, vault_match=vault_match)

    def with_entitlement(self, entitlement: Entitlement) -> Self:
        """The same report with another judgement on the signers' rights."""
        return replace(self, entitlement=entitlement)

    def document(self) -> dict[str, Any]:
        """The JSON document of DESIGN §3; the same for ``anso verify -o json`` and ``POST /v1/verifications``."""
        reasons = self.reasons
        return {
            "verdict": self.verdict.value,
            "acceptance": self.acceptance,
            "reason_codes": [r.value for r in reasons],
            "reasons_vi": [TEXTS[r].vi for r in reasons],
            "reasons_en": [TEXTS[r].en for r in reasons],
            "file": {"sha256": self.file_sha256, "size": self.file_size},
            "signatures": [s.document() for s in self.signatures],
            "entitlement": {"status": self.entitlement.status, "reasons": list(self.entitlement.reasons)},
            "document_status": {"state": self.document_state, "vault_match": self.vault_match},
            "policy": self.policy_id,
            "trust_policies": [policy.document() for policy in self.trust_policies],
            "checked_at": _time(self.checked_at),
        }


def unchecked_report(pdf: bytes, *, policy: ValidationPolicy, at: datetime, fault: Reason) -> Report:
    """The report about a file whose check broke off: INDETERMINATE, nothing is known about its signatures."""
    digest, size = file_facts(pdf)
    return Report(
        file_sha256=digest, file_size=size, policy_id=policy.policy_id, checked_at=at, signatures=(), file_fault=fault
    )  # fmt: skip


def file_facts(pdf: bytes) -> tuple[str, int]:
    """Digest (hex) and size of a file."""
    return sha256(pdf).hexdigest(), len(pdf)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
