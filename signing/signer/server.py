"""The signer's door: a unix socket that only named accounts may use, with bounds on everything that comes in.

Knows sockets, threads and time limits. Must not know keys or authorisations: it hands frames to ``answer``.
"""

import contextlib
import os
import socket
import stat
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signing.errors import KeyUnavailable
from signing.signer import wire

MAX_CONNECTIONS: Final = 32
_CREDENTIALS: Final = struct.Struct("3i")  # struct ucred: pid, uid, gid
_BUSY: Final = {"error": KeyUnavailable.code, "message": "the signer is busy"}
_NOT_NOW: Final = {"error": KeyUnavailable.code, "message": "the signer cannot do this now"}
_LOOK_AROUND_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How patient the door is, in seconds."""

    idle_s: float = 60.0
    """A connection on which nothing is asked: many processes share few seats."""
    frame_s: float = 10.0
    """One request, from its first byte to its last."""
    send_s: float = 10.0
    end_s: float = 20.0
    """How long requests that are being answered may take once the door closes."""
    connections: int = MAX_CONNECTIONS


@dataclass(slots=True, kw_only=True)
class Server:
    """Listens until it is told to stop.

    Raises (``open``):
        OSError: the socket cannot be made there, or another signer listens.
    """

    path: Path
    answer: Callable[[wire.Head, bytes], tuple[wire.Head, bytes]]
    allowed: frozenset[int]
    """Accounts (uid) that may ask."""
    on_error: Callable[[BaseException], None]
    """Told of what was no refusal."""
    limits: Limits = field(default_factory=Limits)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _listener: socket.socket | None = None
    _served: dict[threading.Thread, socket.socket] = field(default_factory=dict)
    _serving: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> None:
        """Make the socket: 0600 when only our own account may ask, else open to all and asked by credentials."""
        if _somebody_listens(self.path):
            raise FileExistsError(f"a signer listens at {self.path.name} already")
        with contextlib.suppress(FileNotFoundError):
            if stat.S_ISSOCK(self.path.lstat().st_mode):
                self.path.unlink()  # of a signer that was killed
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        is_ours_alone = self.allowed == {os.getuid()}
        before = os.umask(0o177)
        try:
            listener.bind(str(self.path))
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(before)
        if not is_ours_alone:
            self.path.chmod(0o666)  # who may ask is decided by the kernel's word on the caller, below
        listener.listen(self.limits.connections)
        listener.settimeout(_LOOK_AROUND_S)
        self._listener = listener

    def run(self) -> None:
        """Serve until ``stop``; the socket file is removed at the end."""
        listener = self._listener
        if listener is None:
            raise RuntimeError("open() comes first")
        room = threading.BoundedSemaphore(self.limits.connections)
        try:
            while not self._stopping.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                except OSError as err:  # out of file descriptors: it may pass, and a signer that ends does not
                    self.on_error(err)
                    self._stopping.wait(_LOOK_AROUND_S)
                    continue
                self._admit(connection, room)
        finally:
            listener.close()
            self.path.unlink(missing_ok=True)
            self._let_go()

    def stop(self) -> None:
        """Take no more connections; requests that are being answered are finished."""
        self._stopping.set()

    def _admit(self, connection: socket.socket, room: threading.BoundedSemaphore) -> None:
        connection.settimeout(self.limits.send_s)
        if _uid_of(connection) not in self.allowed:
            connection.close()
            return
        if not room.acquire(blocking=False):
            with contextlib.suppress(wire.WireError), connection:
                wire.send_frame(connection, _BUSY)
            return
        thread = threading.Thread(target=self._serve, args=(connection, room), name="signer-connection", daemon=True)
        with self._serving:
            self._served[thread] = connection
        try:
            thread.start()
        except RuntimeError as err:  # out of threads: as above
            self._forget(thread, room)
            connection.close()
            self.on_error(err)

    def _let_go(self) -> None:
        """End who asks nothing at once, and wait for the answers that are under way: a digest is used up by then."""
        with self._serving:
            served = dict(self._served)
        for connection in served.values():
            with contextlib.suppress(OSError):  # it is closed already
                connection.shutdown(socket.SHUT_RD)
        deadline = time.monotonic() + self.limits.end_s
        for thread in served:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _forget(self, thread: threading.Thread, room: threading.BoundedSemaphore) -> None:
        with self._serving:
            self._served.pop(thread, None)
        room.release()

    def _serve(self, connection: socket.socket, room: threading.BoundedSemaphore) -> None:
        try:
            with connection, contextlib.suppress(wire.WireError):
                while not self._stopping.is_set():
                    frame = wire.read_frame(connection, idle_s=self.limits.idle_s, frame_s=self.limits.frame_s)
                    if frame is None:
                        return
                    connection.settimeout(self.limits.send_s)
                    wire.send_frame(connection, *self._answered(*frame))
        finally:
            self._forget(threading.current_thread(), room)

    def _answered(self, head: wire.Head, body: bytes) -> tuple[wire.Head, bytes]:
        try:
            return self.answer(head, body)
        except Exception as err:  # noqa: BLE001 - the door of a process: whatever it was, the next request is served
            self.on_error(err)
            return dict(_NOT_NOW), b""


def _uid_of(connection: socket.socket) -> int:
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(told)[1])


def _somebody_listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True
