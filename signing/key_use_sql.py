"""The chain of key uses in SQL: appended by any number of threads and processes, read back for the check.

Knows the two tables and how numbers stay exact. The head is a row of its own; appending locks it (PostgreSQL:
row lock; SQLite: the transaction was begun IMMEDIATE). Waiting threads of a process are written together, in
one transaction: a time-stamp unit under load pays one commit for many entries.
"""

import contextlib
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager
from typing import Final

import sqlalchemy as sa

from signing.errors import KeyUseNotRecorded
from signing.keys.recorded import (
    EMPTY_HEAD,
    KeyUse,
    KeyUseEntry,
    KeyUseHead,
    KeyUseKind,
    KeyUseReport,
    UnreadableEntry,
    from_micros,
    head_of,
    micros,
    next_entry,
    verify_key_uses,
)

METADATA: Final = sa.MetaData()

KEY_USES: Final = sa.Table(
    "key_uses",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("key_id", sa.String(64), nullable=False),
    sa.Column("algorithm", sa.String(24), nullable=False),
    sa.Column("data_sha256", sa.String(64), nullable=False, index=True),
    sa.Column("signature_sha256", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("entry_hash", sa.String(64), nullable=False),
)

KEY_USE_HEAD: Final = sa.Table(
    "key_use_head",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("entry_hash", sa.String(64), nullable=False),
    sa.CheckConstraint("id = 1", name="ck_key_use_head_single"),
)

Begin = Callable[[], AbstractContextManager[sa.Connection]]
AppendUses = Callable[[sa.Connection, Iterable[KeyUse]], KeyUseHead]
"""``append_uses``, for who writes other things in the same transaction."""
_MAX_BATCH: Final = 500
_INSERT: Final = sa.insert(KEY_USES)
_LOCK_HEAD: Final = sa.select(KEY_USE_HEAD.c.sequence, KEY_USE_HEAD.c.entry_hash).with_for_update()
_MOVE_HEAD: Final = (
    sa.update(KEY_USE_HEAD)
    .where(KEY_USE_HEAD.c.id == 1)
    .values(sequence=sa.bindparam("to_sequence"), entry_hash=sa.bindparam("to_hash"))
)


class _Waiting:
    """One use on its way into the chain."""

    __slots__ = ("error", "is_done", "use")

    def __init__(self, use: KeyUse) -> None:
        self.use = use
        self.is_done = False
        self.error: Exception | None = None


class KeyUseLogSql:
    """The ``KeyUseLog`` in the database.

    Args:
        transaction: opens a writing transaction; durable when it ends without an error.
    """

    def __init__(self, transaction: Begin) -> None:
        self._transaction = transaction
        self._queue: list[_Waiting] = []
        self._queueing = threading.Lock()
        self._writing = threading.Lock()

    def append(self, use: KeyUse) -> None:
        """Write the use as the chain's next entry, together with those that wait beside it.

        Raises:
            KeyUseNotRecorded: it was not written, or the answer of the database was lost.
        """
        mine = _Waiting(use)
        with self._queueing:
            self._queue.append(mine)
        with self._writing:  # whoever is next writes for everybody who came meanwhile
            while not mine.is_done:
                self._write_batch()
        if mine.error is not None:
            raise KeyUseNotRecorded("the use of the key could not be recorded") from mine.error

    def _write_batch(self) -> None:
        with self._queueing:
            batch, self._queue = self._queue[:_MAX_BATCH], self._queue[_MAX_BATCH:]
        error: Exception | None = None
        try:
            with self._transaction() as tx:
                append_uses(tx, [one.use for one in batch])
        except Exception as err:  # noqa: BLE001 - whatever the database or its driver says, nothing is released
            error = err
        for one in batch:
            one.error = error
            one.is_done = True


def append_uses(tx: sa.Connection, uses: Iterable[KeyUse]) -> KeyUseHead:
    """Write the uses as the chain's next entries within the caller's transaction; returns the new head."""
    row = tx.execute(_LOCK_HEAD).one()  # the migration wrote it; without it nothing may be appended
    head = KeyUseHead(sequence=row.sequence, entry_hash=row.entry_hash)
    rows = []
    for use in uses:
        entry = next_entry(head, use)
        rows.append(_row_of(entry))
        head = head_of(entry)
    tx.execute(_INSERT, rows)
    tx.execute(_MOVE_HEAD, {"to_sequence": head.sequence, "to_hash": head.entry_hash})
    return head


class KeyUses:
    """The chain seen through one transaction."""

    def __init__(self, tx: sa.Connection) -> None:
        self._tx = tx

    def head(self) -> KeyUseHead:
        """The recorded end of the chain."""
        row = self._tx.execute(sa.select(KEY_USE_HEAD.c.sequence, KEY_USE_HEAD.c.entry_hash)).one_or_none()
        return EMPTY_HEAD if row is None else KeyUseHead(sequence=row.sequence, entry_hash=row.entry_hash)

    def rows(self) -> Generator[KeyUseEntry | UnreadableEntry]:
        """All rows in order, streamed, for ``verify_key_uses``."""
        statement = sa.select(KEY_USES).order_by(KEY_USES.c.sequence)
        with self._tx.execute(statement, execution_options={"yield_per": 1000}) as result:
            for row in result:
                yield _entry_of(row)

    def check(self, *, anchors: Iterable[KeyUseHead] = ()) -> KeyUseReport:
        """Follow the whole chain; ``anchors`` are heads recorded outside these tables."""
        head = self.head()
        with contextlib.closing(self.rows()) as rows:  # the first break ends the reading; no cursor lingers
            return verify_key_uses(rows, head, anchors=anchors)

    def certificates(self) -> Generator[tuple[int, str]]:
        """Number and SHA-256 (hex) of the to-be-signed part of every certificate that was signed, streamed."""
        kinds = (KeyUseKind.CERTIFICATE.value, KeyUseKind.ADOPTED.value)
        columns = KEY_USES.c
        query = sa.select(columns.sequence, columns.data_sha256).where(columns.kind.in_(kinds))
        with self._tx.execute(query.order_by(columns.sequence), execution_options={"yield_per": 1000}) as result:
            for row in result:
                yield row.sequence, row.data_sha256


def _row_of(entry: KeyUseEntry) -> dict[str, object]:
    use = entry.use
    return {
        "sequence": entry.sequence,
        "at_us": micros(use.at),
        "key_id": use.key_id,
        "algorithm": use.algorithm,
        "data_sha256": use.data_sha256,
        "signature_sha256": use.signature_sha256,
        "kind": use.kind.value,
        "previous_hash": entry.previous_hash,
        "entry_hash": entry.entry_hash,
    }


def _entry_of(row: sa.Row[tuple[object, ...]]) -> KeyUseEntry | UnreadableEntry:
    stored = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name for a row as a mapping
    try:
        use = KeyUse(
            at=from_micros(stored["at_us"]),
            key_id=stored["key_id"],
            algorithm=stored["algorithm"],
            data_sha256=stored["data_sha256"],
            signature_sha256=stored["signature_sha256"],
            kind=KeyUseKind(stored["kind"]),
        )
    except (ValueError, TypeError, OverflowError):
        return UnreadableEntry(sequence=stored["sequence"])
    return KeyUseEntry(
        sequence=stored["sequence"],
        use=use,
        previous_hash=stored["previous_hash"],
        entry_hash=stored["entry_hash"],
    )
