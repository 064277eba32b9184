"""The geometry of a signature in the bytes of a file: what the byte range covers and what it leaves out.

ISO 32000-1 §12.8.1: the range covers everything but the /Contents string. Exactly that is demanded here, by looking at
the bytes themselves: one gap, filled by one hexadecimal string and nothing else. Signature wrapping and hidden segments
(pdf-insecurity SWA) end here. Knows bytes and integers, no PDF objects.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

_CHUNK: Final = 64 * 1024  # bytes looked at together, so that nothing large is copied
_BLANK = b"\0\t\n\f\r "
_RANGE_LENGTH = 4
MAX_CONTENTS_BYTES = 2 * 1024 * 1024  # a container with a CRL inside; ordinary ones have 10-30 KB
MAX_GAP_BYTES: Final = 5 * MAX_CONTENTS_BYTES  # digits, and white space between them
MAX_PARTS: Final = 32
_HEX_STRING: Final = re.compile(rb"<[0-9A-Fa-f\0\t\n\f\r ]*>")
_FEW: Final = 16  # letters in another case than the rest: damage, not a writer's habit
_CONTENTS_BEFORE: Final = re.compile(rb"/Contents[\0\t\n\f\r ]{0,64}\Z")


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
    """The byte range is not what a signature of this file can have; the text says how, ``code`` is the reason."""

    def __init__(self, reason: str, code: str = "SIGNATURE_COVERAGE") -> None:
        super().__init__(reason)
        self.code = code


def checked_coverage(pdf: bytes, byte_range: Sequence[int | None]) -> Coverage:
    """Checks a byte range against the file.

    Raises:
        GeometryFaultError: it does not cover one revision except for one hexadecimal string.
    """
    first, second, length = _checked_numbers(byte_range)
    if second + length > len(pdf):
        if first < second < len(pdf):
            raise GeometryFaultError("the end of what was signed is missing", "DOCUMENT_ALTERED")
        raise GeometryFaultError("the byte range leaves the file")
    if second - first > MAX_GAP_BYTES:
        raise GeometryFaultError("the gap of the byte range is larger than any signature")
    gap, start, end = pdf[first:second], first, second
    if not gap.startswith(b"<") and pdf[first - 1 : first] == b"<" and pdf[second : second + 1] == b">":
        # Old writers leave the angle brackets inside what is signed: the gap is still that one string and no more.
        gap = b"<" + gap + b">"
    if gap.startswith(b"(") and gap.endswith(b")"):
        # ISO 32000-2 table 255: with a byte range the value shall be a hexadecimal string.
        raise GeometryFaultError("the signature is not written in hexadecimal digits", "SIGNATURE_MALFORMED")
    if not _HEX_STRING.fullmatch(gap):
        raise GeometryFaultError("the gap of the byte range holds more than the signature")
    return Coverage(gap_start=start, gap_end=end, end=second + length, contents=_decoded(gap[1:-1]))


def digested_anyway(pdf: bytes, byte_range: Sequence[int | None]) -> tuple[memoryview, ...] | None:
    """What a digest over a byte range is made of, however wrong the range is otherwise; None if it is no range.

    For telling whether digest and value are right where the coverage is not: never a ground for VALID.
    """
    numbers = [n for n in byte_range if _is_number(n) and 0 <= n <= len(pdf)]
    if not numbers or len(numbers) != len(byte_range) or len(numbers) % 2 or len(numbers) > 2 * MAX_PARTS:
        return None
    view = memoryview(pdf)
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    if any(start + length > len(pdf) for start, length in pairs) or sum(n for _, n in pairs) > len(pdf):
        return None
    return tuple(view[start : start + length] for start, length in pairs)


def require_contents_of(pdf: bytes, coverage: Coverage, contents: bytes | None, span: tuple[int, int] | None) -> None:
    """Demands that the gap is the /Contents entry of one certain dictionary, which lies at ``span`` in the file.

    Raises:
        GeometryFaultError: the readers take the container from elsewhere (signature wrapping).
    """
    if contents != coverage.contents:
        raise GeometryFaultError("the container that readers see is not the one in the gap")
    if span is None or not span[0] < coverage.gap_start or coverage.gap_end > span[1]:
        raise GeometryFaultError("the gap of the byte range is not inside the signature dictionary")
    before = pdf[max(span[0], coverage.gap_start - 80) : coverage.gap_start]
    if pdf[coverage.gap_start : coverage.gap_start + 1] != b"<":
        before = before[:-1]
    if not _CONTENTS_BEFORE.search(before):
        raise GeometryFaultError("what stands in the gap is not the value of /Contents")


def only_blank(data: bytes | memoryview) -> bool:
    """Whether nothing but white space is there."""
    view = memoryview(data)
    return not any(bytes(view[at : at + _CHUNK]).strip(_BLANK) for at in range(0, len(view), _CHUNK))


def _is_number(number: Any) -> TypeGuard[int]:  # noqa: ANN401 - whatever stands in a byte range
    return isinstance(number, int) and not isinstance(number, bool)


def _checked_numbers(byte_range: Sequence[int | None]) -> tuple[int, int, int]:
    if not byte_range:
        raise GeometryFaultError("there is no byte range", "FORGED_SIGNATURE")
    numbers = [n for n in byte_range if _is_number(n)]
    if len(byte_range) != _RANGE_LENGTH or len(numbers) != _RANGE_LENGTH:
        raise GeometryFaultError("the byte range is not four whole numbers")
    start, first, second, length = numbers
    if start != 0:
        raise GeometryFaultError("the byte range does not begin with the file")
    if min(first, second, length) < 0 or second <= first:
        raise GeometryFaultError("the byte range overlaps itself")
    return first, second, length


def _decoded(text: bytes) -> bytes:
    """The bytes that hexadecimal digits mean (ISO 32000-1 §7.3.4.3).

    A writer breaks lines between whole bytes, may leave the very last digit out, and has one habit for letters. One
    digit turned into white space, and a few letters in another case, are the traces of a damaged byte.
    """
    digits = text.translate(None, _BLANK)
    if len(digits) % 2:
        if len(digits) != len(text):
            raise GeometryFaultError("the signature has half a byte", "SIGNATURE_MALFORMED")
        digits += b"0"
    upper = sum(map(digits.count, b"ABCDEF"))
    lower = sum(map(digits.count, b"abcdef"))
    if min(upper, lower) and min(upper, lower) < _FEW:
        raise GeometryFaultError("a few digits of the signature are written in another case", "SIGNATURE_MALFORMED")
    if len(digits) > 2 * MAX_CONTENTS_BYTES:
        raise GeometryFaultError("the gap of the byte range is larger than any signature")
    return bytes.fromhex(digits.decode())
