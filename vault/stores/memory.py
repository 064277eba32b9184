"""The object store in memory: for tests and for models of the other stores; nothing survives the process."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from vault.errors import AlreadyStored, ObjectNotFound, ObjectProtected, StoreUnsuitable
from vault.naming import Area, ObjectName
from vault.store import CHUNK, ObjectInfo, counted


class MemoryStore:
    """Objects in a dictionary, behind the same promises (but durability) as the real stores.

    Args:
        clock: tells the time an object was written.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._objects: dict[ObjectName, tuple[bytes, datetime]] = {}
        self._protected: dict[ObjectName, datetime] = {}

    def put(self, name: ObjectName, content: Iterable[bytes], *, size: int) -> None:
        """See `ObjectStore.put`."""
        whole = b"".join(counted(content, size))
        with self._lock:
            if name in self._objects:
                raise AlreadyStored("the name is taken")
            self._objects[name] = (whole, self._clock())

    @contextmanager
    def read(self, name: ObjectName) -> Iterator[Iterator[bytes]]:
        """See `ObjectStore.read`."""
        content, _ = self._found(name)
        yield (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))

    def stat(self, name: ObjectName) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        content, written_at = self._found(name)
        return ObjectInfo(
            name=name,
            size=len(content),
            written_at=written_at,
            protected_until=self._protected.get(name),
        )

    def list(self, area: Area) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        with self._lock:
            names = sorted((name for name in self._objects if name.area is area), key=str)
        return iter([self.stat(name) for name in names])

    def protect(self, name: ObjectName, *, until: datetime) -> None:
        """See `ObjectStore.protect`."""
        if name.area is Area.WORK:
            raise StoreUnsuitable("objects of this area are deletable")
        self._found(name)
        with self._lock:
            present = self._protected.get(name)
            if present is not None and present > until:
                raise ObjectProtected("retention is never shortened")
            self._protected[name] = until

    def delete(self, name: ObjectName, *, at: datetime) -> None:
        """See `ObjectStore.delete`."""
        self._found(name)
        with self._lock:
            until = self._protected.get(name)
            if name.area is Area.LOG or (until is not None and at < until):
                raise ObjectProtected("retention is running")
            self._objects.pop(name, None)
            self._protected.pop(name, None)

    def _found(self, name: ObjectName) -> tuple[bytes, datetime]:
        with self._lock:
            found = self._objects.get(name)
        if found is None:
            raise ObjectNotFound("no such object")
        return found
