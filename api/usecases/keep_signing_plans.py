"""Versions of signing plans: one person proposes, another decides, and results in flight keep what they have.

Knows the two-person rule and that a plan never reaches back in time. Must not know which steps are sound.
"""

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import NotFound, SigningPlanUnsound, StateConflict
from api.ids import creation_id
from api.records.plan_steps import PlanStep
from api.records.procedures import Procedures
from api.records.result_types import result_type
from api.records.signing_plans import EVERY, PlanKind, PlanScope, PlanState, SigningPlan, SigningPlans
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.evidence_reference import require_reference
from api.usecases.plan_soundness import require_sound
from api.usecases.refusals import refusals_recorded
from api.usecases.two_persons import require_other_person
from vault.ledger import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeSigningPlan:
    """A new version of the plan for a procedure and a result type."""

    kind: PlanKind
    procedure_code: str = EVERY
    result_type: str = EVERY
    steps: tuple[PlanStep, ...]
    basis: str
    """Reference to the document that orders it."""
    valid_from: datetime
    valid_to: datetime | None = None


def propose_signing_plan(command: ProposeSigningPlan, services: Services, caller: Caller, at: datetime) -> SigningPlan:
    """Record a version that nothing follows before another person approves it.

    Raises:
        SigningPlanUnsound: what the law fixes is different, or the time is empty. InputInvalid: no reference, or no
        such result type. NotFound: no such procedure. VersionConflict: another proposal at the same moment.
    """
    require_sound(command.kind, command.steps)
    require_reference(command.basis)
    begins = max(command.valid_from, at)
    if command.valid_to is not None and command.valid_to <= begins:
        raise SigningPlanUnsound("Thời hạn hiệu lực trống hoặc đã qua.", "The time of validity is empty or past.")
    if command.result_type != EVERY:
        result_type(command.result_type)
    plan_id = creation_id("plan", at)
    scope = PlanScope(
        kind=command.kind,
        reading=services.settings.secondary_reading,
        procedure_code=command.procedure_code,
        result_type=command.result_type,
    )
    with services.db.transaction() as tx:
        with contextlib.suppress(NotFound):
            return SigningPlans(tx).get(plan_id)  # an earlier run of this request made it
        if scope.procedure_code != EVERY:
            Procedures(tx).in_force(scope.procedure_code, at)
        plan = SigningPlan(
            plan_id=plan_id,
            scope=scope,
            version=SigningPlans(tx).next_version(scope),
            state=PlanState.PROPOSED,
            steps=command.steps,
            basis=command.basis,
            valid_from=begins,
            valid_to=command.valid_to,
            proposed_by=caller.account_id,
            proposed_at=at,
        )
        SigningPlans(tx).add(plan)
        services.audit.append(tx, _event("propose_signing_plan", plan, caller, at))
    return plan


def approve_signing_plan(plan_id: str, services: Services, caller: Caller, at: datetime) -> SigningPlan:
    """Put a proposed version into force from its day, not earlier than now.

    Raises:
        NotFound; StateConflict: decided already, or its time is over. SamePerson: the proposer approves.
    """
    return _decide(plan_id, PlanState.APPROVED, services, caller, at)


def reject_signing_plan(plan_id: str, services: Services, caller: Caller, at: datetime) -> SigningPlan:
    """Refuse a proposed version. One's own proposal may be taken back this way.

    Raises:
        NotFound; StateConflict: decided already.
    """
    return _decide(plan_id, PlanState.REJECTED, services, caller, at)


def _decide(plan_id: str, to: PlanState, services: Services, caller: Caller, at: datetime) -> SigningPlan:
    with services.db.reading() as tx:
        event = _event(f"{_VERBS[to]}_signing_plan", SigningPlans(tx).get(plan_id), caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        plan = SigningPlans(tx).get(plan_id)
        begins = max(plan.valid_from, at) if to is PlanState.APPROVED else plan.valid_from
        _require_open(tx, plan, to, caller, begins)
        SigningPlans(tx).decide(plan, to=to, by=caller.account_id, valid_from=begins, at=at)
        services.audit.append(tx, event)
    return replace(plan, state=to, valid_from=begins, decided_by=caller.account_id, decided_at=at)


_VERBS = {PlanState.APPROVED: "approve", PlanState.REJECTED: "reject"}


def _require_open(tx: Tx, plan: SigningPlan, to: PlanState, caller: Caller, begins: datetime) -> None:
    if plan.state is not PlanState.PROPOSED:
        raise StateConflict("Quy trình ký này đã được quyết định.", "This signing plan has been decided.")
    if to is PlanState.APPROVED:
        require_other_person(tx, caller, (plan.proposed_by,))
        if plan.valid_to is not None and plan.valid_to <= begins:
            raise StateConflict("Thời hạn của quy trình ký đã qua.", "The time of the signing plan is over.")


def _event(action: str, plan: SigningPlan, caller: Caller, at: datetime) -> AuditEvent:
    scope = plan.scope
    details = (
        ("kind", scope.kind.value),
        ("procedure", scope.procedure_code),
        ("result_type", scope.result_type),
        ("version", str(plan.version)),
    )
    return event_of(caller, action, at, object_type="signing_plan", object_id=plan.plan_id, details=details)
