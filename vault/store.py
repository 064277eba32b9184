"""The object store's contract. Every implementation passes `tests/contracts/test_object_store.py`.

Knows: what a store promises. Must not know: encryption (a store only ever sees ciphertext), citizens, SQL.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from vault.naming import Area, ObjectName

CHUNK: Final = 1024 * 1024
"""Bytes in which stores hand out contents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectInfo:
    """What a store says about an object."""

    name: ObjectName
    size: int
    written_at: datetime
    """By the store's own clock: only for the age of orphans."""
    protected_until: datetime | None
    """Until when the store itself refuses to delete it."""


class ObjectStore(Protocol):
    """A place for immutable objects.

    * A name is written once: of many writers exactly one wins, the others get `AlreadyStored`.
    * An object is whole or absent: no reader and no crash ever shows a part of one.
    * What `put` returned for is durable (disk, not only the page cache, as far as the store can tell).
    * Nothing is ever overwritten or renamed.
    * Every call ends: a store that does not answer raises `StoreUnavailable`.
    """

    def put(self, name: ObjectName, content: Iterable[bytes], *, size: int) -> None:
        """Write a new object.

        Args:
            name: its name, unused so far.
            content: exactly `size` bytes in pieces; consumed once.
            size: total number of bytes.

        Raises:
            AlreadyStored: the name is taken (whatever is stored there).
            StoreUnavailable: nothing is known; use another name for the next try.
            ValueError: the pieces do not add up to `size`; nothing is stored.
        """
        ...

    def read(self, name: ObjectName) -> AbstractContextManager[Iterator[bytes]]:
        """The object's bytes in pieces; `ObjectNotFound`, `StoreUnavailable` (also while reading)."""
        ...

    def stat(self, name: ObjectName) -> ObjectInfo:
        """What the store knows; `ObjectNotFound`, `StoreUnavailable`."""
        ...

    def list(self, area: Area) -> Iterator[ObjectInfo]:
        """All objects of an area in order of their names; foreign objects are left out.

        `protected_until` may be None here where a store tells it only one by one.
        """
        ...

    def protect(self, name: ObjectName, *, until: datetime) -> None:
        """Make the store itself refuse deletion until then; only ever longer, never shorter.

        Raises:
            ObjectNotFound: nothing has this name.
            ObjectProtected: it is protected for longer already.
            StoreUnsuitable: objects of the area WORK are deletable by design.
        """
        ...

    def delete(self, name: ObjectName, *, at: datetime) -> None:
        """Remove an object that is not protected at `at`.

        Raises:
            ObjectNotFound: nothing has this name.
            ObjectProtected: retention is running, or the area keeps everything (LOG).
        """
        ...


def counted(content: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The same pieces, checked to add up to `size`; the last piece is held back until that is known."""
    seen = 0
    held: bytes | None = None
    for piece in content:
        seen += len(piece)
        if seen > size:
            break
        if held is not None:
            yield held
        held = piece
    if seen != size:
        raise ValueError("the content is not as long as announced")
    if held is not None:
        yield held
