"""The leader or the clerk sends a result back to be drafted anew; a reserved number becomes void (S04, §3.4)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import ContentFrozen, StateConflict
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.number_withdrawal import required_reason, withdraw_number
from api.usecases.result_step import result_step
from api.usecases.result_turn import FROZEN


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBackResult:
    """Which result, and why."""

    result_id: str
    reason: str
    """For the appraiser and for the register of numbers; 1-500 characters."""


def send_back_result(command: SendBackResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Move an appraised or numbered result to SENT_BACK.

    Raises:
        NotFound, Forbidden (another agency), InputInvalid (no reason), ContentFrozen (it is signed already),
        StateConflict (it is not that far, or was given up).
    """
    reason = required_reason(command.reason)
    with result_step("send_back_result", command.result_id, services, caller, at) as (tx, record, event):
        if record.state in FROZEN:
            raise ContentFrozen
        if record.state is ResultState.NUMBERED:
            by = caller.subject_id or caller.account_id
            changed = withdraw_number(tx, record, state=ResultState.SENT_BACK, reason=reason, by=by, at=at)
        elif record.state is ResultState.APPRAISED:
            changed = Results(tx).change(record, at=at, state=ResultState.SENT_BACK, reason=reason)
        else:
            raise StateConflict
        services.audit.append(tx, event)
    return changed
