"""Wrapped keys in the table ``signing_keys``.

Knows the table. Knows no way to unwrap a key. Every call is a transaction of its own, because a key
must exist before the transaction that records its certificate begins.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

import sqlalchemy as sa

from signing.keys import KeyKind, WrappedKey

METADATA = sa.MetaData()

SIGNING_KEYS = sa.Table(
    "signing_keys",
    METADATA,
    sa.Column("key_id", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("spki", sa.LargeBinary, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("binding", sa.LargeBinary, nullable=False),
    sa.Column("kek_id", sa.String(16), nullable=False),
    sa.Index("ix_signing_keys_kek_id", "kek_id", "key_id"),
)

Begin = Callable[[], AbstractContextManager[sa.Connection]]


class KeyBlobsSql:
    """The ``RewrappableBlobs`` in the database.

    Args:
        transaction: opens a writing transaction.
        reading: opens a reading one; never waits for a writer.
    """

    def __init__(self, transaction: Begin, reading: Begin) -> None:
        self._transaction = transaction
        self._reading = reading

    def add(self, key_id: str, key: WrappedKey) -> bool:
        """Store a new row; False when the id is taken."""
        try:
            with self._transaction() as tx:
                tx.execute(sa.insert(SIGNING_KEYS).values(key_id=key_id, kind=key.kind.value, **_wrapping(key)))
        except sa.exc.IntegrityError:
            return False
        return True

    def get(self, key_id: str) -> WrappedKey | None:
        """Return the row, or None."""
        query = sa.select(SIGNING_KEYS).where(SIGNING_KEYS.c.key_id == key_id)
        with self._reading() as tx:
            row = tx.execute(query).mappings().first()
        if row is None:
            return None
        return WrappedKey(
            kind=KeyKind(row["kind"]),
            spki=row["spki"],
            wrapped=row["wrapped"],
            binding=row["binding"],
            kek_id=row["kek_id"],
        )

    def remove(self, key_id: str) -> bool:
        """Delete the row; False when there is none."""
        with self._transaction() as tx:
            result = tx.execute(sa.delete(SIGNING_KEYS).where(SIGNING_KEYS.c.key_id == key_id))
            return result.rowcount == 1

    def under(self, kek_id: str, *, after: str = "", limit: int = 200) -> tuple[str, ...]:
        """Return ids of the keys that this key-encryption key wraps, in order, beginning behind ``after``."""
        columns = SIGNING_KEYS.c
        query = (
            sa.select(columns.key_id)
            .where(columns.kek_id == kek_id, columns.key_id > after)
            .order_by(columns.key_id)
            .limit(limit)
        )
        with self._reading() as tx:
            return tuple(tx.execute(query).scalars())

    def rewrap(self, key_id: str, before: WrappedKey, after: WrappedKey) -> bool:
        """Replace the wrapping of a row that still stands as ``before``; False when it does not."""
        columns = SIGNING_KEYS.c
        unchanged = (columns.key_id == key_id, columns.kek_id == before.kek_id, columns.binding == before.binding)
        with self._transaction() as tx:
            result = tx.execute(sa.update(SIGNING_KEYS).where(*unchanged).values(_wrapping(after)))
            return result.rowcount == 1


def _wrapping(key: WrappedKey) -> dict[str, object]:
    return {"spki": key.spki, "wrapped": key.wrapped, "binding": key.binding, "kek_id": key.kek_id}
