"""A numbered result is sent back: its number becomes void with the reason, and the next one follows (S04)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import ContentFrozen, InputInvalid, StateConflict
from api.records.numbers import NumberRegister
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.result_agency import require_agency_post

_REASON_LIMIT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidResult:
    """Which result, and why."""

    result_id: str
    reason: str
    """For the register of numbers; 1-500 characters."""


def void_result(command: VoidResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Give the number up and close the result.

    Raises:
        NotFound, Forbidden (another agency), InputInvalid (no reason), ContentFrozen (it is signed already),
        StateConflict (it has no number).
    """
    reason = command.reason.strip()
    if not 0 < len(reason) <= _REASON_LIMIT:
        raise InputInvalid("Cần nêu lý do, tối đa 500 ký tự.", "A reason of at most 500 characters is needed.")
    with services.db.transaction() as tx:
        record = Results(tx).get(command.result_id)
        require_agency_post(tx, record, caller, at)
        if record.state in {ResultState.APPROVED, ResultState.SEALED, ResultState.ISSUED}:
            raise ContentFrozen
        if record.state is not ResultState.NUMBERED:
            raise StateConflict
        NumberRegister(tx).void(record.result_id, reason, at)
        changed = Results(tx).change(record, at=at, state=ResultState.VOIDED)
        services.audit.append(
            tx,
            event_of(
                caller,
                "void_result",
                at,
                object_type="result",
                object_id=record.result_id,
                owner_id=record.owner_subject,
            ),
        )
    return changed
