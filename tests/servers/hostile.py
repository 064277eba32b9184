"""A server on loopback that answers as no server should: too slow, too much, in circles, for somebody else.

Each path has a behaviour; a test sets `good[path] = bytes` for honest answers. Counts what it was asked.
"""

import gzip
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class HostileServer:
    """Where it listens and what it was asked."""

    port: int = 0
    good: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    posted: list[bytes] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    hostile: HostileServer


class _Handler(BaseHTTPRequestHandler):
    """One path, one misbehaviour."""

    @property
    def hostile(self) -> HostileServer:
        """Whose request it is."""
        return self.server.hostile

    def log_message(self, *args: Any) -> None:
        """Quiet."""

    def do_POST(self) -> None:
        self.hostile.posted.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.hostile.asked[path] += 1
        self.hostile.hosts.append(self.headers["Host"])
        with suppress(OSError):  # the client has had enough
            getattr(self, f"_{path.strip('/').replace('-', '_')}", self._honest)()

    def _honest(self) -> None:
        body = self.hostile.good.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/html")  # a lie on purpose
        self.end_headers()
        self.wfile.write(body or b"nothing here")

    def _slow_drip(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.hostile.stop.wait(0.05):
            self.wfile.write(b"x")

    def _slow_headers(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.hostile.stop.wait(0.05):
            self.wfile.write(b"x")

    def _silence(self) -> None:
        self.hostile.stop.wait(20)

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.hostile.stop.is_set():
            self.wfile.write(b"\0" * 65536)

    def _liar(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"short")

    def _loop(self) -> None:
        self._onward(f"/loop?{time.monotonic_ns()}")

    def _once(self) -> None:
        self._onward("/crl")

    def _elsewhere(self) -> None:
        self._onward(f"http://localhost:{self.hostile.port}/crl")

    def _inside(self) -> None:
        self._onward("http://169.254.169.254/latest/meta-data/")

    def _file(self) -> None:
        self._onward("file:///etc/passwd")

    def _onward(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.end_headers()

    def _bomb(self) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(gzip.compress(b"\0" * 50_000_000))

    def _garbage(self) -> None:
        self.wfile.write(b"\x16\x03\x01" * 100)


@contextmanager
def hostile_server() -> Iterator[HostileServer]:
    """Runs one on a free port."""
    server = HostileServer()
    listener = _Listener(("127.0.0.1", 0), _Handler)
    listener.hostile = server
    server.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
