"""A numbered result is given up: its number becomes void with the reason, and the result goes no further (S04)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import ContentFrozen, StateConflict
from api.records.numbers import NumberRegister
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.number_withdrawal import required_reason
from api.usecases.result_step import result_step
from api.usecases.result_turn import FROZEN


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
    reason = required_reason(command.reason)
    with result_step("void_result", command.result_id, services, caller, at) as (tx, record, event):
        if record.state in FROZEN:
            raise ContentFrozen
        if record.state is not ResultState.NUMBERED:
            raise StateConflict
        NumberRegister(tx).void(record.result_id, reason, at, by=caller.subject_id or caller.account_id)
        changed = Results(tx).change(record, at=at, state=ResultState.VOIDED, reason=reason)
        services.audit.append(tx, event)
    return changed
