"""Second factors (RFC 6238 codes) and their resets: rows, sealed secrets, the arithmetic of a code.

Knows the tables and TOTP. Must not decide who may reset.
"""

import hashlib
import hmac
import struct
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, VersionConflict
from api.records.sealing import Sealer
from api.records.tables import SECOND_FACTOR_RESETS, SECOND_FACTORS

STEP_S: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20  # RFC 4226 §4 R6: 160 bits


class FactorState(StrEnum):
    """`PENDING → ACTIVE → REMOVED`; a pending one that is never confirmed protects nothing."""

    PENDING = "pending"
    ACTIVE = "active"
    REMOVED = "removed"


class ResetState(StrEnum):
    """`REQUESTED → APPROVED | REJECTED`."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor:
    """One factor of one account."""

    factor_id: str
    account_id: str
    secret: bytes = field(repr=False)
    state: FactorState
    last_counter: int
    """The step of the last accepted code: an older or equal one is a replay (RFC 6238 §5.2)."""
    failures: int
    failed_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorReset:
    """A reset of an account's factor."""

    reset_id: str
    account_id: str
    state: ResetState
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


def code_at(secret: bytes, counter: int) -> str:
    """The code of one 30-second step. RFC 6238 §4 with HMAC-SHA-1, which every authenticator app speaks."""
    digest = hmac.new(secret, struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = digest[-1] & 15
    value = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{value % 10**DIGITS:0{DIGITS}d}"


def matching_counter(secret: bytes, code: str, at: datetime) -> int | None:
    """The step that gives this code: now, one before or one after (RFC 6238 §5.2: clocks drift)."""
    now = int(at.timestamp()) // STEP_S
    for counter in (now, now - 1, now + 1):
        if hmac.compare_digest(code_at(secret, counter).encode(), code.encode()):
            return counter
    return None


class SecondFactors:
    """Factors and resets in one transaction."""

    def __init__(self, tx: Tx, sealer: Sealer) -> None:
        self._tx = tx
        self._sealer = sealer

    def active(self, account_id: str) -> SecondFactor | None:
        """The factor that protects the account now."""
        columns = SECOND_FACTORS.c
        return self._one(sa.and_(columns.account_id == account_id, columns.state == FactorState.ACTIVE.value))

    def get(self, factor_id: str, account_id: str) -> SecondFactor:
        """A factor of that account.

        Raises:
            NotFound: there is none.
        """
        columns = SECOND_FACTORS.c
        found = self._one(sa.and_(columns.factor_id == factor_id, columns.account_id == account_id))
        if found is None:
            raise NotFound
        return found

    def add(self, factor: SecondFactor) -> None:
        """Record a pending factor; an earlier pending one of the account is forgotten."""
        columns = SECOND_FACTORS.c
        self._tx.execute(
            SECOND_FACTORS.delete().where(
                columns.account_id == factor.account_id, columns.state == FactorState.PENDING.value
            )
        )
        self._tx.execute(
            SECOND_FACTORS.insert().values(
                factor_id=factor.factor_id,
                account_id=factor.account_id,
                secret_sealed=self._sealer.seal(factor.secret, _place(factor.factor_id)),
                state=factor.state.value,
                last_counter=factor.last_counter,
                failures=factor.failures,
                created_at=to_micros(factor.created_at),
            )
        )

    def accept(self, factor: SecondFactor, counter: int, state: FactorState) -> None:
        """Remember the step of an accepted code.

        Raises:
            VersionConflict: the same or a later step was accepted meanwhile.
        """
        done = self._tx.execute(
            SECOND_FACTORS.update()
            .where(SECOND_FACTORS.c.factor_id == factor.factor_id, SECOND_FACTORS.c.last_counter < counter)
            .values(last_counter=counter, failures=0, failed_at=None, state=state.value)
        )
        if done.rowcount != 1:
            raise VersionConflict

    def count_failure(self, factor: SecondFactor, failures: int, at: datetime) -> None:
        """Remember a wrong code."""
        self._tx.execute(
            SECOND_FACTORS.update()
            .where(SECOND_FACTORS.c.factor_id == factor.factor_id)
            .values(failures=failures, failed_at=to_micros(at))
        )

    def remove_all(self, account_id: str) -> None:
        """The account has no factor any more; secrets are destroyed."""
        self._tx.execute(SECOND_FACTORS.delete().where(SECOND_FACTORS.c.account_id == account_id))

    def add_reset(self, reset: FactorReset) -> None:
        """Record a requested reset."""
        self._tx.execute(
            SECOND_FACTOR_RESETS.insert().values(
                reset_id=reset.reset_id,
                account_id=reset.account_id,
                state=reset.state.value,
                requested_by=reset.requested_by,
                requested_at=to_micros(reset.requested_at),
            )
        )

    def get_reset(self, reset_id: str) -> FactorReset:
        """A reset.

        Raises:
            NotFound: there is none.
        """
        row = self._tx.execute(
            sa.select(SECOND_FACTOR_RESETS).where(SECOND_FACTOR_RESETS.c.reset_id == reset_id)
        ).one_or_none()
        if row is None:
            raise NotFound("Không có yêu cầu đặt lại này.", "There is no such reset.")
        return FactorReset(
            reset_id=row.reset_id,
            account_id=row.account_id,
            state=ResetState(row.state),
            requested_by=row.requested_by,
            requested_at=from_micros(row.requested_at),
            decided_by=row.decided_by,
            decided_at=None if row.decided_at is None else from_micros(row.decided_at),
        )

    def decide_reset(self, reset_id: str, to: ResetState, *, decided_by: str, at: datetime) -> None:
        """Decide an open reset.

        Raises:
            VersionConflict: it was decided meanwhile.
        """
        columns = SECOND_FACTOR_RESETS.c
        done = self._tx.execute(
            SECOND_FACTOR_RESETS.update()
            .where(columns.reset_id == reset_id, columns.state == ResetState.REQUESTED.value)
            .values(state=to.value, decided_by=decided_by, decided_at=to_micros(at))
        )
        if done.rowcount != 1:
            raise VersionConflict

    def _one(self, condition: sa.ColumnElement[bool]) -> SecondFactor | None:
        row = self._tx.execute(sa.select(SECOND_FACTORS).where(condition)).one_or_none()
        if row is None:
            return None
        return SecondFactor(
            factor_id=row.factor_id,
            account_id=row.account_id,
            secret=self._sealer.unseal(row.secret_sealed, _place(row.factor_id)),
            state=FactorState(row.state),
            last_counter=row.last_counter,
            failures=row.failures,
            failed_at=None if row.failed_at is None else from_micros(row.failed_at),
            created_at=from_micros(row.created_at),
        )


def _place(factor_id: str) -> str:
    return f"second_factors/{factor_id}/secret"
