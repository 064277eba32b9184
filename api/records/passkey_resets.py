"""Requests to take a passkey away from a person who lost it, decided by a second person.

Knows the table. The passkeys themselves are the signer's.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, StateConflict

METADATA: Final = sa.MetaData()

_ID: Final = sa.String(40)

PASSKEY_RESETS: Final = sa.Table(
    "passkey_resets",
    METADATA,
    sa.Column("reset_id", _ID, primary_key=True),
    sa.Column("passkey_id", _ID, nullable=False),
    sa.Column("person", _ID, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("requested_by", _ID, nullable=False),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by", _ID),
    sa.Column("decided_at", sa.BigInteger),
)


class PasskeyResetState(StrEnum):
    """``REQUESTED → APPROVED``."""

    REQUESTED = "requested"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyReset:
    """One request."""

    reset_id: str
    passkey_id: str
    person: str
    """Whose passkey it is (``sub_…``)."""
    state: PasskeyResetState
    requested_by: str
    """Account."""
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class PasskeyResets:
    """The table seen through one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, reset: PasskeyReset) -> None:
        """Record a request."""
        self._tx.execute(
            sa.insert(PASSKEY_RESETS).values(
                reset_id=reset.reset_id,
                passkey_id=reset.passkey_id,
                person=reset.person,
                state=reset.state.value,
                requested_by=reset.requested_by,
                requested_at=to_micros(reset.requested_at),
            )
        )

    def get(self, reset_id: str) -> PasskeyReset:
        """A request.

        Raises:
            NotFound: there is none.
        """
        row = self._tx.execute(sa.select(PASSKEY_RESETS).where(PASSKEY_RESETS.c.reset_id == reset_id)).one_or_none()
        if row is None:
            raise NotFound("Không có yêu cầu đặt lại này.", "There is no such reset.")
        return PasskeyReset(
            reset_id=row.reset_id,
            passkey_id=row.passkey_id,
            person=row.person,
            state=PasskeyResetState(row.state),
            requested_by=row.requested_by,
            requested_at=from_micros(row.requested_at),
            decided_by=row.decided_by,
            decided_at=None if row.decided_at is None else from_micros(row.decided_at),
        )

    def approve(self, reset_id: str, *, by: str, at: datetime) -> None:
        """Decide a request.

        Raises:
            StateConflict: it was decided before.
        """
        done = self._tx.execute(
            sa.update(PASSKEY_RESETS)
            .where(PASSKEY_RESETS.c.reset_id == reset_id, PASSKEY_RESETS.c.state == PasskeyResetState.REQUESTED.value)
            .values(state=PasskeyResetState.APPROVED.value, decided_by=by, decided_at=to_micros(at))
        )
        if done.rowcount != 1:
            raise StateConflict("Yêu cầu này đã được quyết định.", "This reset has been decided.")
