"""A time server on loopback UDP that tells the truth, lies, or misbehaves as it is told."""

import socket
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

NTP_EPOCH_S = 2_208_988_800
ANSWER = struct.Struct("!BBbb II4s Q8sQQ")


def stamp(seconds: float) -> int:
    return int((seconds + NTP_EPOCH_S) * (1 << 32)) % (1 << 64)


class SntpServer:
    """Answers with our wall clock shifted by `offset_s`; the other values break one rule each.

    Args:
        offset_s: how far its time is from ours.
        first: the first octet: leap indicator, version, mode.
        dispersion_s: what it admits about itself.
        change: rewrites the finished datagram.
        guesses: datagrams with made-up cookies that are sent before the answer.
    """

    def __init__(
        self,
        *,
        offset_s: float = 0.0,
        first: int = 0x24,
        stratum: int = 2,
        dispersion_s: float = 0.001,
        change: Callable[[bytes], bytes] = lambda datagram: datagram,
        guesses: int = 0,
        silent: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.offset_s, self.first, self.stratum, self.dispersion_s = offset_s, first, stratum, dispersion_s
        self.change, self.guesses, self.silent, self.now = change, guesses, silent, now
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            question, address = self._socket.recvfrom(512)
            if not question:
                return
            self.asked += 1
            if self.silent:
                continue
            for number in range(self.guesses):
                self._socket.sendto(self._answer(bytes((number,)) * 8, wrong_by=3600.0), address)
            self._socket.sendto(self.change(self._answer(question[40:48])), address)

    def _answer(self, cookie: bytes, *, wrong_by: float = 0.0) -> bytes:
        at = stamp(self.now() + self.offset_s + wrong_by)
        dispersion = int(self.dispersion_s * 65_536)
        return ANSWER.pack(self.first, self.stratum, 6, -20, 0, dispersion, b"TEST", at, cookie, at, at)
