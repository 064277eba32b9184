"""A font for text that is searched, marked and copied but never seen: every letter is the same box.

PDF/A wants every font embedded and forbids references to the "missing glyph" even for invisible text (ISO 19005-2
6.2.11.4, 6.2.11.8), so the font has one real glyph and every character points to it. The glyph is a box of the letter's
size, not empty: viewers take what they highlight from the glyph's extent.

Knows font and PDF structures. Must not know pages.
"""

import io
from functools import lru_cache

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

FONT_NAME = "AnsoUnseen"
UNITS_PER_EM = 1000
ADVANCE = 500  # each letter is half as wide as the font size; the text layer stretches words to their boxes
_ASCENT, _DESCENT = 800, -200
_BOX_GLYPH = 1
_LAST_CODE = 0xFFFF
_MADE_AT = 3_786_825_600  # seconds since 1904 (OpenType): 1 January 2024
_SURROGATES = range(0xD8, 0xE0)  # first bytes of UTF-16 halves: no characters of their own
_CMAP = b"""/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
%RANGES%
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


@lru_cache(maxsize=1)
def font_file() -> bytes:
    """Return the TrueType file: `.notdef` and one box."""
    builder = FontBuilder(UNITS_PER_EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", "unseen"])
    builder.setupCharacterMap({0x20: "unseen"})
    builder.setupGlyf({".notdef": Glyph(), "unseen": _box()})
    builder.setupHorizontalMetrics({".notdef": (ADVANCE, 0), "unseen": (ADVANCE, 0)})
    builder.setupHorizontalHeader(ascent=_ASCENT, descent=_DESCENT)
    builder.setupNameTable({"familyName": FONT_NAME, "styleName": "Regular", "psName": FONT_NAME})
    builder.setupOS2(sTypoAscender=_ASCENT, sTypoDescender=_DESCENT, usWinAscent=_ASCENT, usWinDescent=-_DESCENT)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = _MADE_AT  # the same bytes on every day
    builder.font.recalcTimestamp = False
    out = io.BytesIO()
    builder.font.save(out)
    return out.getvalue()


def _box() -> Glyph:
    pen = TTGlyphPen(None)
    corners = ((0, _DESCENT), (0, _ASCENT), (ADVANCE, _ASCENT), (ADVANCE, _DESCENT))
    pen.moveTo(corners[0])
    for corner in corners[1:]:
        pen.lineTo(corner)
    pen.closePath()
    return pen.glyph()


def add_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Add the font to a document and return it for pages' resources. Codes are UTF-16 units, big-endian."""
    descriptor = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=pikepdf.Name("/" + FONT_NAME),
            Flags=4,  # symbolic: its encoding is its own
            FontBBox=[0, _DESCENT, ADVANCE, _ASCENT],
            ItalicAngle=0,
            Ascent=_ASCENT,
            Descent=_DESCENT,
            CapHeight=_ASCENT,
            StemV=80,
            FontFile2=pikepdf.Stream(pdf, font_file(), Length1=len(font_file())),
        )
    )
    descendant = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=pikepdf.Name("/" + FONT_NAME),
            CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            FontDescriptor=descriptor,
            DW=ADVANCE,
            CIDToGIDMap=pikepdf.Stream(pdf, _BOX_GLYPH.to_bytes(2, "big") * (_LAST_CODE + 1)),
        )
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=pikepdf.Name("/" + FONT_NAME),
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=[descendant],
            ToUnicode=pikepdf.Stream(pdf, _to_unicode()),
        )
    )


def _to_unicode() -> bytes:
    """Map each code to itself; a range may not cross a change of the first byte (ISO 32000-1 9.10.3)."""
    ranges = [f"<{high:02X}00> <{high:02X}FF> <{high:02X}00>" for high in range(256) if high not in _SURROGATES]
    blocks = [ranges[at : at + 100] for at in range(0, len(ranges), 100)]
    lines = "\n".join(f"{len(block)} beginbfrange\n" + "\n".join(block) + "\nendbfrange" for block in blocks)
    return _CMAP.replace(b"%RANGES%", lines.encode("ascii"))
