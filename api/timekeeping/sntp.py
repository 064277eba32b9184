"""Asks time servers over UDP (SNTP, RFC 4330 and RFC 5905 §14), all at once and for a bounded time.

An answer is a stranger's datagram: only one that repeats the random value we sent is looked at, so that nobody off the
path can answer in a server's place. What a server says is believed no further than the guard's vote allows.
"""

import os
import re
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from signing.tsa import ClockReading, ReferenceSample

_EPOCH: Final = datetime(1900, 1, 1, tzinfo=UTC)
_PACKET: Final = struct.Struct("!BBbb II4s Q8sQQ")
_QUERY: Final = 0x23  # no warning, version 4, mode 3 (client)
_SERVER_MODE: Final = 4
_VERSIONS: Final = (3, 4)
_ALARM: Final = 3  # leap indicator: the server itself is not synchronised
_STRATA: Final = range(1, 16)  # 0 is a kiss-o'-death, 16 unsynchronised (RFC 5905 §7.3)
_SECOND: Final = 1 << 32
_MAX_DATAGRAM: Final = 512
_HOST: Final = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[0-9a-zA-Z._-]+))(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A configured time server."""

    host: str
    port: int = 123

    @property
    def name(self) -> str:
        """As it is written in the settings."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class _BadAnswerError(Exception):
    """A datagram that is no answer to our question."""


def parse_references(text: str) -> tuple[Reference, ...]:
    """Read `host[:port], …`; an IPv6 address stands in brackets.

    Raises:
        ValueError: something else.
    """
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        matched = _HOST.fullmatch(part)
        port = int(matched["port"] or 123) if matched else 0
        if matched is None or not 0 < port < 65_536:  # noqa: PLR2004 - the ports there are
            message = "host:port, separated by commas"
            raise ValueError(message)
        found.append(Reference(host=matched["v6"] or matched["name"], port=port))
    if len(set(found)) != len(found):
        message = "a time server is named twice: it would have two votes"
        raise ValueError(message)
    return tuple(found)


def ask_references(
    references: Sequence[Reference], read: Callable[[], ClockReading], *, timeout_s: float
) -> tuple[ReferenceSample, ...]:
    """Ask them all; who has not answered in time is left out.

    Args:
        references: whom to ask.
        read: reads both our clocks.
        timeout_s: for everything together, looking names up included.
    """
    found: dict[Reference, ReferenceSample] = {}

    def ask(reference: Reference) -> None:
        try:
            found[reference] = _ask(reference, read, timeout_s)
        except (OSError, _BadAnswerError, UnicodeError):  # away, unknown, or not a time server: no witness
            return

    begun = read().running_s
    # looking up a name cannot be interrupted: whoever hangs is left behind, and ends by itself
    threads = [threading.Thread(target=ask, args=(one,), name="sntp", daemon=True) for one in references]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, timeout_s - (read().running_s - begun)))
    return tuple(found[one] for one in references if one in found)


def _ask(reference: Reference, read: Callable[[], ClockReading], timeout_s: float) -> ReferenceSample:
    family, kind, protocol, _, address = socket.getaddrinfo(reference.host, reference.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as link:
        link.connect(address)  # from here on only datagrams of that address reach us
        cookie = os.urandom(8)
        sent = read()
        link.send(_PACKET.pack(_QUERY, 0, 0, 0, 0, 0, b"", 0, b"", 0, int.from_bytes(cookie, "big")))
        while (left := timeout_s - (read().running_s - sent.running_s)) > 0:
            link.settimeout(left)
            datagram = link.recv(_MAX_DATAGRAM)
            arrived_s = read().running_s
            if datagram[24:32] == cookie:  # anything else is a stranger's guess, or late
                return _sample(reference, datagram, sent, arrived_s)
    raise _BadAnswerError


def _sample(reference: Reference, datagram: bytes, sent: ClockReading, arrived_s: float) -> ReferenceSample:
    """RFC 5905 §8: offset from four moments; ours are both on the running clock, so that a jump cannot mix in."""
    if len(datagram) < _PACKET.size:
        raise _BadAnswerError
    flags, stratum, _, _, root_delay, root_dispersion, _, _, _, received, transmitted = _PACKET.unpack_from(datagram)
    leap, version, mode = flags >> 6, flags >> 3 & 7, flags & 7
    if leap == _ALARM or version not in _VERSIONS or mode != _SERVER_MODE or stratum not in _STRATA:
        raise _BadAnswerError
    elapsed = arrived_s - sent.running_s
    held = _difference(transmitted, received)
    if not received or not transmitted or not 0 <= held <= elapsed:
        raise _BadAnswerError
    ours = _timestamp(sent.wall)
    offset = (_difference(received, ours) + _difference(transmitted, ours) - elapsed) / 2
    admitted = (root_delay / 2 + root_dispersion) / 65_536
    return ReferenceSample(
        name=reference.name,
        offset_s=offset,
        uncertainty_s=(elapsed - held) / 2 + admitted,
        running_s=arrived_s,
    )


def _timestamp(at: datetime) -> int:
    """The moment as NTP counts: 2^-32 seconds since 1900, modulo 2^64."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return (micros * _SECOND // 1_000_000) % (_SECOND * _SECOND)


def _difference(later: int, earlier: int) -> float:
    """Seconds between two NTP moments, to the nearer side: right also across the end of an era (2036)."""
    whole = _SECOND * _SECOND
    distance = (later - earlier) % whole
    return (distance - whole if distance >= whole // 2 else distance) / _SECOND
