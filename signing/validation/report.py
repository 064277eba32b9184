"""The outcome of a check of a file as frozen values, and the one document that CLI, HTTP and reports show (DESIGN §3).

Knows the shape, not how the values were found. A report cannot be changed; a caller that knows more (vault, register)
gets a new one from ``with_document_status`` or ``with_entitlement``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Self

from signing.trust import PolicyReference, TrustProfile
from signing.validation.entitlement import NOT_JUDGED, Entitlement, acceptance_of
from signing.validation.indications import Indication, Verdict
from signing.validation.policy import ValidationPolicy
from signing.validation.reason_texts import TEXTS
from signing.validation.reasons import Reason
from signing.validation.report_document import moment_text, signature_document
from signing.validation.signature_report import EvidenceUsed, SignatureReport, SignedForm, TimestampReport

__all__ = [
    "EvidenceUsed",
    "Indication",
    "Report",
    "SignatureReport",
    "SignedForm",
    "TimestampReport",
    "Verdict",
    "file_facts",
    "unchecked_report",
]


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
        """The three answers in one word: 'accept', 'refuse' or 'ask' (the table is at ``acceptance_of``).

        A paper that prints another day than that of its signature is for a person to look at.
        """
        folded = acceptance_of(self.verdict.value, self.entitlement.status, self.document_state)
        is_dated_otherwise = any(Reason.PRINTED_DATE_DIFFERS in s.warnings for s in self.signatures)
        return "ask" if folded == "accept" and is_dated_otherwise else folded

    def without_printed_date(self) -> Self:
        """The same report about a copy: what the page prints is the date of the paper that was copied."""
        kept = tuple(
            replace(s, warnings=tuple(w for w in s.warnings if w is not Reason.PRINTED_DATE_DIFFERS))
            for s in self.signatures
        )
        return replace(self, signatures=kept)

    def with_document_status(self, *, state: str, vault_match: str) -> Self:
        """The same report with what the vault and the register know."""
        return replace(self, document_state=state, vault_match=vault_match)

    def with_entitlement(self, entitlement: Entitlement) -> Self:
        """The same report with another judgement on the signers' rights."""
        return replace(self, entitlement=entitlement)

    def document(self, *, detailed: bool = False) -> dict[str, Any]:
        """The JSON document of DESIGN §3; the same for ``anso verify -o json`` and ``POST /v1/verifications``.

        Args:
            detailed: with certificates, time-stamp tokens and signature values in base64.
        """
        reasons = self.reasons
        return {
            "verdict": self.verdict.value,
            "acceptance": self.acceptance,
            "reason_codes": [r.value for r in reasons],
            "reasons_vi": [TEXTS[r].vi for r in reasons],
            "reasons_en": [TEXTS[r].en for r in reasons],
            "file": {"sha256": self.file_sha256, "size": self.file_size},
            "signatures": [signature_document(s, detailed=detailed) for s in self.signatures],
            "entitlement": {"status": self.entitlement.status, "reasons": list(self.entitlement.reasons)},
            "document_status": {"state": self.document_state, "vault_match": self.vault_match},
            "policy": self.policy_id,
            "trust_policies": [policy.document() for policy in self.trust_policies],
            "checked_at": moment_text(self.checked_at),
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
