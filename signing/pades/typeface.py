"""Fonts for text marks: checked for every letter, brought to 1000 units per em.

pyHanko 0.38 writes glyph widths in font units where PDF wants 1/1000 em: a 2048-unit font is spread over twice its
width and cut off, while text extraction still looks right (measured). So fonts are rescaled before they reach it.
"""

import io
from collections.abc import Mapping
from functools import lru_cache

from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError
from fontTools.ttLib.scaleUpem import scale_upem

from signing.pades.refusals import MarkUnreadable

UNITS_PER_EM = 1000
# programs that bend outlines on the old grid: kept, they squeeze every letter of the rescaled font (seen when rendered)
# rules for placing and replacing letters, which take most of the time of a subset; letters with their marks are one
# character here (NFC), and widths are reckoned without kerning
_LAYOUT = ("GPOS", "GSUB", "GDEF")
_HINTS = ("fpgm", "prep", "cvt ", "gasp", "hdmx", "VDMX", "LTSH", "DSIG", "kern")
# Basic Latin, Latin-1, Latin Extended-A, ơ and ư, Vietnamese letters with tones, dashes and quotation marks
_COMMON = frozenset(
    {*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x1A0, 0x1B1), *range(0x1EA0, 0x1EFA), *range(0x2010, 0x2027)}
)
MAX_FONT_BYTES = 16 * 1024 * 1024


@lru_cache(maxsize=4)
def scaled_font(font: bytes) -> bytes:
    """The font with 1000 units per em and without rules of layout; unchanged bytes if it is so already.

    Raises:
        MarkUnreadable: not a font, or larger than 16 MiB.
    """
    typeface = _opened(font)
    is_scaled = typeface["head"].unitsPerEm == UNITS_PER_EM
    layout = [table for table in _LAYOUT if table in typeface]
    if is_scaled and not layout:
        return font
    for table in (*layout, *(() if is_scaled else _HINTS)):
        if table in typeface:
            del typeface[table]
    if not is_scaled:
        if "glyf" in typeface:
            for glyph in typeface.getGlyphOrder():
                typeface["glyf"][glyph].removeHinting()
        scale_upem(typeface, UNITS_PER_EM)
    result = io.BytesIO()
    typeface.save(result)
    return result.getvalue()


def font_for(font: bytes, text: str) -> bytes:
    """The scaled font, cut down to the letters of Vietnamese papers when a text needs no others: much quicker to embed.

    Raises:
        MarkUnreadable: as for ``scaled_font``.
    """
    return _common_font(font) if _COMMON.issuperset(map(ord, text)) else scaled_font(font)


@lru_cache(maxsize=4)
def _common_font(font: bytes) -> bytes:
    typeface = _opened(scaled_font(font))
    subsetter = subset.Subsetter(options=subset.Options(notdef_outline=True, layout_features=[]))
    subsetter.populate(unicodes=_COMMON & set(typeface.getBestCmap()))
    subsetter.subset(typeface)
    result = io.BytesIO()
    typeface.save(result)
    return result.getvalue()


def require_letters(font: bytes, text: str) -> None:
    """Makes sure that every character of a text has a glyph.

    Raises:
        MarkUnreadable: a letter is missing; a box or a blank would be signed in its place.
    """
    known = _advances(font)
    missing = sorted({c for c in text if ord(c) not in known})
    if missing:
        raise MarkUnreadable(f"the font lacks {', '.join(f'U+{ord(c):04X}' for c in missing[:5])}")


def text_width(font: bytes, text: str, size: float) -> float:
    """Width of a line in points, without kerning."""
    advances = _advances(font)
    return sum(advances.get(ord(c), 1.0) for c in text) * size


@lru_cache(maxsize=4)
def _advances(font: bytes) -> Mapping[int, float]:
    """Advance widths in em by code point."""
    typeface = _opened(font)
    units, metrics = typeface["head"].unitsPerEm, typeface["hmtx"].metrics
    return {code: metrics[glyph][0] / units for code, glyph in typeface.getBestCmap().items()}


def _opened(font: bytes) -> TTFont:
    if len(font) > MAX_FONT_BYTES:
        raise MarkUnreadable("the font file is too large")
    try:
        return TTFont(io.BytesIO(font))
    except (TTLibError, ValueError, KeyError) as err:
        raise MarkUnreadable("the font cannot be read") from err
