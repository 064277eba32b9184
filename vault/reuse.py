"""Whether a stored document may be used in a dossier now, whether that counts, and what the rates mean.

Knows invariants I25 to I27 and the definitions of the rates. Must not know tables, dossiers' records or the
signature's verification: it gets what was found.

Rates (item 4.3 of the national dashboard of Decision 766/QD-TTg, and ours beside it):

* R1 official: dossiers received in the period with at least one component that reuses digitised data, of all
  dossiers received in the period.
* R2 strict: dossiers with at least one counted reuse event, of those received dossiers that had at least one
  component which the vault could serve.
* R3: components reused, of components that the vault could serve.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from vault.errors import (
    ReuseRefused,
    ReuseRefusedConsent,
    ReuseRefusedExpired,
    ReuseRefusedGrade,
    ReuseRefusedHash,
    ReuseRefusedOwner,
    ReuseRefusedRevoked,
    ReuseRefusedScope,
    ReuseRefusedSignature,
)
from vault.model import CitizenId, Consent, DocumentState, Grade, StoredDocument

_HUNDREDTH: Final = Decimal("0.01")


class SignatureFinding(StrEnum):
    """What the verification of the document's signatures came to."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"
    NO_SIGNATURE = "no_signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """The dossier that wants the document, as far as reuse is concerned."""

    dossier_id: str
    applicants: frozenset[CitizenId]
    """Whose documents it may use: the applicant, and the minor for whom the applicant files."""
    accepted_types: frozenset[str]
    """Types that serve the component, itself and its substitutes; empty: no such component."""
    accepted_grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What reading and checking the stored file gave."""

    is_intact: bool
    """The file was read whole and agrees with its record."""
    signatures: SignatureFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The answer at one moment."""

    refusal: type[ReuseRefused] | None
    counts: bool
    """Whether an accepted use is one of the uses that make the rate (I27)."""


def judge_reuse(
    document: StoredDocument, consent: Consent, receiver: Receiver, content: Content, at: datetime
) -> Judgement:
    """Judge the use of a document in a dossier at `at` (I25, I26); the first refusal is named.

    1. Consent: live, for this dossier and document, not spent.
    2. Owner: consent, document and applicant belong together.
    3. State: ACTIVE.
    4. Validity: `at` lies in the paper's period.
    5. Scope: the dossier has a component of this type.
    6. Grade: at least the one that the procedure accepts.
    7. Content: intact, and the very content that was consented to.
    8. Signatures: shown to be valid; what could not be checked is refused.
    """
    refusal = _refusal(document, consent, receiver, content, at)
    # I27: in the dossier in which it came into being a document is submitted, not reused
    return Judgement(refusal=refusal, counts=refusal is None and document.source_dossier_id != receiver.dossier_id)


def _refusal(
    document: StoredDocument, consent: Consent, receiver: Receiver, content: Content, at: datetime
) -> type[ReuseRefused] | None:
    covered = consent.covers(document.document_id)
    file = document.evidential_file
    checks: tuple[tuple[bool, type[ReuseRefused]], ...] = (
        (
            covered is not None
            and consent.is_live_at(at)
            and consent.receiver_dossier_id == receiver.dossier_id
            and not (consent.single_use and covered.spent_at is not None),
            ReuseRefusedConsent,
        ),
        (consent.owner == document.owner and document.owner in receiver.applicants, ReuseRefusedOwner),
        (document.state is DocumentState.ACTIVE, ReuseRefusedRevoked),
        (document.is_valid_at(at), ReuseRefusedExpired),
        (document.type_code in receiver.accepted_types, ReuseRefusedScope),
        (document.grade.reaches(receiver.accepted_grade), ReuseRefusedGrade),
        (
            content.is_intact
            and covered is not None
            and file is not None
            and file.quarantined_at is None
            and file.content_tag == covered.content_tag,
            ReuseRefusedHash,
        ),
        (_signatures_suffice(document.grade, content.signatures), ReuseRefusedSignature),
    )
    return next((refusal for holds, refusal in checks if not holds), None)


def _signatures_suffice(grade: Grade, found: SignatureFinding) -> bool:
    # grade D is the citizen's own upload: it has no signature, and only a procedure that takes D gets here
    if grade is Grade.D_UNVERIFIED:
        return found in {SignatureFinding.VALID, SignatureFinding.NO_SIGNATURE}
    return found is SignatureFinding.VALID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseFigures:
    """Counts of one slice of dossiers received in a period."""

    dossiers_received: int
    dossiers_reusing: int
    """With at least one counted reuse event."""
    dossiers_eligible: int
    """With at least one component that the vault could serve when they were received, or did serve."""
    components_reused: int
    components_eligible: int

    @property
    def official_rate(self) -> Decimal | None:
        """R1 in percent, two decimals; None without dossiers."""
        return _percent(self.dossiers_reusing, self.dossiers_received)

    @property
    def strict_rate(self) -> Decimal | None:
        """R2 in percent, two decimals; None without eligible dossiers."""
        return _percent(self.dossiers_reusing, self.dossiers_eligible)

    @property
    def component_rate(self) -> Decimal | None:
        """R3 in percent, two decimals; None without eligible components."""
        return _percent(self.components_reused, self.components_eligible)

    def __add__(self, other: "ReuseFigures") -> "ReuseFigures":
        """The figures of both slices together."""
        return ReuseFigures(
            dossiers_received=self.dossiers_received + other.dossiers_received,
            dossiers_reusing=self.dossiers_reusing + other.dossiers_reusing,
            dossiers_eligible=self.dossiers_eligible + other.dossiers_eligible,
            components_reused=self.components_reused + other.components_reused,
            components_eligible=self.components_eligible + other.components_eligible,
        )


NO_FIGURES: Final = ReuseFigures(
    dossiers_received=0, dossiers_reusing=0, dossiers_eligible=0, components_reused=0, components_eligible=0
)


def _percent(part: int, whole: int) -> Decimal | None:
    if whole == 0:
        return None
    return (Decimal(100) * part / whole).quantize(_HUNDREDTH, ROUND_HALF_UP)
