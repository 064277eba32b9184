"""Passkeys in one transaction.

Knows the table. Decides nothing about who may register, confirm or remove.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from signing.authorisation import CoseAlgorithm, PasskeyKey
from signing.authorisation_sql.tables import PASSKEYS
from signing.errors import PasskeyRefused, PasskeyUnknown
from signing.keys.recorded import from_micros, micros


class PasskeyState(StrEnum):
    """``STARTED → REGISTERED → ACTIVE``; removing deletes the row."""

    STARTED = "started"
    REGISTERED = "registered"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One passkey of one person."""

    passkey_id: str
    person: str
    label: str
    state: PasskeyState
    challenge: bytes = field(repr=False)
    """What its registration answers to."""
    key: PasskeyKey | None
    """None until it is registered."""
    is_officer: bool
    """Whether it vouches for other persons' passkeys."""
    created_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


class Passkeys:
    """The table seen through one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def get(self, passkey_id: str) -> Passkey:
        """A passkey.

        Raises:
            PasskeyUnknown: there is none.
        """
        row = self._tx.execute(sa.select(PASSKEYS).where(PASSKEYS.c.passkey_id == passkey_id)).one_or_none()
        if row is None:
            raise PasskeyUnknown("there is no such passkey")
        return _passkey_of(row)

    def by_credential(self, credential_id: bytes) -> Passkey:
        """The active passkey with this identifier.

        Raises:
            PasskeyUnknown: there is none, or it is not confirmed.
        """
        found = PASSKEYS.c.credential_id == credential_id
        row = self._tx.execute(
            sa.select(PASSKEYS).where(found, PASSKEYS.c.state == PasskeyState.ACTIVE.value).with_for_update()
        ).one_or_none()
        if row is None:
            raise PasskeyUnknown("the passkey is not in force")
        return _passkey_of(row)

    def listed(self, person: str | None) -> tuple[Passkey, ...]:
        """The passkeys of a person, or everybody's, oldest first."""
        query = sa.select(PASSKEYS).order_by(PASSKEYS.c.passkey_id)
        if person is not None:
            query = query.where(PASSKEYS.c.person == person)
        return tuple(_passkey_of(row) for row in self._tx.execute(query))

    def add(self, passkey: Passkey) -> None:
        """Record a started passkey."""
        self._tx.execute(
            sa.insert(PASSKEYS).values(
                passkey_id=passkey.passkey_id,
                person=passkey.person,
                label=passkey.label,
                state=passkey.state.value,
                challenge=passkey.challenge,
                sign_count=0,
                is_officer=passkey.is_officer,
                created_at=micros(passkey.created_at),
            )
        )

    def register(self, passkey_id: str, key: PasskeyKey) -> None:
        """Store the key of a started passkey.

        Raises:
            PasskeyRefused: it has one, or another passkey has this identifier.
        """
        taken = self._tx.execute(
            sa.select(PASSKEYS.c.passkey_id).where(PASSKEYS.c.credential_id == key.credential_id)
        ).first()
        done = (
            None
            if taken
            else self._change(
                passkey_id,
                PasskeyState.STARTED,
                state=PasskeyState.REGISTERED.value,
                credential_id=key.credential_id,
                spki=key.spki,
                algorithm=int(key.algorithm),
                sign_count=key.sign_count,
            )
        )
        if not done:
            raise PasskeyRefused("the passkey is registered already")

    def activate(self, passkey_id: str, *, by: str, at: datetime, is_officer: bool) -> None:
        """Put a registered passkey into force.

        Raises:
            PasskeyRefused: it is not registered, or in force already.
        """
        values = {"confirmed_by": by, "confirmed_at": micros(at), "is_officer": is_officer}
        if not self._change(passkey_id, PasskeyState.REGISTERED, state=PasskeyState.ACTIVE.value, **values):
            raise PasskeyRefused("only a registered passkey that is not in force can be confirmed")

    def count(self, passkey: Passkey, sign_count: int) -> None:
        """Remember the counter of an accepted answer."""
        self._change(passkey.passkey_id, PasskeyState.ACTIVE, sign_count=sign_count)

    def remove(self, passkey_id: str) -> None:
        """Forget a passkey.

        Raises:
            PasskeyUnknown: there is none.
        """
        if self._tx.execute(sa.delete(PASSKEYS).where(PASSKEYS.c.passkey_id == passkey_id)).rowcount != 1:
            raise PasskeyUnknown("there is no such passkey")

    def forget_started(self, before: datetime, limit: int) -> None:
        """Remove registrations that were begun before a moment and never answered, at most so many."""
        started = sa.and_(PASSKEYS.c.state == PasskeyState.STARTED.value, PASSKEYS.c.created_at < micros(before))
        old = sa.select(PASSKEYS.c.passkey_id).where(started).order_by(PASSKEYS.c.passkey_id).limit(limit)
        found = self._tx.execute(old.with_for_update(skip_locked=True)).scalars().all()
        self._tx.execute(sa.delete(PASSKEYS).where(started, PASSKEYS.c.passkey_id.in_(found)))

    def _change(self, passkey_id: str, before: PasskeyState, **values: object) -> bool:
        done = self._tx.execute(
            sa.update(PASSKEYS)
            .where(PASSKEYS.c.passkey_id == passkey_id, PASSKEYS.c.state == before.value)
            .values(**values)
        )
        return done.rowcount == 1


def _passkey_of(row: sa.Row[tuple[object, ...]]) -> Passkey:
    stored = row._mapping  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    key = None
    if stored["credential_id"] is not None:
        key = PasskeyKey(
            credential_id=stored["credential_id"],
            algorithm=CoseAlgorithm(stored["algorithm"]),
            spki=stored["spki"],
            sign_count=stored["sign_count"],
        )
    return Passkey(
        passkey_id=stored["passkey_id"],
        person=stored["person"],
        label=stored["label"],
        state=PasskeyState(stored["state"]),
        challenge=stored["challenge"],
        key=key,
        is_officer=stored["is_officer"],
        created_at=from_micros(stored["created_at"]),
        confirmed_by=stored["confirmed_by"],
        confirmed_at=None if stored["confirmed_at"] is None else from_micros(stored["confirmed_at"]),
    )
