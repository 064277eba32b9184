"""Who may read what of a document, for which purpose: one pure decision.

Knows the rules. Must not know accounts, tokens, tables or HTTP. Every allowed read is logged by the caller (I28).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vault.model import CitizenId, Consent, DocumentState, StoredDocument


class Relation(StrEnum):
    """What the reader is to the document's owner."""

    OWNER = "owner"
    GUARDIAN = "guardian"
    """Parent or guardian of an owner under age."""
    OFFICER = "officer"
    """An official who handles dossiers, for the agency named beside."""
    SYSTEM = "system"
    """Another agency's system."""
    NONE = "none"
    """Everybody else, administrators and auditors included: they never read contents."""


class ReadPurpose(StrEnum):
    """Why somebody reads."""

    OWN_RECORDS = "own_records"
    HANDLE_DOSSIER = "handle_dossier"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledDossier:
    """The dossier for which somebody in office wants to look at papers."""

    dossier_id: str
    org_code: str
    """Agency that handles it."""
    persons: frozenset[CitizenId]
    """Whose papers it may touch: the applicant's, and those of a minor for whom the applicant files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks."""

    relation: Relation
    org_code: str | None
    """Agency for which an officer or a system acts."""
    dossier: HandledDossier | None = None
    """What an officer or a system is at work on; owner and guardian need none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer and the rule that gave it."""

    allowed: bool
    rule: str
    """Short code for the ledger: the ground of a yes, the reason of a no."""
    consent_id: str | None = None
    """The consent on which a yes rests."""


_HIDDEN = frozenset({DocumentState.DISPOSED})
_OWNER_ONLY = frozenset({DocumentState.RESTRICTED, DocumentState.DISPUTED})


def decide_read(
    document: StoredDocument,
    reader: Reader,
    purpose: ReadPurpose,
    consents: tuple[Consent, ...],
    at: datetime,
) -> Decision:
    """Whether the reader may see the document's contents and details at `at`.

    1. What was disposed of is shown to nobody.
    2. The owner, and the guardian of a minor, read their own records, in every other state.
    3. A restricted or disputed document is shown to nobody else (I29: restriction acts at once).
    4. Everybody else reads for one dossier, which their agency handles and which is the owner's business.
    5. The agency that answers for the paper then reads it.
    6. The agency that received a consent reads for the dossier that the consent names, while the consent lives:
       withdrawal acts at once (S23). A spent single-use consent only lets the officers of that dossier, which used
       it up, see again what they accepted.
    7. Nobody else reads, whatever the role: an administrator has no ground (S39).

    `consents` are those that cover this document and name the reader's agency; each is judged again here.
    """
    if document.state in _HIDDEN:
        return Decision(allowed=False, rule="disposed")
    if reader.relation in {Relation.OWNER, Relation.GUARDIAN}:
        own = purpose is ReadPurpose.OWN_RECORDS
        return Decision(allowed=own, rule=reader.relation.value if own else "purpose")
    if document.state in _OWNER_ONLY:
        return Decision(allowed=False, rule="restricted")
    obstacle = obstacle_in_office(reader, document.owner)
    if obstacle is not None:
        return Decision(allowed=False, rule=obstacle)
    if purpose is not ReadPurpose.HANDLE_DOSSIER:
        return Decision(allowed=False, rule="purpose")
    if reader.relation is Relation.OFFICER and document.custodian_org == reader.org_code:
        return Decision(allowed=True, rule="custodian")
    for consent in consents:
        if _permits(consent, document, reader, at):
            return Decision(allowed=True, rule="consent", consent_id=consent.consent_id)
    return Decision(allowed=False, rule="no_ground")


def obstacle_in_office(reader: Reader, owner: CitizenId) -> str | None:
    """Why somebody in office may not look into this owner's vault at all; None: the dossier named is a reason to.

    The same answer, `no_dossier`, whether no dossier is named, it is not there, or it is of another agency or person.
    """
    if reader.relation not in {Relation.OFFICER, Relation.SYSTEM} or reader.org_code is None:
        return "no_ground"
    dossier = reader.dossier
    if dossier is None or dossier.org_code != reader.org_code or owner not in dossier.persons:
        return "no_dossier"
    return None


def _permits(consent: Consent, document: StoredDocument, reader: Reader, at: datetime) -> bool:
    covered = consent.covers(document.document_id)
    if covered is None or reader.dossier is None or consent.receiver_dossier_id != reader.dossier.dossier_id:
        return False
    if consent.single_use and covered.spent_at is not None and reader.relation is not Relation.OFFICER:
        return False
    return consent.receiver_org == reader.org_code and consent.owner == document.owner and consent.is_live_at(at)
