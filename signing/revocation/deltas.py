"""What a delta list names: the difference between a complete list that was published and the lines of today's.

Compared line by line, so that nothing depends on how a change is dated: a merger is dated by its legal moment, which
may lie before the list that did not show it yet. RFC 5280 §5.2.4. Knows lists of our own making; knows no registry.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from signing.keys.der import INTEGER, SEQUENCE, DerReader
from signing.revocation.crl import encode_entries

_TIMES: Final = (0x17, 0x18)
_REMOVE_FROM_CRL: Final = 8  # RFC 5280 §5.3.1: released from hold, or expired


def delta_entries(
    base: bytes, newest: bytes, last_delta: bytes, entries: bytes, *, base_at: datetime, at: datetime
) -> bytes:
    """The lines of a delta that every list from its base on may be brought up to date with.

    Args:
        base: the complete list (DER) that it continues.
        newest: the complete list that was published last; the base itself, if there is none after it.
        last_delta: the delta that was published with that; empty if there was none. It says what was on a list between
            the two and came off again.
        entries: the lines of today's complete list.
        base_at: when the base was published.
        at: when this one is published; the date of what leaves the list now.
    """
    before, now = dict(_lines(_entries_of(base))), dict(_lines(entries))
    listed = before | dict(_lines(_entries_of(newest)))
    lines = [line for serial, line in now.items() if before.get(serial) != line]
    since = int(base_at.timestamp())
    for serial, line in _lines(_entries_of(last_delta)) if last_delta else ():
        if serial in now:
            continue
        if line == _removal(serial, _moment(line)) and _moment(line) >= since:
            lines.append(line)
            listed.pop(serial, None)
    moment = int(at.timestamp())
    lines += [_removal(serial, moment) for serial in listed if serial not in now]
    return b"".join(lines)


def _removal(serial: bytes, moment: int) -> bytes:
    return encode_entries([(int.from_bytes(serial, "big"), moment, _REMOVE_FROM_CRL)])


def _moment(line: bytes) -> int:
    """The date of a line, in whole seconds since 1970 UTC."""
    parts = DerReader(line).inside(SEQUENCE)
    parts.content(INTEGER)
    tag = parts.peek()
    text = parts.content(tag).decode("ascii")
    whole = datetime.strptime(text, "%y%m%d%H%M%SZ" if tag == _TIMES[0] else "%Y%m%d%H%M%SZ")  # noqa: DTZ007 - Z is UTC
    return int(whole.replace(tzinfo=UTC).timestamp())


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
