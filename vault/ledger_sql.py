"""The audit ledger in SQL: appends in the caller's transaction, reads back, hands rows to the check.

Knows: the two tables, how numbers stay exact when many append at once.
Must not know: who may read the ledger (the use-cases decide), what an action means.

The head is a row of its own. Appending locks it (PostgreSQL: row lock; SQLite: the transaction was begun
IMMEDIATE), so numbers have no gap and no double. The lock lasts until the caller commits: append last.
"""

import contextlib
import json
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from vault.ledger import (
    EMPTY_HEAD,
    AuditEvent,
    ChainReport,
    LedgerEntry,
    LedgerHead,
    Outcome,
    UnreadableRow,
    from_micros,
    micros,
    next_entry,
    verify_chain,
)

METADATA: Final = sa.MetaData()
"""The ledger's tables, as migration 0001_ledger makes them."""

_CODE: Final = 128

AUDIT_EVENTS: Final = sa.Table(
    "audit_events",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("action", sa.String(_CODE), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("account_id", sa.String(_CODE), nullable=False),
    sa.Column("role", sa.String(_CODE), nullable=False),
    sa.Column("purpose", sa.String(_CODE), nullable=False),
    sa.Column("request_id", sa.String(_CODE), nullable=False),
    sa.Column("person_id", sa.String(_CODE)),
    sa.Column("org_code", sa.String(_CODE)),
    sa.Column("owner_id", sa.String(_CODE)),
    sa.Column("object_type", sa.String(_CODE)),
    sa.Column("object_id", sa.String(_CODE)),
    sa.Column("reason_code", sa.String(_CODE)),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("entry_hash", sa.String(64), nullable=False),
    sa.Index("ix_audit_events_owner", "owner_id", "sequence"),
    sa.Index("ix_audit_events_object", "object_id", "sequence"),
)

AUDIT_HEAD: Final = sa.Table(
    "audit_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("entry_hash", sa.String(64), nullable=False),
    sa.CheckConstraint("id = 1", name="ck_audit_head_single"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries a listing wants; None means any."""

    owner_id: str | None = None
    object_id: str | None = None
    account_id: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class LedgerSql:
    """The ledger seen through one transaction."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def append(self, event: AuditEvent) -> LedgerEntry:
        """Write the event as the next link; it is there if and only if the caller's transaction commits."""
        head = self._locked_head()
        entry = next_entry(head, event)
        self._tx.execute(sa.insert(AUDIT_EVENTS).values(**_row_of(entry)))
        self._tx.execute(
            sa.update(AUDIT_HEAD)
            .where(AUDIT_HEAD.c.id == 1)
            .values(sequence=entry.sequence, entry_hash=entry.entry_hash)
        )
        return entry

    def head(self) -> LedgerHead:
        """The recorded end of the chain."""
        row = self._tx.execute(sa.select(AUDIT_HEAD.c.sequence, AUDIT_HEAD.c.entry_hash)).one_or_none()
        return EMPTY_HEAD if row is None else LedgerHead(sequence=row.sequence, entry_hash=row.entry_hash)

    def rows(self) -> Generator[LedgerEntry | UnreadableRow]:
        """All rows in order, streamed, for `verify_chain`; one that forms no event is handed out as such."""
        statement = sa.select(AUDIT_EVENTS).order_by(AUDIT_EVENTS.c.sequence)
        with self._tx.execute(statement, execution_options={"yield_per": 1000}) as result:
            for row in result:
                yield _entry_of(row)

    def entries(self, wanted: EntryFilter, *, limit: int, before: int | None = None) -> tuple[LedgerEntry, ...]:
        """The newest matching entries first; `before` is the sequence that the last page ended with."""
        columns = AUDIT_EVENTS.c
        statement = sa.select(AUDIT_EVENTS).order_by(columns.sequence.desc()).limit(limit)
        if before is not None:
            statement = statement.where(columns.sequence < before)
        for name in ("owner_id", "object_id", "account_id", "action"):
            value = getattr(wanted, name)
            if value is not None:
                statement = statement.where(columns[name] == value)
        if wanted.since is not None:
            statement = statement.where(columns.at_us >= micros(wanted.since))
        if wanted.until is not None:
            statement = statement.where(columns.at_us < micros(wanted.until))
        found = (_entry_of(row) for row in self._tx.execute(statement))
        return tuple(entry for entry in found if isinstance(entry, LedgerEntry))

    def _locked_head(self) -> LedgerHead:
        # SQLite knows no FOR UPDATE (SQLAlchemy leaves it out): there the transaction itself is the lock.
        statement = sa.select(AUDIT_HEAD.c.sequence, AUDIT_HEAD.c.entry_hash).with_for_update()
        row = self._tx.execute(statement).one()  # the migration wrote it; without it nothing may be appended
        return LedgerHead(sequence=row.sequence, entry_hash=row.entry_hash)


def check_ledger(tx: Connection, *, anchors: Iterable[LedgerHead] = ()) -> ChainReport:
    """Follow the whole chain; `anchors` are heads recorded outside this database (see `verify_chain`)."""
    ledger = LedgerSql(tx)
    head = ledger.head()
    with contextlib.closing(ledger.rows()) as rows:  # the first break ends the reading; the cursor must not linger
        return verify_chain(rows, head, anchors=anchors)


class AuditLedger:
    """The ledger as the application's services hold it: the transaction comes with each call."""

    def append(self, tx: Connection, event: AuditEvent) -> LedgerEntry:
        """Record the event in the same transaction as the change or read it tells of."""
        return LedgerSql(tx).append(event)


def _row_of(entry: LedgerEntry) -> dict[str, object]:
    event = entry.event
    return {
        "sequence": entry.sequence,
        "at_us": micros(event.at),
        "action": event.action,
        "outcome": event.outcome.value,
        "account_id": event.account_id,
        "role": event.role,
        "purpose": event.purpose,
        "request_id": event.request_id,
        "person_id": event.person_id,
        "org_code": event.org_code,
        "owner_id": event.owner_id,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "reason_code": event.reason_code,
        "details": json.dumps(dict(event.details), sort_keys=True, separators=(",", ":")),
        "previous_hash": entry.previous_hash,
        "entry_hash": entry.entry_hash,
    }


def _entry_of(row: sa.Row[tuple[object, ...]]) -> LedgerEntry | UnreadableRow:
    stored = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's documented name for a row as a mapping
    try:
        details = json.loads(stored.pop("details"))
        event = AuditEvent(
            at=from_micros(stored.pop("at_us")),
            outcome=Outcome(stored.pop("outcome")),
            details=tuple(sorted(details.items())),
            **{name: stored[name] for name in _EVENT_COLUMNS},
        )
    except (ValueError, TypeError, AttributeError, OverflowError):
        return UnreadableRow(sequence=stored["sequence"])
    return LedgerEntry(
        sequence=stored["sequence"],
        event=event,
        previous_hash=stored["previous_hash"],
        entry_hash=stored["entry_hash"],
    )


_EVENT_COLUMNS: Final = tuple(
    column.name
    for column in AUDIT_EVENTS.columns
    if column.name not in {"sequence", "at_us", "outcome", "details", "previous_hash", "entry_hash"}
)
