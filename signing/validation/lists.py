"""One certificate revocation list: is its form right, and which of its entries matter here?

The library walks every entry as an object (100,000 of them: 1.5 s), so it gets the list without the entries that cannot
concern the certificates in question; the signature is still checked over what was signed (`PaidVerifier`).
RFC 5280 §5. Knows bytes of lists and serial numbers, no certificates, no moment.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from signing.keys.der import BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, DerReader, tlv
from signing.validation.outline import NameKey, name_key

MAX_ENTRIES: Final = 500_000  # a shard of ours has a few thousand, the largest list seen in public 400,000
_CRL_NUMBER, _ISSUER_OF_ENTRY = bytes.fromhex("551d14"), bytes.fromhex("0603551d1d")
_INDIRECT_MARK: Final = bytes.fromhex("0603551d1c")
_MAX_NUMBER_OCTETS: Final = 20
_FEW: Final = 8
_V2: Final = 1
_TIMES: Final = (0x17, 0x18)
_SHORT: Final = 0x80


class ListMalformed(ValueError):
    """A list that says nothing because its form is wrong."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """The parts of a list that decide what becomes of it."""

    der: bytes
    issuer: NameKey
    before: bytes
    """Content of the signed part up to the entries."""

    entries: bytes
    """Content of revokedCertificates; empty if there are none."""

    after: bytes
    """Content of the signed part behind the entries."""

    tbs: bytes
    value: bytes
    """Of the signature."""

    ending: bytes
    """Signature algorithm and signature."""

    fault: str
    """Why it may not be used, or empty."""

    @property
    def is_indirect(self) -> bool:
        """Whether entries may concern other issuers than its own."""
        return _INDIRECT_MARK in self.after


def read_list(der: bytes) -> RevocationList:
    """The parts of a list.

    Raises:
        ValueError: not the DER of a list.
    """
    outer = DerReader(der)
    envelope = outer.inside(SEQUENCE)
    outer.end()
    tbs, algorithm = envelope.element(SEQUENCE), envelope.element(SEQUENCE)
    signature = envelope.content(BIT_STRING)
    envelope.end()
    parts = DerReader(tbs).inside(SEQUENCE)
    version = parts.element(INTEGER) if parts.peek() == INTEGER else b""
    own_algorithm, issuer = parts.element(SEQUENCE), parts.element(SEQUENCE)
    times = []
    while parts.peek() in _TIMES:
        times.append(parts.element(parts.peek()))
    entries = parts.content(SEQUENCE) if parts.peek() == SEQUENCE else b""
    extensions = parts.element(0xA0) if parts.peek() == 0xA0 else b""  # noqa: PLR2004 - [0] crlExtensions
    parts.end()
    fault = (
        "not version 2" if version != tlv(INTEGER, bytes([_V2])) else ""
    ) or (
        "the two signature algorithms differ" if algorithm != own_algorithm else ""  # RFC 5280 §5.1.1.2
    ) or (
        "a signature that is not whole octets" if signature[:1] != b"\x00" else ""  # else it reads the same twice
    ) or (
        "no next update" if len(times) != len(_TIMES) else ""  # RFC 5280 §5.1.2.5
    ) or _extensions_fault(extensions)  # fmt: skip
    return RevocationList(
        der=der, issuer=name_key(issuer), before=b"".join((version, own_algorithm, issuer, *times)), entries=entries,
        after=extensions, tbs=tbs, value=signature[1:], ending=algorithm + tlv(BIT_STRING, signature), fault=fault,
    )  # fmt: skip


def _extensions_fault(extensions: bytes) -> str:
    found: dict[bytes, tuple[bool, bytes]] = {}
    one_by_one = DerReader(extensions).inside(0xA0).inside(SEQUENCE) if extensions else DerReader(b"")
    while not one_by_one.at_end:
        one = one_by_one.inside(SEQUENCE)
        oid = one.content(OID)
        critical = one.peek() == 0x01 and one.boolean()
        if oid in found:
            return "the same extension twice"
        found[oid] = critical, one.content(OCTET_STRING)
        one.end()
    if _CRL_NUMBER not in found:
        return "no CRL number"  # RFC 5280 §5.2.3: MUST include, MUST be non-critical
    critical, value = found[_CRL_NUMBER]
    number = DerReader(value)
    content = number.content(INTEGER)
    number.end()
    if critical:
        return "a critical CRL number"
    if not 0 < len(content) <= _MAX_NUMBER_OCTETS or content[0] & 0x80:
        return "a CRL number that is negative or longer than 20 octets"
    return ""


def without_strangers(found: RevocationList, serials: Collection[bytes]) -> tuple[bytes, bytes]:
    """The list with only the entries of the given serial numbers (contents of their INTEGERs), and its signed part.

    Entries that name another issuer stay too: they speak for those that follow (RFC 5280 §5.3.3).

    Raises:
        ListMalformed: the entries do not follow one another, or are too many.
    """
    entries = found.entries
    kept: list[bytes] = []
    needles = [tlv(INTEGER, serial) for serial in serials]
    few = len(needles) <= _FEW and not (found.is_indirect and _ISSUER_OF_ENTRY in entries)
    if not few or any(needle in entries for needle in needles):
        kept = _walk(entries, frozenset(serials), keep_issuers=found.is_indirect)
    revoked = tlv(SEQUENCE, *kept) if kept else b""
    tbs = tlv(SEQUENCE, found.before, revoked, found.after)
    return tlv(SEQUENCE, tbs, found.ending), tbs


def _walk(entries: bytes, serials: Collection[bytes], *, keep_issuers: bool) -> list[bytes]:
    kept, at, end, count = [], 0, len(entries), 0
    while at < end:
        start, body, size = at, at + 2, entries[at + 1] if at + 1 < end else end
        if size >= _SHORT:
            digits = size & 0x7F
            body, size = at + 2 + digits, int.from_bytes(entries[at + 2 : at + 2 + digits], "big")
        at = body + size
        count += 1
        if entries[start] != SEQUENCE or at > end or count > MAX_ENTRIES or body + 2 > end:
            raise ListMalformed("the entries do not follow one another, or there are too many")
        length = entries[body + 1]
        if entries[body : body + 1] != b"\x02" or length >= _SHORT:
            raise ListMalformed("an entry without a serial number")
        if entries[body + 2 : body + 2 + length] in serials or (keep_issuers and _ISSUER_OF_ENTRY in entries[start:at]):
            kept.append(entries[start:at])
    return kept
