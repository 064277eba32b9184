"""The clerk seals a result and its annexes in one act: one authorisation over all their digests, one transaction.

Also the way to seal a single result where keys need their holder's agreement (production). Every check of the main file
is `plan_seal`'s, made again before the seal is set.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import PreparationMissing
from api.records.annexes import ResultAnnexes
from api.records.results import ResultRecord
from api.services import Services
from api.usecases.annex_sealing import keeping_annexes, prepare_annexes
from api.usecases.authorise_signature import Authorised
from api.usecases.authorised_signing import (
    WaitingSignature,
    WaitsFor,
    ask_holder,
    value_of,
    values_under,
    waiting_signatures,
)
from api.usecases.refusals import refusals_recorded
from api.usecases.result_events import result_event
from api.usecases.result_signing import PlannedSignature, complete_step, prepare_step
from api.usecases.seal_result import SealResult, keep_seal, plan_seal, seal_result
from api.usecases.signing_parts import credential_of
from signing.authorisation import SigningPurpose
from signing.keys import require_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SealWithAnnexes:
    """Which result with which seal, and under which authorisation (None: the key is used at once)."""

    seal: SealResult
    authorisation_id: str | None = None


def prepare_seal(command: SealResult, services: Services, caller: Caller, at: datetime) -> Authorised:
    """Check everything, prepare all seals, and open one authorisation over the main file and its annexes.

    Raises:
        What `plan_seal`, `prepare_annexes` and `ask_holder` raise.
    """
    planned = plan_seal(command, services, caller, at, asks_factor=False, with_annexes=True)
    with refusals_recorded(result_event("seal_result", planned.record, caller, at), services):
        waiting = _prepared(planned, services, at)
    to = WaitsFor(
        record_id=command.result_id,
        owner=planned.record.owner_subject,
        certificate_id=command.certificate_id,
        purpose=SigningPurpose.SEAL_RESULT,
    )
    return ask_holder(waiting, to, services, caller, at)


def seal_with_annexes(command: SealWithAnnexes, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Seal the main file and its annexes; all of them are kept, or none.

    Raises:
        What `plan_seal`, `prepare_annexes` and `values_under` raise; PreparationMissing; SigningDeviceAway;
        VersionConflict, StoreUnavailable: nothing moved.
    """
    by_session = command.authorisation_id is None
    with services.db.reading() as tx:
        annexes = ResultAnnexes(tx).of_result(command.seal.result_id)
    if by_session and not annexes:
        return seal_result(command.seal, services, caller, at)
    planned = plan_seal(command.seal, services, caller, at, asks_factor=by_session, with_annexes=True)
    with refusals_recorded(result_event("seal_result", planned.record, caller, at), services):
        waiting = _waiting(command, planned, 1 + len(annexes), services, at)
        if command.authorisation_id is None:
            require_key_of(waiting[0].prepared.credential, services.keys)
            values = tuple(value_of(one.prepared, services.keys) for one in waiting)
        else:
            values = values_under(command.authorisation_id, waiting, services, caller)
        main, *rest = (
            complete_step(one.pdf, one.prepared, value, services, at)
            for one, value in zip(waiting, values, strict=True)
        )
    also = keeping_annexes(planned.record, list(zip(annexes, rest, strict=True)), services, at)
    return keep_seal(planned, main, services, caller, at, also=also)


def _waiting(
    command: SealWithAnnexes, planned: PlannedSignature, count: int, services: Services, at: datetime
) -> tuple[WaitingSignature, ...]:
    """Main file and annexes with their seals prepared: now, or when the holder was asked."""
    if command.authorisation_id is None:
        return _prepared(planned, services, at)
    record = planned.record
    with services.db.reading() as tx:
        found = waiting_signatures(tx, record.result_id, command.authorisation_id, services, count=count)
        certificate = credential_of(tx, planned.certificate).certificate
    if found[0].pdf != planned.pdf or any(one.prepared.credential.certificate != certificate for one in found):
        raise PreparationMissing  # the result moved on since, or another seal was checked now
    return found


def _prepared(planned: PlannedSignature, services: Services, at: datetime) -> tuple[WaitingSignature, ...]:
    main = WaitingSignature(pdf=planned.pdf, prepared=prepare_step(planned, services, at))
    return (main, *(one.waiting for one in prepare_annexes(planned, services, at)))
