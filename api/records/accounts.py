"""Accounts, the natural persons behind them, and the roles they were granted.

Knows the tables of identity and access. Must not know tokens or HTTP, nor decide who may grant.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from api.callers import Role
from api.db import Tx, to_micros
from api.records.tables import ACCOUNTS, ROLE_GRANTS

DEVELOPMENT_ISSUER: Final = "urn:anso:development-identity"
"""Issuer of development accounts: the same for every address of the service, unlike any provider's URL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One login; a natural person may have several."""

    account_id: str
    subject_id: str | None
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRole:
    """A role that an account holds now."""

    role: Role
    org_code: str | None


class Accounts:
    """Accounts and grants in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def by_external(self, issuer: str, external_id: str) -> Account | None:
        """The account of an identity at its issuer."""
        return self._one(sa.and_(ACCOUNTS.c.issuer == issuer, ACCOUNTS.c.external_id == external_id))

    def by_id(self, account_id: str) -> Account | None:
        """The account itself."""
        return self._one(ACCOUNTS.c.account_id == account_id)

    def of_person(self, subject_id: str) -> tuple[str, ...]:
        """The active accounts of a natural person."""
        columns = ACCOUNTS.c
        rows = self._tx.execute(
            sa.select(columns.account_id)
            .where(columns.subject_id == subject_id, columns.status == "active")
            .order_by(columns.account_id)
        )
        return tuple(rows.scalars())

    def with_role(self, role: Role, at: datetime) -> tuple[str, ...]:
        """The active accounts that hold a role at that moment."""
        grants = ROLE_GRANTS.c
        rows = self._tx.execute(
            sa.select(ACCOUNTS.c.account_id)
            .join(ROLE_GRANTS, grants.account_id == ACCOUNTS.c.account_id)
            .where(
                ACCOUNTS.c.status == "active",
                grants.role == role.value,
                grants.state == "active",
                sa.or_(grants.valid_to.is_(None), grants.valid_to > to_micros(at)),
            )
            .distinct()
            .order_by(ACCOUNTS.c.account_id)
        )
        return tuple(rows.scalars())

    def add(self, account: Account, *, issuer: str, external_id: str, at: datetime) -> None:
        """Record a new account."""
        self._tx.execute(
            ACCOUNTS.insert().values(
                account_id=account.account_id,
                issuer=issuer,
                external_id=external_id,
                subject_id=account.subject_id,
                status="active" if account.is_active else "blocked",
                created_at=to_micros(at),
            )
        )

    def held_roles(self, account_id: str, at: datetime) -> tuple[HeldRole, ...]:
        """The roles in force at that moment, oldest grant first."""
        grants = ROLE_GRANTS.c
        rows = self._tx.execute(
            sa.select(grants.role, grants.org_code)
            .where(
                grants.account_id == account_id,
                grants.state == "active",
                sa.or_(grants.valid_to.is_(None), grants.valid_to > to_micros(at)),
            )
            .order_by(grants.decided_at, grants.grant_id)
        )
        return tuple(HeldRole(role=Role(row.role), org_code=row.org_code) for row in rows)

    def _one(self, condition: sa.ColumnElement[bool]) -> Account | None:
        row = self._tx.execute(sa.select(ACCOUNTS).where(condition)).one_or_none()
        if row is None:
            return None
        return Account(account_id=row.account_id, subject_id=row.subject_id, is_active=row.status == "active")
