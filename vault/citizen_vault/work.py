"""Intermediate results (page images, recognised text, unconfirmed fields): encrypted like documents, deletable.

Knows where they are kept. Must not know what they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from vault.catalogue import WorkEntry
from vault.catalogue_sql import Tx, WorkObjects
from vault.citizen_vault.contents import EncryptedContents
from vault.envelope import CitizenKey, binding
from vault.errors import ObjectNotFound
from vault.model import CitizenId
from vault.naming import Area, ObjectName

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkContent:
    """An intermediate result."""

    content: bytes = field(repr=False)
    media_type: str


class WorkShelf:
    """Intermediate results by record (such as `dig_…`) and slot (such as `source`, `page-1`)."""

    def __init__(self, contents: EncryptedContents, key_of: Callable[[Tx, CitizenId], CitizenKey]) -> None:
        self._contents = contents
        self._key_of = key_of

    def stage(
        self, key: CitizenKey, *, record_id: str, slot: str, media_type: str, content: bytes, at: datetime
    ) -> WorkEntry:
        """Encrypt and write a result, without a transaction; it is swept unless `keep` follows."""
        bound_to = binding(key.owner, f"{record_id}/{slot}", _VERSION, media_type)
        written = self._contents.write(key, Area.WORK, content, bound_to)
        return WorkEntry(
            record_id=record_id,
            slot=slot,
            owner=key.owner,
            media_type=media_type,
            size=written.size,
            object_name=written.object_name,
            stored_size=written.stored_size,
            stored_sha256=written.stored_sha256,
            created_at=at,
        )

    def keep(self, tx: Tx, entry: WorkEntry) -> None:
        """Put the staged result in its slot, in place of an older one (whose object is then garbage)."""
        WorkObjects(tx).put(entry)

    def read(self, tx: Tx, record_id: str, slot: str) -> WorkContent:
        """A result; `WorkNotFound`, `IntegrityMismatch`, `StoreUnavailable`."""
        entry = WorkObjects(tx).get(record_id, slot)
        bound_to = binding(entry.owner, f"{record_id}/{slot}", _VERSION, entry.media_type)
        key = self._key_of(tx, entry.owner)
        content = self._contents.read(key, entry.object_name, entry.stored_sha256, bound_to)
        return WorkContent(content=content, media_type=entry.media_type)

    def slots(self, tx: Tx, record_id: str) -> tuple[str, ...]:
        """The slots of a record that hold something."""
        return tuple(entry.slot for entry in WorkObjects(tx).of_record(record_id))

    def forget(self, tx: Tx, record_id: str) -> tuple[str, ...]:
        """Drop all results of a record; gives the garbage for `discard` after the transaction committed."""
        return WorkObjects(tx).remove_record(record_id)

    def discard(self, garbage: tuple[str, ...], at: datetime) -> None:
        """Delete objects that nothing refers to any more; what this misses, the sweep finds."""
        for object_name in garbage:
            try:
                self._contents.store.delete(ObjectName.parse(object_name), at=at)
            except ObjectNotFound:
                continue
