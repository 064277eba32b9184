"""Which hosts may be asked for evidence, and at which network address: the list is closed, and names are pinned.

A certificate of a stranger must not make the service call its own network (SSRF): a host counts only if an
administrator wrote it down, a private address only if the address itself was written down. Knows addresses, sends
nothing.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Self
from urllib.parse import urlsplit

from signing.errors import EvidenceAddressRefused

_PORTS: Final = {"http": 80, "https": 443}
Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The network addresses of a host, as the operating system knows them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where exactly to knock."""

    scheme: str
    host: str
    port: int
    address: Address
    """Connected to; never looked up a second time (DNS rebinding)."""

    path: str
    """With the query."""


@dataclass(frozen=True, slots=True)
class Doors:
    """The hosts on the list."""

    hosts: frozenset[tuple[str, int | None]]
    """Name in lower case or an address, and the one port that may be used; None: the usual one of the scheme."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `host[:port], …`.

        Raises:
            ValueError: not such a list.
        """
        found = set()
        for entry in (part.strip() for part in text.split(",")):
            if not entry:
                continue
            parts = urlsplit(f"//{entry}")
            if not parts.hostname or parts.path or parts.query or parts.username is not None:
                raise ValueError(f"not a host: {entry}")
            found.add((parts.hostname.lower(), parts.port))
        return cls(frozenset(found))

    def __bool__(self) -> bool:
        return bool(self.hosts)

    def door(self, address: str, resolver: Resolver = resolve) -> Door:
        """Where an address leads.

        Raises:
            EvidenceAddressRefused: not http or https, not on the list, or on it but inside a network of ours.
        """
        try:
            parts = urlsplit(address)
            host, port = (parts.hostname or "").lower().rstrip("."), parts.port
        except ValueError as err:
            raise EvidenceAddressRefused("not an address") from err
        usual = _PORTS.get(parts.scheme)
        if (
            usual is None
            or not host
            or parts.username is not None
            or not address.isascii()
            or not address.isprintable()
            or " " in address
        ):
            raise EvidenceAddressRefused("not a plain http or https address")
        port = port or usual
        if not {(host, port), *([(host, None)] if port == usual else [])} & self.hosts:
            raise EvidenceAddressRefused("the host is not on the list")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Door(scheme=parts.scheme, host=host, port=port, address=self._pinned(host, port, resolver), path=path)

    def _pinned(self, host: str, port: int, resolver: Resolver) -> Address:
        try:
            addresses = [ip_address(host)]
        except ValueError:
            try:
                addresses = [ip_address(one.partition("%")[0]) for one in resolver(host, port)]
            except (OSError, UnicodeError, ValueError) as err:
                raise EvidenceAddressRefused("the host has no address") from err
        # An address with a port was written down for that one only.
        listed = {name for name, only in self.hosts if only in (None, port)}
        # One address inside is enough to refuse: whoever mixes them is up to something.
        if not addresses or not all(_is_public(one) or str(one) in listed for one in addresses):
            raise EvidenceAddressRefused("the host's address is not a public one")
        return addresses[0]


def _is_public(address: Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    plain = address.is_global and not address.is_multicast and not address.is_reserved
    return plain and (inner is None or _is_public(inner))
