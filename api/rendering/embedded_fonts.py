"""Font programs embedded in a document of ours: counted, then brought into the form that the PDF/A check reads.

What the check does not read it refuses, although ISO 19005-2 allows it: programs by CIDs that say their scale in the
second place (typst, Ghostscript, cairo), letters found by number, CFF inside an OpenType file (WeasyPrint, MuPDF).
Widths, missing letters and embedding are judged by the check itself, afterwards. Knows how a document refers to fonts.
Must not know records or who asks.
"""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pikepdf
from pikepdf import Name

from api.rendering.cff_effort import steps_to_draw
from api.rendering.cff_form import needs_form, opentype_program, plain_form, scales_of
from api.rendering.cff_reader import ProgramDamaged, read_program

MAX_STEPS: Final = 4_000_000
"""Numbers and operators of all letters of all programs of a file: two seconds for us, a few for the check. Thirty fonts
with all their Latin letters are as much; the letters that a document uses of its fonts are a hundredth."""
_PROGRAMS: Final = (Name.Type1C, Name.CIDFontType0C, Name.OpenType)


def settle_fonts(document: pikepdf.Pdf) -> None:
    """Make every CFF program of the document one that the PDF/A check can compare with it; drawing stays the same.

    Raises:
        ProgramDamaged, ProgramTooLarge: one that no library should see.
    """
    for font in _fonts(document):
        _call_by_its_name(font)
    uses = Counter(use for font in _fonts(document) if (use := _use(font)) is not None)
    by_cid = {number for number, is_by_cid in uses if is_by_cid}
    left = MAX_STEPS
    for stream in [item for item in document.objects if isinstance(item, pikepdf.Stream)]:
        if stream.get(Name.Subtype) not in _PROGRAMS:
            continue
        number = stream.objgen
        shared = max(1, uses[number, True] + uses[number, False])
        left -= shared * _settle(stream, by_cid=number in by_cid, at_most=left // shared)


def forget_cid_sets(document: pikepdf.Pdf) -> None:
    """Take away lists of what a font holds: ISO 19005-2 §6.2.11.4.2 wants none, but one that is there to be exact.

    Those of typst are not; those of others cannot be checked for TrueType.
    """
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and Name.CIDSet in item:
            del item[Name.CIDSet]
    for font in _fonts(document):
        if Name.CIDSet in font.FontDescriptor:
            del font.FontDescriptor[Name.CIDSet]


def _fonts(document: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Every dictionary with a description of a font; those that stand inside others, too."""
    for item in document.objects:
        if not isinstance(item, pikepdf.Dictionary):
            continue
        resources = _dictionary(item.get(Name.Resources))
        named = (*_dictionary(item.get(Name.Font)).values(), *_dictionary(resources.get(Name.Font)).values())
        for font in (item, *(one for one in named if not one.is_indirect)):
            for one in (font, *_below(font)):
                if isinstance(one, pikepdf.Dictionary) and isinstance(one.get(Name.FontDescriptor), pikepdf.Dictionary):
                    yield one


def _below(font: pikepdf.Object) -> list[pikepdf.Object]:
    """The fonts that stand inside a composite font."""
    below = font.get(Name.DescendantFonts) if isinstance(font, pikepdf.Dictionary) else None
    return [one for one in below if not one.is_indirect] if isinstance(below, pikepdf.Array) else []


def _dictionary(value: pikepdf.Object | None) -> pikepdf.Dictionary:
    return value if isinstance(value, pikepdf.Dictionary) else pikepdf.Dictionary()


def _use(font: pikepdf.Dictionary) -> tuple[tuple[int, int], bool] | None:
    """Which program a font takes its letters from, and whether by CID."""
    program = font.FontDescriptor.get(Name.FontFile3)
    if not isinstance(program, pikepdf.Stream):
        return None
    return program.objgen, font.get(Name.Subtype) == Name.CIDFontType0


def _call_by_its_name(font: pikepdf.Dictionary) -> None:
    """Call a font of CFF letters that is said to be TrueType what it is (ISO 32000-1 table 126).

    pdf-lib embeds whole OpenType fonts so, letters found by number; readers see what is inside, the check does not.
    """
    descriptor = font.FontDescriptor
    program = descriptor.get(Name.FontFile2)
    if not isinstance(program, pikepdf.Stream):
        return
    data, _units = opentype_program(program.read_bytes())
    if data is None:
        return
    by_number = font.get(Name.Subtype) == Name.CIDFontType2 and font.get(Name.CIDToGIDMap) == Name.Identity
    if not by_number or Name.FontFile3 in descriptor or read_program(data).is_cid_keyed:
        raise ProgramDamaged("no TrueType program")
    descriptor[Name.FontFile3] = program
    program.Subtype = Name.OpenType
    font.Subtype = Name.CIDFontType0
    del descriptor[Name.FontFile2], font[Name.CIDToGIDMap]


def _settle(stream: pikepdf.Stream, *, by_cid: bool, at_most: int) -> int:
    """The steps that the letters of a program are; it is in the form of the check afterwards, if it can be."""
    data: bytes | None = stream.read_bytes()
    units, is_packed = 0, stream.Subtype == Name.OpenType
    if is_packed:
        data, units = opentype_program(data or b"")
    if data is None:
        return 0  # TrueType outlines
    program = read_program(data)
    steps = steps_to_draw(program, at_most=at_most)
    if not (needs_form(program, by_cid=by_cid) or (is_packed and not by_cid)):
        return steps
    if is_packed and not _agrees(scales_of(program), units):
        return steps  # readers would have to choose
    plain = plain_form(program, by_cid=by_cid)
    if plain is not None:
        stream.write(plain)
        stream.Subtype = Name.CIDFontType0C if by_cid else Name.Type1C
    return steps


def _agrees(scales: tuple[float, ...] | None, units: int) -> bool:
    """Whether the file around a program says the scale that the program says."""
    return scales is not None and all(math.isclose(scale * units, 1, rel_tol=1e-6) for scale in scales)
