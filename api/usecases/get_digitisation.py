"""How far a paper is, and, once it is read, its fields: for an officer of the agency that received it."""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import NotFound
from api.jobs import JobStatus
from api.records.digitisations import FIELDS_SLOT, Digitisation
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.digitisation_access import digitisation_for
from api.usecases.digitisation_fields import Fields, from_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDigitisation:
    """Which digitisation."""

    digitisation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitisationFound:
    """The record, its job, and the fields if there are any yet."""

    record: Digitisation
    job: JobStatus
    fields: Fields = field(repr=False)


def get_digitisation(command: GetDigitisation, services: Services, caller: Caller, at: datetime) -> DigitisationFound:
    """Give record and fields; a look at fields is in the ledger (I28), a look at the progress is not.

    Raises:
        NotFound: there is none, or it is another agency's.
    """
    with services.db.transaction() as tx:
        record = digitisation_for(tx, command.digitisation_id, caller)
        job = services.jobs.find(tx, record.job_id)
        if job is None:
            raise NotFound
        fields: Fields = {}
        if record.state.is_open_for_correction:
            fields = from_bytes(services.vault.work.read(tx, record.digitisation_id, FIELDS_SLOT).content)
            event = event_of(
                caller,
                "read_digitisation",
                at,
                object_type="digitisation",
                object_id=record.digitisation_id,
                owner_id=record.owner_subject,
            )
            services.audit.append(tx, event)
    return DigitisationFound(record=record, job=job, fields=fields)


def follow_digitisation(command: GetDigitisation, services: Services, caller: Caller) -> DigitisationFound:
    """Give record and progress without the fields; raises as `get_digitisation`."""
    with services.db.reading() as tx:
        record = digitisation_for(tx, command.digitisation_id, caller)
        job = services.jobs.find(tx, record.job_id)
    if job is None:
        raise NotFound
    return DigitisationFound(record=record, job=job, fields={})
