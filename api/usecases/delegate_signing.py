"""The head of an agency lets another official sign in the agency's name for a time (TUQ, Decree 30/2020 Art. 13).

The delegate signs with the own certificate; beside it stands the seal of the delegating agency (I14). The right has a
written basis and dates, and is not passed on (S18). Knows posts and rights. Must not know certificates.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import DelegationInvalid, DelegationPassedOn, SigningRightMissing
from api.records.employments import Employment, Employments, SigningCapacity, SigningRight
from api.records.organisations import Organisations
from api.records.procedures import Procedures
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.evidence_reference import is_reference, ledger_form
from api.usecases.refusals import refusals_recorded
from signing.registry_sql import RegistrySql
from vault.ledger import AuditEvent

_LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateSigning:
    """What is delegated to which post, for how long, on which written basis."""

    org_code: str
    employment_id: str
    procedure_code: str
    valid_from: datetime
    valid_to: datetime
    """First moment at which the right is over."""
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A delegated right as it stands."""

    employment_id: str
    org_code: str
    right: SigningRight


def delegate_signing(command: DelegateSigning, services: Services, caller: Caller, at: datetime) -> Delegation:
    """Give the right.

    Raises:
        SigningRightMissing: the caller is not the head with that right. DelegationPassedOn: the caller's own right is a
        delegated one. DelegationInvalid: no basis, no time, not a post of the agency or of one directly below it, the
        own post, or delegated in that time already. NotFound: no such post or procedure.
    """
    right = SigningRight(
        procedure_code=command.procedure_code,
        capacity=SigningCapacity.TUQ,
        basis=command.basis,
        # a right never reaches back: what was signed without it stays signed without it
        valid_from=max(command.valid_from, at),
        valid_to=command.valid_to,
        for_org=command.org_code,
        granted_by=caller.subject_id,
    )
    event = _event("delegate_signing", command.employment_id, command.org_code, command.procedure_code, caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        _require_written(command, at)
        _require_head(tx, command, caller, at)
        Procedures(tx).in_force(command.procedure_code, at)
        posts = Employments(tx)
        post = posts.get(command.employment_id)
        _require_delegate(tx, post, command, caller, at)
        RegistrySql(tx).take_turn(post.employment_id)
        if posts.is_delegated_in(post.employment_id, right):
            raise DelegationInvalid("Vị trí này đã được ủy quyền.", "This post has this delegation in that time.")
        posts.add_right(post.employment_id, right)
        services.audit.append(tx, replace(event, details=(*event.details, ("basis", ledger_form(command.basis)))))
    return Delegation(employment_id=post.employment_id, org_code=command.org_code, right=right)


def withdraw_delegation(
    employment_id: str, procedure_code: str, org_code: str, *, services: Services, caller: Caller, at: datetime
) -> None:
    """End a delegation at once, also one that has not begun; less power needs no second person.

    Raises:
        SigningRightMissing: the caller is not the head of that agency. DelegationInvalid: there is none left to end.
    """
    event = _event("withdraw_delegation", employment_id, org_code, procedure_code, caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        if not _is_head(tx, org_code, procedure_code, caller, at):
            raise SigningRightMissing
        if not Employments(tx).end_delegations(employment_id, procedure_code, org_code, at):
            raise DelegationInvalid("Không có ủy quyền nào để chấm dứt.", "There is no such delegation to end.")
        services.audit.append(tx, event)


def _event(  # noqa: PLR0917 - what a line of the ledger says, in its order
    action: str, employment_id: str, org_code: str, procedure_code: str, caller: Caller, at: datetime
) -> AuditEvent:
    details = (("org_code", org_code), ("procedure", procedure_code))
    return event_of(caller, action, at, object_type="employment", object_id=employment_id, details=details)


def _require_written(command: DelegateSigning, at: datetime) -> None:
    if not is_reference(command.basis):
        raise DelegationInvalid("Cần số văn bản ủy quyền.", "The number of the written basis is needed.")
    begins = max(command.valid_from, at)
    if not begins < command.valid_to <= command.valid_from + _LONGEST:
        raise DelegationInvalid("Thời hạn ủy quyền không hợp lệ.", "The time of the delegation is not valid.")


def _require_head(tx: Tx, command: DelegateSigning, caller: Caller, at: datetime) -> None:
    if _is_head(tx, command.org_code, command.procedure_code, caller, at):
        return
    delegated = caller.subject_id is not None and Employments(tx).right_to_sign(
        caller.subject_id,
        org_code=command.org_code,
        procedure_code=command.procedure_code,
        capacity=SigningCapacity.TUQ,
        at=at,
    )
    raise DelegationPassedOn if delegated else SigningRightMissing


def _is_head(tx: Tx, org_code: str, procedure_code: str, caller: Caller, at: datetime) -> bool:
    if caller.subject_id is None:
        return False
    right = Employments(tx).right_to_sign(
        caller.subject_id, org_code=org_code, procedure_code=procedure_code, capacity=SigningCapacity.HEAD, at=at
    )
    return right is not None


def _require_delegate(tx: Tx, post: Employment, command: DelegateSigning, caller: Caller, at: datetime) -> None:
    Organisations(tx).require_working(command.org_code, at)
    unit = Organisations(tx).require_working(post.org_code, at)
    is_below = command.org_code in (unit.org_code, unit.parent_code)
    if post.subject_id == caller.subject_id or not is_below or not post.holds_at(command.valid_from):
        raise DelegationInvalid(
            "Chỉ ủy quyền cho người khác trong cơ quan hoặc đơn vị trực thuộc.",
            "A delegate is another person of the agency or of a unit directly below it.",
        )
