"""Grants of roles to accounts, from the request of one person to the decision of another.

Knows the grants' rows and states. Must not decide who may grant: that is the use-case's rule.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from api.callers import Role
from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, VersionConflict
from api.records.tables import ROLE_GRANTS


class GrantState(StrEnum):
    """`REQUESTED → ACTIVE → WITHDRAWN`, `REQUESTED → REJECTED`."""

    REQUESTED = "requested"
    ACTIVE = "active"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """One role for one account."""

    grant_id: str
    account_id: str
    role: Role
    org_code: str | None
    state: GrantState
    requested_by: str
    """Account that asked."""
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    valid_to: datetime | None = None


class RoleGrants:
    """Grants in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def get(self, grant_id: str) -> RoleGrant:
        """The grant of that id.

        Raises:
            NotFound: there is none.
        """
        row = self._tx.execute(sa.select(ROLE_GRANTS).where(ROLE_GRANTS.c.grant_id == grant_id)).one_or_none()
        if row is None:
            raise NotFound("Không có lượt cấp vai trò này.", "There is no such role grant.")
        return _grant(row)

    def page(self, *, account_id: str | None, limit: int, before: str | None = None) -> tuple[RoleGrant, ...]:
        """Grants, newest first; `before` is the id that the last page ended with."""
        statement = sa.select(ROLE_GRANTS).order_by(ROLE_GRANTS.c.grant_id.desc()).limit(limit)
        if account_id is not None:
            statement = statement.where(ROLE_GRANTS.c.account_id == account_id)
        if before is not None:
            statement = statement.where(ROLE_GRANTS.c.grant_id < before)
        return tuple(_grant(row) for row in self._tx.execute(statement))

    def add(self, grant: RoleGrant) -> None:
        """Record a grant."""
        self._tx.execute(
            ROLE_GRANTS.insert().values(
                grant_id=grant.grant_id,
                account_id=grant.account_id,
                role=grant.role.value,
                org_code=grant.org_code,
                state=grant.state.value,
                requested_by=grant.requested_by,
                requested_at=to_micros(grant.requested_at),
                decided_by=grant.decided_by,
                decided_at=None if grant.decided_at is None else to_micros(grant.decided_at),
                valid_to=None if grant.valid_to is None else to_micros(grant.valid_to),
            )
        )

    def move(self, grant_id: str, *, expected: GrantState, to: GrantState, decided_by: str, at: datetime) -> None:
        """Move a grant on, if nobody did so since it was read.

        Raises:
            VersionConflict: it is no longer in the expected state.
        """
        moved = self._tx.execute(
            ROLE_GRANTS.update()
            .where(ROLE_GRANTS.c.grant_id == grant_id, ROLE_GRANTS.c.state == expected.value)
            .values(state=to.value, decided_by=decided_by, decided_at=to_micros(at))
        )
        if moved.rowcount != 1:
            raise VersionConflict


def _grant(row: sa.Row[tuple[object, ...]]) -> RoleGrant:
    return RoleGrant(
        grant_id=row.grant_id,
        account_id=row.account_id,
        role=Role(row.role),
        org_code=row.org_code,
        state=GrantState(row.state),
        requested_by=row.requested_by,
        requested_at=from_micros(row.requested_at),
        decided_by=row.decided_by,
        decided_at=None if row.decided_at is None else from_micros(row.decided_at),
        valid_to=None if row.valid_to is None else from_micros(row.valid_to),
    )
