"""The object store in a folder: durable at power loss, whole or absent under kill -9, no server needed.

Knows: temporary file + fsync + link + fsync of the folders; abandoned temporary files by their lost lock.
Must not know: what the bytes mean.

Retention here is advisory: it stops the application and mistakes (read-only file, a note beside it), not
whoever owns the disk. The ledger makes that evident; a server with object lock prevents it.
"""

import contextlib
import errno
import fcntl
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from vault.errors import AlreadyStored, InvalidName, ObjectNotFound, ObjectProtected, StoreUnavailable, StoreUnsuitable
from vault.naming import Area, ObjectName
from vault.store import CHUNK, ObjectInfo, counted

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TEMPORARY: Final = ".tmp"
_RETENTION: Final = ".retention"
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_PROTECTED_MODE: Final = 0o400


class DirectoryStore:
    """Objects as files below one folder; made when missing, swept of abandoned temporary files when opened.

    Args:
        root: the store's own folder, on one file system that knows hard links.

    Raises:
        StoreUnavailable: the folder cannot be made or read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        with _as_unavailable():
            for name in (_TEMPORARY, _RETENTION, *Area):
                (root / name).mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            _sync_folder(root)
            self.swept = self._sweep()
            """Abandoned temporary files that opening removed."""

    def put(self, name: ObjectName, content: Iterable[bytes], *, size: int) -> None:
        """See `ObjectStore.put`."""
        final = self._path(name)
        with _as_unavailable(), self._temporary() as (path, file):
            for piece in counted(content, size):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            for folder in (final.parent.parent, final.parent):
                folder.mkdir(mode=_FOLDER_MODE, exist_ok=True)
            try:
                # link, not rename: rename would silently replace what is there
                os.link(path, final)
            except FileExistsError as err:
                raise AlreadyStored("the name is taken") from err
            # Always all of them: another writer may have made a folder and not yet synced its parent.
            for folder in (final.parent, final.parent.parent, final.parent.parent.parent):
                _sync_folder(folder)

    @contextmanager
    def read(self, name: ObjectName) -> Iterator[Iterator[bytes]]:
        """See `ObjectStore.read`."""
        with _as_unavailable():
            try:
                file = self._path(name).open("rb")
            except FileNotFoundError as err:
                raise ObjectNotFound("no such object") from err
        with file:
            yield _pieces(file)

    def stat(self, name: ObjectName) -> ObjectInfo:
        """See `ObjectStore.stat`."""
        with _as_unavailable():
            try:
                found = self._path(name).stat()
            except FileNotFoundError as err:
                raise ObjectNotFound("no such object") from err
            return ObjectInfo(
                name=name,
                size=found.st_size,
                written_at=_EPOCH + timedelta(microseconds=found.st_mtime_ns // 1000),
                protected_until=self._protected_until(name),
            )

    def list(self, area: Area) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        with _as_unavailable():
            for path in sorted((self._root / area).rglob("*")):
                try:
                    name = ObjectName.parse(path.relative_to(self._root).as_posix())
                    yield self.stat(name)
                except (InvalidName, ObjectNotFound):
                    continue  # a folder, a foreign file, or an object that was deleted meanwhile

    def protect(self, name: ObjectName, *, until: datetime) -> None:
        """See `ObjectStore.protect`."""
        if name.area is Area.WORK:
            raise StoreUnsuitable("objects of this area are deletable")
        present = self.stat(name).protected_until
        if present is not None and present > until:
            raise ObjectProtected("retention is never shortened")
        note = self._note(name)
        with _as_unavailable(), self._temporary() as (path, file):
            file.write(str((until - _EPOCH) // timedelta(microseconds=1)).encode())
            file.flush()
            os.fsync(file.fileno())
            path.replace(note)
            _sync_folder(note.parent)
            self._path(name).chmod(_PROTECTED_MODE)

    def delete(self, name: ObjectName, *, at: datetime) -> None:
        """See `ObjectStore.delete`."""
        until = self.stat(name).protected_until
        if name.area is Area.LOG or (until is not None and at < until):
            raise ObjectProtected("retention is running")
        with _as_unavailable():
            self._path(name).unlink(missing_ok=True)
            _sync_folder(self._path(name).parent)
            self._note(name).unlink(missing_ok=True)

    def _path(self, name: ObjectName) -> Path:
        return self._root / str(name)

    def _note(self, name: ObjectName) -> Path:
        return self._root / _RETENTION / f"{name.area.value}-{name.leaf}"

    def _protected_until(self, name: ObjectName) -> datetime | None:
        try:
            return _EPOCH + timedelta(microseconds=int(self._note(name).read_text()))
        except FileNotFoundError:
            return None

    @contextmanager
    def _temporary(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A new file that nobody sees, locked while its writer lives, gone at the end."""
        path = self._root / _TEMPORARY / secrets.token_hex(16)
        file = self._locked_file(path)
        try:
            with file:
                yield path, file
        finally:
            path.unlink(missing_ok=True)

    def _locked_file(self, path: Path) -> BinaryIO:
        while True:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            # a sweeper may have taken the lock, and the file, between the two calls
            if os.fstat(descriptor).st_nlink:
                return os.fdopen(descriptor, "wb")
            os.close(descriptor)

    def _sweep(self) -> int:
        """Remove temporary files whose writer is dead: the kernel gave its lock back."""
        swept = 0
        for path in (self._root / _TEMPORARY).iterdir():
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue  # somebody is writing it
                path.unlink()
                swept += 1
        return swept


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while True:
        with _as_unavailable():
            piece = file.read(CHUNK)
        if not piece:
            return
        yield piece


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """Turn the operating system's failures (no room, no rights, broken disk) into the store's error."""
    try:
        yield
    except OSError as err:
        name = errno.errorcode.get(err.errno or 0, "OSError")
        raise StoreUnavailable(f"the folder refused: {name}") from err
