"""A time-stamp authority over HTTP on loopback that answers as it is told: rightly, wrongly, late or never.

Counts what reaches it: how often it was asked, and how many callers waited at the same time.
"""

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from asn1crypto import tsp

from signing.tsa import Failure, refusal
from tests.fakes.small_pki import SmallPki

REPLY = "application/timestamp-reply"
_LAST_S = 30.0  # no connection outlives a test


class TsaServer:
    """Answers with the tokens of a small PKI; `behaves` may be changed while it runs.

    Args:
        pki: whose time-stamper answers.
        behaves: `good`, `garbage`, `wrong_nonce`, `wrong_imprint`, `refuses`, `never`, `drips`, `huge`, `html`,
            `redirects`, `fails`, `compressed`, `hangs_up`, or seconds that it takes (`131`).
        tls: certificate and key file.
    """

    def __init__(self, pki: SmallPki, behaves: str | float = "good", *, tls: tuple[Path, Path] | None = None) -> None:
        self.pki, self.behaves = pki, behaves
        self.asked = self.answered = self.most_at_once = 0
        self.requests: list[bytes] = []
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._context: ssl.SSLContext | None = None
        if tls is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*tls)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}/tsr"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_LAST_S)
        try:
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            while not self._ending.is_set() and (request := self._request(connection)) is not None:
                self._count(connection, request)
                try:
                    self._answer(connection, request)
                finally:
                    with self._lock:
                        self._open.remove(connection)
        except OSError:
            pass  # the caller gave up, or no TLS came about
        finally:
            connection.close()

    def _count(self, connection: socket.socket, request: bytes) -> None:
        with self._lock:
            self.asked += 1
            self.requests.append(request)
            self._open.append(connection)
            self.most_at_once = max(self.most_at_once, sum(1 for one in self._open if not is_gone(one)))

    def _request(self, connection: socket.socket) -> bytes | None:
        data = b""
        while b"\r\n\r\n" not in data:
            if not self._is_readable(connection):
                return None
            part = connection.recv(65536)
            if not part:
                return None
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        while len(body) < length:
            body += connection.recv(65536)
        return body

    def _is_readable(self, connection: socket.socket) -> bool:
        if isinstance(connection, ssl.SSLSocket) and connection.pending():
            return True
        while not self._ending.is_set():
            if select.select([connection], [], [], 0.05)[0]:
                return True
        return False

    def _answer(self, connection: socket.socket, request: bytes) -> None:
        if isinstance(self.behaves, int | float):
            self._wait(connection, float(self.behaves))
            self._send(connection, self.pki.stamp(request))
            return
        getattr(self, f"_{self.behaves}")(connection, request)

    def _good(self, connection: socket.socket, request: bytes) -> None:
        self._send(connection, self.pki.stamp(request))

    def _garbage(self, connection: socket.socket, _request: bytes) -> None:
        self._send(connection, b"\x30\x03garbage")

    def _wrong_nonce(self, connection: socket.socket, request: bytes) -> None:
        other = tsp.TimeStampReq.load(request)
        other["nonce"] = 4711
        self._send(connection, self.pki.stamp(other.dump()))

    def _wrong_imprint(self, connection: socket.socket, request: bytes) -> None:
        other = tsp.TimeStampReq.load(request)
        other["message_imprint"]["hashed_message"] = b"\x11" * 32
        self._send(connection, self.pki.stamp(other.dump(force=True)))

    def _refuses(self, connection: socket.socket, _request: bytes) -> None:
        self._send(connection, refusal(Failure.SYSTEM_FAILURE))

    def _never(self, connection: socket.socket, _request: bytes) -> None:
        self._wait(connection, _LAST_S)

    def _drips(self, connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(600):
            if self._ending.is_set() or is_gone(connection):
                return
            connection.sendall(f"X-Drop-{number}: a\r\n".encode())
            time.sleep(0.05)

    def _huge(self, connection: socket.socket, _request: bytes) -> None:
        self._send(connection, b"\x30" * (1 << 20))

    def _html(self, connection: socket.socket, request: bytes) -> None:
        self._send(connection, self.pki.stamp(request), kind="text/html")

    def _compressed(self, connection: socket.socket, request: bytes) -> None:
        self._send(connection, self.pki.stamp(request), extra="Content-Encoding: gzip\r\n")

    def _fails(self, connection: socket.socket, request: bytes) -> None:
        self._send(connection, self.pki.stamp(request), status="500 Internal Server Error")

    def _redirects(self, connection: socket.socket, _request: bytes) -> None:
        self._send(connection, b"", status="307 Temporary Redirect", extra=f"Location: {self.url}\r\n")

    def _hangs_up(self, connection: socket.socket, _request: bytes) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    def _wait(self, connection: socket.socket, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._ending.is_set():
            if is_gone(connection):
                raise OSError("the caller gave up")
            time.sleep(0.02)

    def _send(
        self, connection: socket.socket, body: bytes, *, status: str = "200 OK", kind: str = REPLY, extra: str = ""
    ) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
        self.answered += 1
        connection.sendall(head.encode() + body)


def is_gone(connection: socket.socket) -> bool:
    """Whether the other side has closed; nothing is taken from what it sent."""
    if not select.select([connection], [], [], 0)[0]:
        return False
    if isinstance(connection, ssl.SSLSocket):
        return True  # nothing more is sent by who waits
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True
