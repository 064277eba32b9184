"""What a CFF font program is made of, and how much work its letters are: read before any library trusts it.

Adobe Technical Notes 5176 (CFF) and 5177 (charstrings). Font libraries believe what a program says of itself: a few
hundred octets can keep them busy for hours (routines that call each other, a thousand letters of one name, tables that
lie over each other). So everything here is counted first, octet by octet. Knows octets. Must not know PDF.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

Span = tuple[int, int]
"""Where something starts and ends in the program."""
Matrix = tuple[float, ...]

MAX_OCTETS: Final = 16 * 1024 * 1024
_MAX_DICT: Final = 16 * 1024
_MAX_FONT_DICTS: Final = 256  # TN 5176 §19: FDSelect gives one octet for each letter
_MAX_ROUTINES: Final = 4 * 65_536
_MAX_SHARED: Final = 4
"""How often the octets of a program may be used by several of its fonts."""
_MAX_NUMBER: Final = 1e12
_MAX_DIGITS: Final = 64
CHARSET, CHARSTRINGS, PRIVATE, SUBRS = 15, 17, 18, 19
FONT_MATRIX, ROS, FD_ARRAY, FD_SELECT = 1207, 1230, 1236, 1237
_REAL: Final = "0123456789.E?x-"


class ProgramDamaged(ValueError):
    """A font program that is not built as CFF is; nothing can be said about its letters."""


class ProgramTooLarge(ValueError):
    """A font program that is more work than any document needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FontDict:
    """One of the fonts that a program is put together from; a program by names has one."""

    matrix: Matrix | None
    """Its own FontMatrix; None: it says none."""
    widths: tuple[tuple[float, ...] | None, ...]
    """Of letters that say none, and what the others add theirs to (TN 5176 table 23)."""
    subrs: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CffProgram:
    """The parts of a program that decide what its letters look like."""

    data: bytes
    is_cid_keyed: bool
    matrix: Matrix | None
    """FontMatrix of the top dictionary; None: it says none."""
    charstrings: tuple[Span, ...]
    charset: tuple[int, ...]
    """CID, or number of the name, of each letter."""
    global_subrs: tuple[Span, ...]
    fonts: tuple[FontDict, ...]
    font_of: bytes
    """Which of the fonts each letter belongs to."""


def read_program(data: bytes) -> CffProgram:
    """Take a bare CFF program apart.

    Raises:
        ProgramDamaged, ProgramTooLarge: nobody should read it further.
    """
    if len(data) > MAX_OCTETS:
        raise ProgramTooLarge
    try:
        return _read(data)
    except (IndexError, struct.error) as err:
        raise ProgramDamaged("ends too early") from err


def _read(data: bytes) -> CffProgram:
    if data[0] != 1:
        raise ProgramDamaged("no CFF of version 1")
    names, at = _index(data, data[2])
    tops, at = _index(data, at)
    _strings, at = _index(data, at)
    global_subrs, _at = _index(data, at)
    if len(names) != 1 or len(tops) != 1:
        raise ProgramDamaged("not one font")
    top = _dictionary(data, tops[0])
    charstrings, _at = _index(data, _offset(top, CHARSTRINGS))
    is_cid_keyed = ROS in top
    if is_cid_keyed:
        spans, _at = _index(data, _offset(top, FD_ARRAY))
        if len(spans) > _MAX_FONT_DICTS:
            raise ProgramTooLarge
        fonts = _fonts(data, spans)
        font_of = _font_of(data, _offset(top, FD_SELECT), len(charstrings))
        if font_of and max(font_of) >= len(fonts):
            raise ProgramDamaged("letter of a font that there is none of")
    else:
        fonts, font_of = (_font_dict(data, top | {FONT_MATRIX: ()}),), bytes(len(charstrings))
    program = CffProgram(
        data=data,
        is_cid_keyed=is_cid_keyed,
        matrix=_matrix(top),
        charstrings=charstrings,
        charset=tuple(_charset(data, int((*top.get(CHARSET, ()), 0)[0]), len(charstrings))),
        global_subrs=global_subrs,
        fonts=fonts,
        font_of=font_of,
    )
    if _octets(program) > _MAX_SHARED * len(data):
        raise ProgramTooLarge
    if len(set(program.charset)) != len(charstrings):
        raise ProgramDamaged("two letters of one name")
    return program


def _fonts(data: bytes, spans: tuple[Span, ...]) -> tuple[FontDict, ...]:
    """The fonts of a program by CIDs; they may share routines, but a library keeps them for each."""
    made: list[FontDict] = []
    left = _MAX_ROUTINES
    for span in spans:
        made.append(_font_dict(data, _dictionary(data, span)))
        left -= len(made[-1].subrs)
        if left < 0:
            raise ProgramTooLarge
    return tuple(made)


def _octets(program: CffProgram) -> int:
    """How much all routines take, those that fonts share as often as they are shared."""
    tables = (program.charstrings, program.global_subrs, *(font.subrs for font in program.fonts))
    return sum(end - start for table in tables for start, end in table)


def _index(data: bytes, at: int) -> tuple[tuple[Span, ...], int]:
    """TN 5176 §5: the objects of an INDEX, and where it ends."""
    (count,) = struct.unpack_from(">H", data, at)
    if count == 0:
        return (), at + 2
    size = data[at + 2]
    if not 1 <= size <= 4:  # noqa: PLR2004 - octets of an offset
        raise ProgramDamaged("offsets of no size")
    start, base = at + 3, at + 2 + (count + 1) * size
    table = data[start : base + 1]
    offsets = [int.from_bytes(table[i : i + size]) + base for i in range(0, len(table), size)]
    if offsets[0] != base + 1 or offsets[-1] > len(data) or any(a > b for a, b in pairwise(offsets)):
        raise ProgramDamaged("offsets that do not ascend")
    return tuple(pairwise(offsets)), offsets[-1]


