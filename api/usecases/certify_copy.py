"""The clerk alone seals an electronic copy of a stored document (mark E); the copy goes into the vault as grade B.

Where keys need their holder's agreement, the seal was prepared before (`prepare_copy`). What a slow time-stamp
authority leaves open is added by a job, and the copy is stored then (I17).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from api.callers import Caller
from api.errors import PreparationMissing
from api.records.copies import CertifiedCopies, CertifiedCopy, CopyState
from api.services import Services
from api.usecases.authorise_signature import Authorised
from api.usecases.authorised_signing import (
    WaitingSignature,
    WaitsFor,
    ask_holder,
    value_of,
    values_under,
    waiting_signatures,
)
from api.usecases.certified_copy import CopyRequest, PlannedSeal, plan_copy, prepared_copy
from api.usecases.keep_copy import keep_copy
from api.usecases.prepared_copies import add_prepared, copy_attempt, copy_record, is_of
from api.usecases.refusals import refusals_recorded
from api.usecases.result_signing import complete_step
from api.usecases.second_factor import require_second_factor
from signing.authorisation import SigningPurpose
from signing.keys import require_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyCopy:
    """Which copy, and under which authorisation its prepared seal is made (None: the key is used at once)."""

    request: CopyRequest
    authorisation_id: str | None = None
    second_factor: str | None = field(default=None, repr=False)


def certify_copy(command: CertifyCopy, services: Services, caller: Caller, at: datetime) -> CertifiedCopy:
    """Check source, form and seal; seal; store. A refusal is written into the ledger.

    Raises:
        What `plan_copy`, `prepared_copy`, `require_second_factor` and `values_under` raise;
        PreparationMissing; SigningDeviceAway; VersionConflict; StoreUnavailable.
    """
    request = command.request
    with refusals_recorded(copy_attempt(request, caller, at), services):
        if command.authorisation_id is None:
            require_second_factor(services, caller, command.second_factor, at)
        planned = plan_copy(request, services, caller, at)
        record, waiting, value = _sealing(command, planned, services, caller, at)
    signed = complete_step(waiting.pdf, waiting.prepared, value, services, at)
    return keep_copy(record, signed, services, caller, at)


def prepare_copy(request: CopyRequest, services: Services, caller: Caller, at: datetime) -> Authorised:
    """Check everything, draw the copy, and open an authorisation over the digest of exactly that page.

    Raises:
        What `plan_copy`, `prepared_copy` and `ask_holder` raise; a refusal is written into the ledger.
    """
    with refusals_recorded(copy_attempt(request, caller, at), services):
        planned = plan_copy(request, services, caller, at)
        waiting = prepared_copy(planned, services, at)
    record = copy_record(planned, at)
    to = WaitsFor(
        record_id=record.copy_id,
        owner=record.owner_subject,
        certificate_id=request.certificate_id,
        purpose=SigningPurpose.SEAL_COPY,
    )
    asked = ask_holder([waiting], to, services, caller, at)
    prepared = replace(record, authorisation_id=asked.authorisation.terms.authorisation_id)
    with services.db.transaction() as tx:
        garbage = add_prepared(tx, prepared, services, at)
    services.vault.work.discard(garbage, at)
    return asked


def _sealing(
    command: CertifyCopy, planned: PlannedSeal, services: Services, caller: Caller, at: datetime
) -> tuple[CertifiedCopy, WaitingSignature, bytes]:
    """The record, what is sealed and the value: under the authorisation, or at once by a key of our own store."""
    if command.authorisation_id is None:
        waiting = prepared_copy(planned, services, at)
        require_key_of(planned.credential, services.keys)
        record = copy_record(planned, at)
        with services.db.transaction() as tx:
            CertifiedCopies(tx).add(record)
        return record, waiting, value_of(waiting.prepared, services.keys)
    with services.db.reading() as tx:
        found = CertifiedCopies(tx).under(command.authorisation_id)
        if found is None or found.state is not CopyState.PREPARED or not is_of(found, planned):
            raise PreparationMissing
        (waiting,) = waiting_signatures(tx, found.copy_id, command.authorisation_id, services)
    (value,) = values_under(command.authorisation_id, [waiting], services, caller)
    return found, waiting, value
