"""The geometry of a signature in the bytes of a file: what the byte range covers and what it leaves out.

ISO 32000-1 §12.8.1: the range covers everything but the /Contents string. Exactly that is demanded here, by looking at
the bytes themselves: one gap, filled by one hexadecimal string and nothing else. Signature wrapping and hidden segments
(pdf-insecurity SWA) end here. Knows bytes and integers, no PDF objects.
"""

import string
from collections.abc import Sequence
from dataclasses import dataclass

_HEX = frozenset(string.hexdigits.encode())
_BLANK = b"\0\t\n\f\r "
_RANGE_LENGTH = 4
MAX_CONTENTS_BYTES = 2 * 1024 * 1024  # a container with a CRL inside; ordinary ones have 10-30 KB


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A byte range that has been checked."""

    gap_start: int
    gap_end: int
    end: int
    """First byte behind what is covered."""

    contents: bytes
    """The container with its padding, decoded from the gap."""

    def digested_parts(self, pdf: bytes) -> tuple[memoryview, memoryview]:
        """The two covered parts."""
        view = memoryview(pdf)
        return view[: self.gap_start], view[self.gap_end : self.end]


class GeometryFaultError(ValueError):
    """The byte range is not what a signature of this file can have; the text says how."""


def checked_coverage(pdf: bytes, byte_range: Sequence[int]) -> Coverage:
    """Checks a byte range against the file.

    Raises:
        GeometryFaultError: it does not cover one revision except for one hexadecimal string.
    """
    if len(byte_range) != _RANGE_LENGTH or any(isinstance(n, bool) or not isinstance(n, int) for n in byte_range):
        raise GeometryFaultError("the byte range is not four whole numbers")
    start, first, second, length = (int(n) for n in byte_range)
    if start != 0:
        raise GeometryFaultError("the byte range does not begin with the file")
    if min(first, second, length) < 0 or second <= first or second + length > len(pdf):
        raise GeometryFaultError("the byte range overlaps itself or leaves the file")
    gap = pdf[first:second]
    if len(gap) > 2 * MAX_CONTENTS_BYTES:
        raise GeometryFaultError("the gap of the byte range is larger than any signature")
    if not (gap.startswith(b"<") and gap.endswith(b">")) or not set(gap[1:-1]) <= _HEX or len(gap) % 2:
        raise GeometryFaultError("the gap of the byte range holds more than the signature")
    if gap not in {gap.upper(), gap.lower()}:
        # no writer mixes digits of both cases; one flipped bit does
        raise GeometryFaultError("the signature is written in mixed case")
    return Coverage(gap_start=first, gap_end=second, end=second + length, contents=bytes.fromhex(gap[1:-1].decode()))


def only_blank(data: bytes) -> bool:
    """Whether nothing but white space is there."""
    return not data.strip(_BLANK)
