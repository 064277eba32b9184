"""What a caller is to a vault's owner, and on which consents a read may rest; used by every use-case of the vault.

Knows people and callers. Must not decide: that is `vault.access`.
"""

from datetime import date, datetime
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.records.dossiers import Dossier, Dossiers
from api.records.people import People, Person, PersonStatus
from api.services import Services
from api.vietnam_time import vietnam_day
from vault.access import Decision, HandledDossier, Reader, ReadPurpose, Relation, decide_read
from vault.catalogue_sql import Consents
from vault.model import CitizenId, StoredDocument

OFFICERS: Final = (Role.RECEPTION_OFFICER, Role.APPRAISER, Role.AUTHORISED_SIGNER, Role.CLERK)
"""Roles that handle dossiers."""
_OF_AGE: Final = 18


def reader_of(
    tx: Tx, caller: Caller, owner: str, services: Services, at: datetime, *, dossier_id: str | None = None
) -> Reader:
    """What the caller is to the owner: a citizen is judged as a person, an official by agency and named dossier."""
    if caller.role is Role.CITIZEN:
        relation = Relation.NONE
        if caller.subject_id is not None:
            relation = _kinship(tx, caller.subject_id, owner, services, at)
        return Reader(relation=relation, org_code=None)
    relation = Relation.NONE
    if caller.role in OFFICERS:
        relation = Relation.OFFICER
    elif caller.role is Role.RELYING_SYSTEM:
        relation = Relation.SYSTEM
    dossier = None if dossier_id is None else Dossiers(tx).find(dossier_id)
    if dossier is None:
        return Reader(relation=relation, org_code=caller.org_code)
    handled = HandledDossier(
        dossier_id=dossier.dossier_id,
        org_code=dossier.handled_by,
        persons=persons_of(tx, dossier, owner, services, at),
    )
    return Reader(relation=relation, org_code=caller.org_code, dossier=handled)


def decide(tx: Tx, reader: Reader, document: StoredDocument, at: datetime) -> Decision:
    """Whether the reader, judged for this document's owner, may read it now."""
    org = reader.org_code
    consents = () if org is None else Consents(tx).for_reader(document.document_id, org)
    is_kin = reader.relation in {Relation.OWNER, Relation.GUARDIAN}
    purpose = ReadPurpose.OWN_RECORDS if is_kin else ReadPurpose.HANDLE_DOSSIER
    return decide_read(document, reader, purpose, consents, at)


def persons_of(tx: Tx, dossier: Dossier, owner: str, services: Services, at: datetime) -> frozenset[CitizenId]:
    """Whose papers the dossier may touch: the applicant's, and `owner`'s if a minor whom the applicant represents."""
    applicant = CitizenId(dossier.applicant_subject_id)
    is_ward = wards_of(tx, applicant, owner, services, at)
    return frozenset({applicant, CitizenId(owner)} if is_ward else {applicant})


def acts_for(tx: Tx, services: Services, at: datetime, *, person: str, owner: str) -> bool:
    """Whether the person `person` acts for the person `owner` at `at`: the same person, or the guardian of a minor.

    The one rule of who files, shares, reads and receives for whom (S21): a guardian's power ends on the owner's
    eighteenth birthday, whatever the record still says. Nobody acts for a person who is not recorded.
    """
    return _kinship(tx, person, owner, services, at) is not Relation.NONE


def caller_acts_for(tx: Tx, caller: Caller, owner: str, services: Services, at: datetime) -> bool:
    """Whether the caller, as a citizen, acts for `owner`; an official never does."""
    if caller.role is not Role.CITIZEN or caller.subject_id is None:
        return False
    return acts_for(tx, services, at, person=caller.subject_id, owner=owner)


def wards_of(tx: Tx, subject_id: str, owner: str, services: Services, at: datetime) -> bool:
    """Whether `owner` is a minor for whom the person `subject_id` files (S21)."""
    return _kinship(tx, subject_id, owner, services, at) is Relation.GUARDIAN


def _kinship(tx: Tx, person: str, owner: str, services: Services, at: datetime) -> Relation:
    """What the person is to the owner: owner, guardian of an owner under age, or nothing."""
    record = People(tx, services.sealer).find(owner)
    if record is None:
        return Relation.NONE
    if person == owner:
        return Relation.OWNER
    is_guardian = record.guardian_subject_id == person and _is_minor(record, at)
    return Relation.GUARDIAN if is_guardian else Relation.NONE


def _is_minor(person: Person, at: datetime) -> bool:
    """Under 18 on that day in Vietnam; without a date of birth the record's own word counts."""
    if person.date_of_birth is None:
        return person.status is PersonStatus.MINOR
    born, today = date.fromisoformat(person.date_of_birth), vietnam_day(at)
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (0 if had_birthday else 1) < _OF_AGE
