"""Intermediate results in SQL: where each one is kept."""

import sqlalchemy as sa
from sqlalchemy import Connection

from vault.catalogue import WorkEntry
from vault.catalogue_sql.tables import WORK
from vault.errors import WorkNotFound
from vault.ledger import from_micros, micros
from vault.model import CitizenId


class WorkObjects:
    """Intermediate results in one transaction."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def put(self, entry: WorkEntry) -> str | None:
        """Note where a result is kept; gives the name of the object that it replaces, which is then garbage."""
        place = sa.and_(WORK.c.record_id == entry.record_id, WORK.c.slot == entry.slot)
        replaced: str | None = self._tx.execute(sa.select(WORK.c.object_name).where(place)).scalar_one_or_none()
        self._tx.execute(sa.delete(WORK).where(place))
        self._tx.execute(
            WORK.insert().values(
                record_id=entry.record_id,
                slot=entry.slot,
                citizen_id=entry.owner,
                media_type=entry.media_type,
                size=entry.size,
                object_name=entry.object_name,
                stored_size=entry.stored_size,
                stored_sha256=entry.stored_sha256,
                created_at=micros(entry.created_at),
            )
        )
        return replaced

    def get(self, record_id: str, slot: str) -> WorkEntry:
        """Where a result is kept; `WorkNotFound`."""
        row = self._tx.execute(sa.select(WORK).where(WORK.c.record_id == record_id, WORK.c.slot == slot)).one_or_none()
        if row is None:
            raise WorkNotFound("no such intermediate result")
        return _entry(row)

    def of_record(self, record_id: str) -> tuple[WorkEntry, ...]:
        """All results of a record."""
        statement = sa.select(WORK).where(WORK.c.record_id == record_id).order_by(WORK.c.slot)
        return tuple(_entry(row) for row in self._tx.execute(statement))

    def remove_record(self, record_id: str) -> tuple[str, ...]:
        """Forget all results of a record; gives their objects' names, which are then garbage."""
        names = tuple(entry.object_name for entry in self.of_record(record_id))
        self._tx.execute(sa.delete(WORK).where(WORK.c.record_id == record_id))
        return names

    def knows_object(self, object_name: str) -> bool:
        """Whether a record has this object."""
        statement = sa.select(WORK.c.object_name).where(WORK.c.object_name == object_name)
        return self._tx.execute(statement).one_or_none() is not None


def _entry(row: sa.Row[tuple[object, ...]]) -> WorkEntry:
    return WorkEntry(
        record_id=row.record_id,
        slot=row.slot,
        owner=CitizenId(row.citizen_id),
        media_type=row.media_type,
        size=row.size,
        object_name=row.object_name,
        stored_size=row.stored_size,
        stored_sha256=row.stored_sha256,
        created_at=from_micros(row.created_at),
    )
