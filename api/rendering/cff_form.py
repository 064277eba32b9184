"""Brings a CFF font program into the form in which its letters can be compared with what a document says of them.

ISO 32000-1 §9.7.4.2 lets a program say its scale in two places and lets letters be found by CID or by their number; the
PDF/A check reads one of these forms only and refuses what it does not read. Here the others become that one: the
scale is said nowhere when it is the usual one, letters found by number get that number as CID. No letter is touched,
but for those drawn in other units (`api.rendering.cff_scale`). Knows font programs. Must not know PDF.
"""

import io
import math
import struct
import sys
from types import SimpleNamespace
from typing import Final

from fontTools.cffLib import CFFFontSet, FDArrayIndex, FDSelect, FontDict, PrivateDict, TopDict
from fontTools.ttLib import TTLibError

from api.rendering.cff_effort import Budget
from api.rendering.cff_reader import CffProgram, Matrix, ProgramDamaged, read_program
from api.rendering.cff_scale import scaled_letters

USUAL_SCALE: Final = 0.001
"""TN 5176 table 9: a thousand units are an em."""
_USUAL: Final[Matrix] = (USUAL_SCALE, 0, 0, USUAL_SCALE, 0, 0)
_SMALLEST, _LARGEST = 1 / 16384, 1 / 16
"""What OpenType allows in `head`: 16 to 16384 units per em."""
_HINTS: Final = (
    "BlueValues", "OtherBlues", "FamilyBlues", "FamilyOtherBlues", "StdHW", "StdVW", "StemSnapH", "StemSnapV",
    "BlueScale", "BlueShift", "BlueFuzz",
)  # fmt: skip
_NO_BOXES: Final = SimpleNamespace(recalcBBoxes=False)
"""What the library asks of the font file around a program; there is none."""
_OPENTYPE: Final = (b"OTTO", b"\0\1\0\0", b"true")
_STUMBLES: Final = (
    AssertionError, AttributeError, LookupError, NotImplementedError, OverflowError, TTLibError, TypeError, ValueError,
    struct.error,
)  # fmt: skip
"""What the library raises when a program is not what it says; it has no error of its own for that."""


def opentype_program(opentype: bytes) -> tuple[bytes | None, int]:
    """The CFF program of an OpenType file, None for outlines of another kind, and the units per em that the file says.

    Raises:
        ProgramDamaged: no OpenType file, or one that is packed once more.
    """
    try:
        if opentype[:4] not in _OPENTYPE:
            raise ProgramDamaged("no OpenType file")
        (count,) = struct.unpack_from(">H", opentype, 4)
        entries = [struct.unpack_from(">4s4xLL", opentype, 12 + 16 * i) for i in range(count)]
        tables = {tag: (start, start + size) for tag, start, size in entries}
        if len(tables) != count:
            raise ProgramDamaged("a table twice")
        (units,) = struct.unpack_from(">H", opentype, tables[b"head"][0] + 18)
    except (struct.error, KeyError) as err:
        raise ProgramDamaged("no OpenType file") from err
    program = tables.get(b"CFF ")
    return opentype[slice(*program)] if program else None, units


def needs_form(program: CffProgram, *, by_cid: bool) -> bool:
    """Whether `plain_form` has anything to do."""
    says_scale = any(font.matrix is not None for font in program.fonts) or program.matrix not in {None, _USUAL}
    return (by_cid and not program.is_cid_keyed) or says_scale


def scales_of(program: CffProgram) -> tuple[float, ...] | None:
    """How large the units of each font of a program are, in ems; None: they are not only smaller or larger.

    A matrix that is not said is none, and the usual one if neither is (TN 5176 §9, §19).
    """
    scales = []
    for font in program.fonts:
        own, above = font.matrix, program.matrix
        net = _product(own, above) if own and above else own or above or _USUAL
        scale = net[0]
        even = (scale, 0, 0, scale, 0, 0)
        if not _SMALLEST <= scale <= _LARGEST or not _is_close(net, even):
            return None
        scales.append(scale)
    return tuple(scales)


