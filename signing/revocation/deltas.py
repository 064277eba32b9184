"""What a delta list names: the difference between a complete list that was published and the lines of today's.

Compared line by line, so that nothing depends on how a change is dated: a merger is dated by its legal moment, which
may lie before the list that did not show it yet. RFC 5280 §5.2.4. Knows lists of our own making; knows no registry.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from signing.keys.der import INTEGER, SEQUENCE, DerReader
from signing.revocation.crl import encode_entries

_TIMES: Final = (0x17, 0x18)
_REMOVE_FROM_CRL: Final = 8  # RFC 5280 §5.3.1: released from hold, or expired


def delta_entries(base: bytes, entries: bytes, at: datetime) -> bytes:
    """The lines of a delta.

    Args:
        base: the complete list (DER) that it continues.
        entries: the lines of today's complete list.
        at: when it is published; the date of what left the list.
    """
    before, now = dict(_lines(_entries_of(base))), dict(_lines(entries))
    moment = int(at.timestamp())
    gone = [(int.from_bytes(serial, "big"), moment, _REMOVE_FROM_CRL) for serial in before if serial not in now]
    return b"".join(line for serial, line in now.items() if before.get(serial) != line) + encode_entries(gone)


def _entries_of(crl: bytes) -> bytes:
    parts = DerReader(crl).inside(SEQUENCE).inside(SEQUENCE)
    for tag in (INTEGER, SEQUENCE, SEQUENCE):  # version, algorithm, issuer
        parts.element(tag)
    while parts.peek() in _TIMES:
        parts.element(parts.peek())
    return parts.content(SEQUENCE) if parts.peek() == SEQUENCE else b""


def _lines(entries: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Serial (content of its INTEGER) and line; all lengths are short, as ``encode_entries`` writes them."""
    at = 0
    while at < len(entries):
        end = at + 2 + entries[at + 1]
        yield entries[at + 4 : at + 4 + entries[at + 3]], entries[at:end]
        at = end
