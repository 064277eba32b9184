"""Whose turn a result is: what the plan asks before a step, against where the result stands.

Knows preconditions and states (model.md §3.4, §4). Must not know callers, certificates or files: whether the signature
that a step waits for really stands in the file is asked by that step itself (I11).
"""

from types import MappingProxyType
from typing import Final

from api.callers import Role
from api.errors import ContentFrozen, Forbidden, SealBeforeSignature, StateConflict
from api.records.plan_steps import PlanStep, Precondition, StepObject
from api.records.results import ResultRecord, ResultState

_STATES: Final = MappingProxyType(
    {
        Precondition.DRAFTED: ResultState.DRAFTED,
        Precondition.NUMBER_IN_TEXT: ResultState.NUMBERED,
        Precondition.PERSON_SIGNED: ResultState.APPROVED,
        Precondition.ALL_SIGNED: ResultState.SEALED,
    }
)
UNSIGNED: Final = frozenset({ResultState.DRAFTED, ResultState.APPRAISED, ResultState.NUMBERED, ResultState.SENT_BACK})
"""On the way, and nobody's signature is in the file."""
FROZEN: Final = frozenset(set(ResultState) - UNSIGNED - {ResultState.VOIDED})
"""I12: a signature stands in the file; number, date and text are fixed."""


def require_signature_turn(record: ResultRecord, role: Role) -> PlanStep:
    """The signature that ``role`` sets in the file of this result, when it is its turn.

    Raises:
        Forbidden: the plan has no such signature. SealBeforeSignature, ContentFrozen, StateConflict: not now.
    """
    step = record.step_for(role)
    if step is None:
        raise Forbidden
    if record.state is _STATES.get(step.precondition) and record.file_sha256 is not None:
        return step
    if step.precondition is Precondition.PERSON_SIGNED and record.state in UNSIGNED:
        raise SealBeforeSignature
    raise ContentFrozen if record.state in FROZEN else StateConflict


def require_turn(record: ResultRecord, signs: StepObject) -> None:
    """Do nothing when the plan's step on something else than the file is due.

    Raises:
        StateConflict: it is not. Results of before plans had such steps: as every plan has it.
    """
    step = record.step_on(signs)
    asked = _USUAL[signs] if step is None else step.precondition
    if record.state is not _STATES.get(asked):
        raise StateConflict


_USUAL: Final = MappingProxyType(
    {StepObject.APPRAISAL: Precondition.DRAFTED, StepObject.EVIDENCE: Precondition.ALL_SIGNED}
)
