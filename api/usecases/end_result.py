"""What becomes of an issued result: given out, corrected, replaced or recalled (model.md §3.4).

Knows the acts and what each does to the document in the owner's vault, whose bytes never change. Must not know how the
public is told: that asks for the document's state.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import InputInvalid, SigningRightMissing, StateConflict, VersionConflict
from api.records.employments import Employments, SigningCapacity
from api.records.organisations import Organisations
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.evidence_reference import require_reference
from api.usecases.number_withdrawal import required_reason
from api.usecases.result_step import result_step
from vault.catalogue_sql import Documents, NewState
from vault.model import DocumentState


class ResultAct(StrEnum):
    """What an agency does with a result that it issued."""

    CORRECTION = "correction"
    REPLACEMENT = "replacement"
    RECALL = "recall"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndResult:
    """Which result, by which act."""

    result_id: str
    act: ResultAct
    act_number: str
    """Number of the agency's document that orders it."""
    reason: str
    replaced_by: str | None = None
    """The result in its place, for a replacement."""


_BECOMES: Final = {
    ResultAct.CORRECTION: ResultState.CORRECTED,
    ResultAct.REPLACEMENT: ResultState.REPLACED,
    ResultAct.RECALL: ResultState.RECALLED,
}
_DOCUMENT: Final = {
    ResultAct.REPLACEMENT: DocumentState.SUPERSEDED,
    ResultAct.RECALL: DocumentState.RECALLED,
}
"""A corrected document stays in force; the act that corrects it goes with it."""
_IN_FORCE: Final = frozenset({ResultState.ISSUED, ResultState.RETURNED, ResultState.CORRECTED})


def end_result(command: EndResult, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Correct, replace or recall an issued result; row, document and ledger change together.

    Raises:
        NotFound, Forbidden (another agency's), SigningRightMissing (the caller signs nothing of this kind),
        InputInvalid (no number or reason, or what shall stand in its place does not fit), StateConflict (it is not
        issued, or not in force any more), VersionConflict.
    """
    require_reference(command.act_number)
    reason = required_reason(command.reason)
    with result_step(f"{command.act.value}_of_result", command.result_id, services, caller, at) as (tx, record, event):
        _require_right(tx, record, caller, at)
        if record.state not in _IN_FORCE:
            raise StateConflict
        _require_successor(tx, record, command)
        changed = Results(tx).change(
            record,
            at=at,
            state=_BECOMES[command.act],
            reason=reason,
            act_number=command.act_number,
            replaced_by=command.replaced_by,
        )
        _change_document(tx, record, command.act, services)
        services.audit.append(tx, event)
    return changed


def return_result(result_id: str, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """Note that an issued result was given to whom it is for (step 5).

    Raises:
        NotFound, Forbidden (another agency's), StateConflict (it is not issued, or was given out).
    """
    with result_step("return_result", result_id, services, caller, at) as (tx, record, event):
        if record.state is not ResultState.ISSUED:
            raise StateConflict
        changed = Results(tx).change(record, at=at, state=ResultState.RETURNED)
        services.audit.append(tx, event)
    return changed


def _require_right(tx: Tx, record: ResultRecord, caller: Caller, at: datetime) -> None:
    """Who may sign such a result for the agency, or for the one that goes on with its work, may act upon it."""
    agency, posts = Organisations(tx).heir_of(record.org_code), Employments(tx)
    rights = (
        posts.right_to_sign(
            caller.subject_id or "", org_code=agency, procedure_code=record.procedure_code, capacity=capacity, at=at
        )
        for capacity in SigningCapacity
    )
    if not any(rights):
        raise SigningRightMissing


def _require_successor(tx: Tx, record: ResultRecord, command: EndResult) -> None:
    if (command.replaced_by is not None) != (command.act is ResultAct.REPLACEMENT):
        raise InputInvalid("Chỉ việc thay thế cần kết quả mới.", "A replacement, and only that, names the new result.")
    if command.replaced_by is None:
        return
    new = Results(tx).get(command.replaced_by)
    same = (new.owner_subject, new.result_type) == (record.owner_subject, record.result_type)
    if new.result_id == record.result_id or new.state not in _IN_FORCE or not same:
        raise InputInvalid(
            "Kết quả thay thế phải cùng loại, cùng chủ và đã phát hành.",
            "What stands in its place is an issued result of the same type and owner.",
        )


def _change_document(tx: Tx, record: ResultRecord, act: ResultAct, services: Services) -> None:
    state = _DOCUMENT.get(act)
    if state is None or record.document_id is None:
        return
    document = Documents(tx).get(record.document_id)
    change = NewState(document_id=document.document_id, seen_version=document.version, state=state)
    if not services.vault.change_state(tx, change):
        raise VersionConflict
