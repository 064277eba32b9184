"""A role for an account: one person asks, another decides, the holder is told.

Knows grants, the two-person rule and notices. Must not know tokens: a grant works from the next request on.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from api.callers import Caller, Role
from api.db import Tx
from api.errors import InputInvalid, StateConflict
from api.ids import new_id
from api.records.grants import GrantState, RoleGrant, RoleGrants
from api.records.organisations import Organisations
from api.records.outbox import Outbox
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.two_persons import require_account, require_other_person


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRole:
    """Which role for whom."""

    account_id: str
    role: Role
    org_code: str | None = None
    valid_to: datetime | None = None


def request_role(command: RequestRole, services: Services, caller: Caller, at: datetime) -> RoleGrant:
    """Ask for a role for another person's account; nothing works before the decision.

    Raises:
        InputInvalid: the role cannot be held, or its end is past. NotFound: no such account or unit.
        SamePerson: for an own account.
    """
    if not command.role.is_grantable:
        raise InputInvalid("Vai trò này không cấp được.", "This role cannot be granted.")
    if command.valid_to is not None and command.valid_to <= at:
        raise InputInvalid("Thời hạn đã qua.", "The end lies in the past.")
    grant = RoleGrant(
        grant_id=new_id("grant", at),
        account_id=command.account_id,
        role=command.role,
        org_code=command.org_code,
        state=GrantState.REQUESTED,
        requested_by=caller.account_id,
        requested_at=at,
        valid_to=command.valid_to,
    )
    with services.db.transaction() as tx:
        require_account(tx, command.account_id)
        require_other_person(tx, caller, (command.account_id,))
        if command.org_code is not None:
            Organisations(tx).require_working(command.org_code, at)
        RoleGrants(tx).add(grant)
        _record(tx, services, caller, action="request_role", grant=grant, at=at)
    return grant


def approve_role(grant_id: str, services: Services, caller: Caller, at: datetime) -> RoleGrant:
    """Put a requested role into force; three natural persons: who asks, who approves, who holds.

    Raises:
        NotFound; StateConflict: decided already. SamePerson: the approver asked for it or would hold it.
    """
    with services.db.transaction() as tx:
        grant = _open(tx, grant_id)
        require_other_person(tx, caller, (grant.requested_by, grant.account_id))
        decided = _decide(tx, grant, GrantState.ACTIVE, caller, at)
        _tell(tx, "role_granted", decided, at)
        _record(tx, services, caller, action="approve_role", grant=decided, at=at)
    return decided


def reject_role(grant_id: str, services: Services, caller: Caller, at: datetime) -> RoleGrant:
    """Refuse a requested role. One's own request may be taken back this way.

    Raises:
        NotFound; StateConflict: decided already.
    """
    with services.db.transaction() as tx:
        decided = _decide(tx, _open(tx, grant_id), GrantState.REJECTED, caller, at)
        _record(tx, services, caller, action="reject_role", grant=decided, at=at)
    return decided


def withdraw_role(grant_id: str, services: Services, caller: Caller, at: datetime) -> RoleGrant:
    """Take a role away at once: less power needs no second person.

    Raises:
        NotFound; StateConflict: the role is not in force.
    """
    with services.db.transaction() as tx:
        grant = RoleGrants(tx).get(grant_id)
        if grant.state is not GrantState.ACTIVE:
            raise StateConflict("Vai trò không có hiệu lực.", "The role is not in force.")
        decided = _decide(tx, grant, GrantState.WITHDRAWN, caller, at)
        _tell(tx, "role_withdrawn", decided, at)
        _record(tx, services, caller, action="withdraw_role", grant=decided, at=at)
    return decided


def _open(tx: Tx, grant_id: str) -> RoleGrant:
    grant = RoleGrants(tx).get(grant_id)
    if grant.state is not GrantState.REQUESTED:
        raise StateConflict("Lượt cấp này đã được quyết định.", "This grant has been decided.")
    return grant


def _decide(tx: Tx, grant: RoleGrant, to: GrantState, caller: Caller, at: datetime) -> RoleGrant:
    RoleGrants(tx).move(grant.grant_id, expected=grant.state, to=to, decided_by=caller.account_id, at=at)
    return replace(grant, state=to, decided_by=caller.account_id, decided_at=at)


def _tell(tx: Tx, what: str, grant: RoleGrant, at: datetime) -> None:
    payload = {"grant_id": grant.grant_id, "role": grant.role.value}
    if grant.org_code is not None:
        payload["org_code"] = grant.org_code
    Outbox(tx).add(what, recipient=grant.account_id, payload=payload, at=at)


def _record(tx: Tx, services: Services, caller: Caller, *, action: str, grant: RoleGrant, at: datetime) -> None:
    details = (("holder", grant.account_id), ("granted_role", grant.role.value))
    services.audit.append(
        tx,
        event_of(caller, action, at, object_type="role_grant", object_id=grant.grant_id, details=details),
    )
