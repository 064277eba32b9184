"""How many calls to time-stamp authorities run at once, over all processes that share a data folder or a database.

A place is a lock that the kernel or the database lets go of when its holder dies, so that a killed process never keeps
one. Knows locks and waiting. Must not know what the calls are for.
"""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from api.db import Database, DatabaseUnreachable, Tx

_LOOK_AGAIN_S: Final = 0.02
_OURS: Final = 0x414E534F  # "ANSO": the class of our advisory locks


class FileSlots:
    """Places for the processes of one machine: so many files, each locked by who has the place (embedded)."""

    def __init__(self, folder: Path, places: int) -> None:
        self._folder, self._places = folder, places
        self._here = threading.BoundedSemaphore(places)

    @contextmanager
    def taken(self, wait_s: float) -> Iterator[bool]:
        """A place for one call; False: none came free in time."""
        deadline = time.monotonic() + wait_s
        if not self._here.acquire(timeout=wait_s):
            yield False
            return
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            held = _until(deadline, self._locked)
            try:
                yield held is not None
            finally:
                if held is not None:
                    os.close(held)  # lets go of the lock
        finally:
            self._here.release()

    def _locked(self) -> int | None:
        for number in range(self._places):
            found = os.open(self._folder / f"place-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(found)
            else:
                return found
        return None


class DatabaseSlots:
    """Places for all processes on one PostgreSQL: advisory locks, each held by a transaction as long as its call."""

    def __init__(self, db: Database, places: int) -> None:
        self._db, self._places = db, places
        self._here = threading.BoundedSemaphore(places)

    @contextmanager
    def taken(self, wait_s: float) -> Iterator[bool]:
        """A place for one call; False: none came free in time. Without the database the process's own count holds."""
        deadline = time.monotonic() + wait_s
        if not self._here.acquire(timeout=wait_s):
            yield False
            return
        held = ExitStack()
        try:
            yield self._is_locked(held, deadline)
        finally:
            with suppress(DatabaseUnreachable):  # the lock is gone with the connection
                held.close()
            self._here.release()

    def _is_locked(self, held: ExitStack, deadline: float) -> bool:
        try:
            tx = held.enter_context(self._db.transaction())
            return _until(deadline, lambda: self._locked(tx)) is not None
        except DatabaseUnreachable:
            return True

    def _locked(self, tx: Tx) -> int | None:
        # PostgreSQL §9.28.10: the lock ends with its transaction, also when the connection is lost
        ask = "SELECT pg_try_advisory_xact_lock(%s, %s)"
        found = (one for one in range(self._places) if tx.exec_driver_sql(ask, (_OURS, one)).scalar())
        return next(found, None)


def _until(deadline: float, look: Callable[[], int | None]) -> int | None:
    while (found := look()) is None and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_S)
    return found
