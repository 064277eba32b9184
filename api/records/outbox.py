"""Events for the outside, written with the change that they tell about: notices to holders, later portal and SMS.

Knows rows and recipients. Must not know how an event is delivered. A payload holds ids and codes only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.ids import new_id
from api.records.tables import OUTBOX


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event for one recipient."""

    event_id: str
    type: str
    """Such as `role_granted`; the text a person reads is made from it where it is shown."""
    recipient: str
    """Account that is told."""
    payload: Mapping[str, str]
    created_at: datetime


class Outbox:
    """Events in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, type_: str, *, recipient: str, payload: Mapping[str, str], at: datetime) -> str:
        """Record an event; it is there if and only if the caller's transaction commits."""
        event_id = new_id("ntc", at)
        self._tx.execute(
            OUTBOX.insert().values(
                event_id=event_id,
                type=type_,
                recipient=recipient,
                payload=json.dumps(dict(payload), sort_keys=True),
                created_at=to_micros(at),
                attempts=0,
            )
        )
        return event_id

    def for_recipient(self, account_id: str, *, limit: int, before: str | None = None) -> tuple[Notice, ...]:
        """A recipient's events, newest first; `before` is the id that the last page ended with."""
        statement = (
            sa.select(OUTBOX).where(OUTBOX.c.recipient == account_id).order_by(OUTBOX.c.event_id.desc()).limit(limit)
        )
        if before is not None:
            statement = statement.where(OUTBOX.c.event_id < before)
        return tuple(
            Notice(
                event_id=row.event_id,
                type=row.type,
                recipient=row.recipient,
                payload=json.loads(row.payload),
                created_at=from_micros(row.created_at),
            )
            for row in self._tx.execute(statement)
        )
