"""The names that name constraints speak about, in a form that compares, with what is malformed told apart.

RFC 5280 §4.2.1.6 (names of a subject) and §4.2.1.10 (bases of a subtree). Knows single names, no trees and no chain.
"""

import re
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from signing.keys.der import DerReader
from signing.validation.outline import NameKey, name_key

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_MAILBOX: Final = re.compile(r"[^\s@\"(),:;<>\[\\\]]+|\"[^\"\\]*\"")
_MAX_HOST: Final = 253
_IPV4, _IPV6 = 4, 16
EMAIL_ATTRIBUTE: Final = bytes.fromhex("2a864886f70d010901")


class NameKind(Enum):
    """The alternatives of GeneralName by their context tag."""

    OTHER = 0
    EMAIL = 1
    DNS = 2
    X400 = 3
    DIRECTORY = 4
    EDI = 5
    URI = 6
    IP = 7
    REGISTERED = 8


Address = IPv4Address | IPv6Address
Value = str | NameKey | Address | tuple[int, int, int] | bytes


@dataclass(frozen=True, slots=True)
class GeneralName:
    """One name, or the base of one subtree."""

    kind: NameKind
    value: Value | None
    """None: malformed, or of a kind that we do not compare."""


def read_name(names: DerReader) -> GeneralName:
    """Takes the next GeneralName of a certificate's alternative names.

    Raises:
        ValueError: not the DER of a GeneralName.
    """
    kind, content = _taken(names)
    if kind is NameKind.DIRECTORY:
        return GeneralName(kind, name_key(content))
    if kind is NameKind.IP:
        if len(content) not in {_IPV4, _IPV6}:
            raise ValueError("an address of the wrong size")  # RFC 5280 §4.2.1.6: exactly four or sixteen octets
        return GeneralName(kind, ip_address(content))
    if kind is NameKind.DNS:
        return GeneralName(kind, _host(content.decode("ascii"), wildcard=True))
    if kind is NameKind.EMAIL:
        return GeneralName(kind, read_mailbox(content.decode("ascii")))
    if kind is NameKind.URI:
        return GeneralName(kind, _host_of_uri(content.decode("ascii")))
    return GeneralName(kind, None)


def read_base(subtree: DerReader) -> GeneralName:
    """Takes the base of a GeneralSubtree.

    Raises:
        ValueError: malformed; a constraint that cannot be read cannot be honoured.
    """
    kind, content = _taken(subtree)
    if kind is NameKind.DIRECTORY:
        return GeneralName(kind, name_key(content))
    if kind is NameKind.IP:
        return GeneralName(kind, _network(content))
    if kind not in {NameKind.DNS, NameKind.EMAIL, NameKind.URI}:
        return GeneralName(kind, None)
    text = content.decode("ascii")
    value: str | None
    if not text:
        return GeneralName(kind, "")  # every name of the kind
    if kind is NameKind.DNS:
        value = _host(text)
    elif kind is NameKind.EMAIL and "@" in text:
        value = read_mailbox(text)
    else:
        value = _host(text.removeprefix("."))
        value = f".{value}" if value and text.startswith(".") else value
    if value is None:
        raise ValueError(f"a malformed {kind.name.lower()} constraint")
    return GeneralName(kind, value)


def read_mailbox(text: str) -> str | None:
    """A mailbox with its host in lower case, or None."""
    local, _, host = text.rpartition("@")
    found = _host(host)
    return f"{local}@{found}" if found and _MAILBOX.fullmatch(local) else None


def _taken(names: DerReader) -> tuple[NameKind, bytes]:
    tag = names.peek()
    constructed = tag in {0xA0, 0xA3, 0xA4, 0xA5}
    if not constructed and tag not in {0x81, 0x82, 0x86, 0x87, 0x88}:
        raise ValueError("not a general name")
    return NameKind(tag & 0x1F), names.content(tag)


def _host(text: str, *, wildcard: bool = False) -> str | None:
    host = text.lower()
    labels = host.split(".")
    if wildcard and len(labels) > 1 and labels[0] == "*":
        labels = labels[1:]
    if len(host) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return host


def _host_of_uri(text: str) -> str | None:
    """The host of an absolute URI that names one by name (RFC 5280 §4.2.1.10: others MUST be rejected)."""
    try:
        parts = urlsplit(text)
        host = parts.hostname if parts.scheme else None
    except ValueError:
        return None
    if not host or ":" in host or re.fullmatch(r"[\d.]+", host):
        return None
    return _host(host)


def _network(content: bytes) -> tuple[int, int, int]:
    """(address length in bits, mask, network): RFC 4632 notation, so the mask has no holes."""
    half = len(content) // 2
    if len(content) not in {2 * _IPV4, 2 * _IPV6}:
        raise ValueError("an address constraint of the wrong size")
    mask = int.from_bytes(content[half:], "big")
    ones = f"{mask:0{half * 8}b}"
    if "01" in ones:
        raise ValueError("an address mask with holes")
    return half * 8, mask, int.from_bytes(content[:half], "big") & mask