def _dictionary(data: bytes, span: Span) -> dict[int, tuple[float, ...]]:
    """TN 5176 §4: operators and their operands; 1200 + x: an operator of two octets."""
    at, end = span
    if end - at > _MAX_DICT:
        raise ProgramTooLarge
    found: dict[int, tuple[float, ...]] = {}
    operands: list[float] = []
    while at < end:
        first = data[at]
        if first <= 21:  # noqa: PLR2004 - operators
            is_long = first == 12  # noqa: PLR2004 - escape
            operator = 1200 + data[at + 1] if is_long else first
            if operator in found:
                raise ProgramDamaged("an entry twice")
            found[operator] = tuple(operands)
            operands, at = [], at + 1 + is_long
            continue
        value, at = _real(data, at + 1) if first == 30 else _integer(data, at)  # noqa: PLR2004 - real number
        operands.append(value)
    if at != end:
        raise ProgramDamaged("an entry that ends outside")
    return found


def _integer(data: bytes, at: int) -> tuple[float, int]:
    first = data[at]
    if 32 <= first <= 246:  # noqa: PLR2004 - TN 5176 table 3
        return first - 139, at + 1
    if 247 <= first <= 250:  # noqa: PLR2004 - TN 5176 table 3
        return (first - 247) * 256 + data[at + 1] + 108, at + 2
    if 251 <= first <= 254:  # noqa: PLR2004 - TN 5176 table 3
        return -(first - 251) * 256 - data[at + 1] - 108, at + 2
    if first == 28:  # noqa: PLR2004 - TN 5176 table 3
        return struct.unpack_from(">h", data, at + 1)[0], at + 3
    if first == 29:  # noqa: PLR2004 - TN 5176 table 3
        return struct.unpack_from(">i", data, at + 1)[0], at + 5
    raise ProgramDamaged("reserved octet")


def _real(data: bytes, at: int) -> tuple[float, int]:
    digits = ""
    while len(digits) < _MAX_DIGITS:
        for nibble in (data[at] >> 4, data[at] & 15):
            if nibble == 15:  # noqa: PLR2004 - end of the number
                return _number(digits), at + 1
            digits += "E-" if nibble == 12 else _REAL[nibble]  # noqa: PLR2004 - TN 5176 table 5
        at += 1
    raise ProgramDamaged("a number without end")


def _number(digits: str) -> float:
    try:
        value = float(digits)
    except ValueError as err:
        raise ProgramDamaged("no number") from err
    if not abs(value) < _MAX_NUMBER:
        raise ProgramDamaged("no number")
    return value


def _offset(entries: dict[int, tuple[float, ...]], operator: int) -> int:
    (offset,) = entries.get(operator, ()) or (0,)
    if offset <= 0 or offset != int(offset):
        raise ProgramDamaged(f"no place for {operator}")
    return int(offset)


def _matrix(entries: dict[int, tuple[float, ...]]) -> Matrix | None:
    matrix = entries.get(FONT_MATRIX) or None
    if matrix is not None and len(matrix) != 6:  # noqa: PLR2004 - numbers of a matrix
        raise ProgramDamaged("matrix")
    return matrix


def _font_dict(data: bytes, entries: dict[int, tuple[float, ...]]) -> FontDict:
    size, start = (int(value) for value in (entries.get(PRIVATE) or (0, 0))[:2])
    if size < 0 or start < 0 or start + size > len(data):
        raise ProgramDamaged("private part outside")
    private = _dictionary(data, (start, start + size))
    # TN 5176 §15: from the start of the private part
    subrs = _index(data, start + _offset(private, SUBRS))[0] if SUBRS in private else ()
    return FontDict(matrix=_matrix(entries), widths=(private.get(20), private.get(21)), subrs=subrs)


def _font_of(data: bytes, at: int, count: int) -> bytes:
    """TN 5176 §19."""
    if data[at] == 0:
        found = data[at + 1 : at + 1 + count]
    elif data[at] == 3:  # noqa: PLR2004 - format by ranges
        (ranges,) = struct.unpack_from(">H", data, at + 1)
        firsts = [struct.unpack_from(">H", data, at + 3 + 3 * i)[0] for i in range(ranges + 1)]
        if firsts[0] != 0 or firsts[-1] != count or any(a >= b for a, b in pairwise(firsts)):
            raise ProgramDamaged("ranges that do not ascend")
        found = b"".join(data[at + 5 + 3 * i : at + 6 + 3 * i] * (firsts[i + 1] - firsts[i]) for i in range(ranges))
    else:
        raise ProgramDamaged("choice of fonts")
    if len(found) != count:
        raise ProgramDamaged("letters without a font")
    return found


def _charset(data: bytes, at: int, count: int) -> Iterator[int]:
    """TN 5176 §18; 0, 1 and 2 are lists that everybody knows, each letter in them once."""
    if at <= 2:  # noqa: PLR2004 - predefined
        yield from range(count)
        return
    yield 0
    left, kind = count - 1, data[at]
    at += 1
    if kind == 0:
        yield from struct.unpack_from(f">{max(left, 0)}H", data, at)
        return
    if kind not in {1, 2}:
        raise ProgramDamaged("charset")
    layout = ">HB" if kind == 1 else ">HH"
    while left > 0:
        first, more = struct.unpack_from(layout, data, at)
        yield from range(first, first + min(more + 1, left))
        left, at = left - more - 1, at + struct.calcsize(layout)
