"""An appraiser stands by a draft: the approval record of step 2, bound to the digest. The file stays as it is."""

from dataclasses import dataclass, replace
from datetime import datetime

from api.callers import Caller
from api.records.plan_steps import StepObject
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.result_step import result_step
from api.usecases.result_turn import require_turn


@dataclass(frozen=True, slots=True, kw_only=True)
class AppraiseResult:
    """Which draft."""

    result_id: str


def appraise_result(command: AppraiseResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Move a draft to APPRAISED; the ledger keeps the digest of what was appraised.

    Raises:
        NotFound: no such result. Forbidden: it belongs to another agency. StateConflict: it is no draft any more.
    """
    with result_step("appraise_result", command.result_id, services, caller, at) as (tx, record, event):
        require_turn(record, StepObject.APPRAISAL)
        changed = Results(tx).change(
            record, at=at, state=ResultState.APPRAISED, appraised_by=caller.subject_id or caller.account_id
        )
        services.audit.append(tx, replace(event, details=(("draft_sha256", record.draft_sha256),)))
    return changed