def plain_form(program: CffProgram, *, by_cid: bool) -> bytes | None:
    """The same letters in a program without matrices and, if asked for, with CIDs; None: that would change them.

    Args:
        program: whose work was counted before.
        by_cid: the font takes its letters by CID (ISO 32000-1 §9.7.4.2).

    Raises:
        ProgramDamaged: the library cannot read it.
    """
    scales = scales_of(program)
    if scales is None:
        return None
    factors = tuple(scale / USUAL_SCALE for scale in scales)
    letters = None
    if not _is_close(factors, (1,) * len(factors)):
        letters = scaled_letters(program, factors, Budget(left=sys.maxsize))
        if letters is None:
            return None
    try:
        made = _written(program, by_cid=by_cid, letters=letters, factors=factors)
    except _STUMBLES as err:
        raise ProgramDamaged("no program that can be written again") from err
    if letters is None and _letters(read_program(made)) != _letters(program):
        return None
    return made


def _is_close(values: tuple[float, ...], wanted: tuple[float, ...]) -> bool:
    return all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(values, wanted, strict=True))


def _written(
    program: CffProgram, *, by_cid: bool, letters: tuple[bytes, ...] | None, factors: tuple[float, ...]
) -> bytes:
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(program.data), otFont=None)
    top: TopDict = fonts[0]
    if letters is not None:
        _replace_letters(fonts, top, letters, factors)
    if by_cid and not program.is_cid_keyed:
        _key_by_number(fonts, top, len(program.charstrings))
    for one in (top, *getattr(top, "FDArray", ())):
        for key in ("FontMatrix", *(set(one.rawDict) - set(one.order))):  # underlines, in Ghostscript's: not written
            _forget(one, key)
    out = io.BytesIO()
    fonts.compile(out, _NO_BOXES)
    return out.getvalue()


def _replace_letters(fonts: CFFFontSet, top: TopDict, letters: tuple[bytes, ...], factors: tuple[float, ...]) -> None:
    """Letters that need no routines and no hints any more, and the widths that they count from."""
    stored = top.CharStrings.charStringsIndex
    for number, letter in enumerate(letters):
        stored[number].bytecode = letter
    fonts.GlobalSubrs.clear()
    for font, factor in zip(getattr(top, "FDArray", (top,)), factors, strict=True):
        private = font.Private
        for key in (*_HINTS, "Subrs"):
            _forget(private, key)
        private.defaultWidthX *= factor
        private.nominalWidthX *= factor
    left, bottom, right, above = (side * factors[0] for side in top.FontBBox)
    top.FontBBox = [math.floor(left), math.floor(bottom), math.ceil(right), math.ceil(above)]


def _product(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _key_by_number(fonts: CFFFontSet, top: TopDict, count: int) -> None:
    """TN 5176 §18: a font of CIDs around the one font that there was."""
    letters = top.CharStrings.charStringsIndex
    one = FontDict()
    one.Private = top.Private
    array = FDArrayIndex()
    array.strings, array.GlobalSubrs, array._isCFF2 = fonts.strings, fonts.GlobalSubrs, False  # noqa: SLF001 - the library sets it only where it reads the array itself
    array.append(one)
    choice = FDSelect()
    choice.gidArray = [0] * count
    letters.fdArray, letters.fdSelect, letters.private = array, choice, None
    names = [".notdef", *(f"cid{number:05}" for number in range(1, count))]
    top.charset, top.CharStrings.charStrings = names, {name: number for number, name in enumerate(names)}
    for key in ("Private", "Encoding"):
        _forget(top, key)
    top.ROS, top.CIDCount, top.FDArray, top.FDSelect = ("Adobe", "Identity", 0), count, array, choice


def _forget(part: TopDict | FontDict | PrivateDict, key: str) -> None:
    part.rawDict.pop(key, None)
    vars(part).pop(key, None)


def _letters(program: CffProgram) -> tuple[object, ...]:
    """Everything that a letter is drawn from."""
    data = program.data
    routines = [
        [data[start:end] for start, end in table]
        for table in (program.charstrings, program.global_subrs, *(font.subrs for font in program.fonts))
    ]
    return routines, program.font_of, [font.widths for font in program.fonts]
