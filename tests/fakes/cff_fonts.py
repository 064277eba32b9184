"""CFF font programs put together octet by octet (Adobe TN 5176, 5177), and documents that are written with them.

By hand, so that a program can be what no library writes: scales in either place, tables that lie over each other,
routines that call each other.
"""

import functools
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from pikepdf import Name

from tests.fakes import sample_pdf

TEXT = "Giấy khai sinh số 27"
USUAL = (0.001, 0, 0, 0.001, 0, 0)
NONE = (1, 0, 0, 1, 0, 0)
CHARSET, CHARSTRINGS, PRIVATE, SUBRS = b"\x0f", b"\x11", b"\x12", b"\x13"
FONT_MATRIX, ROS, FD_ARRAY, FD_SELECT = b"\x0c\x07", b"\x0c\x1e", b"\x0c\x24", b"\x0c\x25"
CALL, CALL_GLOBAL, RETURN, ENDCHAR = b"\x0a", b"\x1d", b"\x0b", b"\x0e"


@functools.cache
def letters(size: int = 1000) -> tuple[tuple[bytes, int], ...]:
    """The form and the width of .notdef and of each letter of the text, in units of which `size` are an em."""
    with TTFont(io.BytesIO(sample_pdf.tinos())) as font:
        glyphs, names = font.getGlyphSet(), font.getBestCmap()
        made = []
        for name in (".notdef", *(names[ord(letter)] for letter in TEXT)):
            scale = size / font["head"].unitsPerEm
            width = round(glyphs[name].width * scale)
            pen = T2CharStringPen(width, glyphs)
            glyphs[name].draw(TransformPen(pen, (scale, 0, 0, scale, 0, 0)))
            form = pen.getCharString()
            form.compile()
            made.append((bytes(form.bytecode), width))
    return tuple(made)


def forms(size: int = 1000) -> list[bytes]:
    return [form for form, _width in letters(size)]


def widths() -> list[int]:
    return [width for _form, width in letters()]


def number(value: float) -> bytes:
    """An operand of a dictionary, always in the longest form, so that places do not move."""
    if isinstance(value, int):
        return b"\x1d" + struct.pack(">i", value)
    digits = f"{value:.12f}".rstrip("0").replace(".", "a").replace("-", "e") + "f"
    return b"\x1e" + bytes.fromhex(digits + "f" * (len(digits) % 2))


def entry(operator: bytes, *values: float) -> bytes:
    return b"".join(map(number, values)) + operator


def short(value: int) -> bytes:
    """A number in a letter."""
    return b"\x1c" + struct.pack(">h", value)


def index(items: Sequence[bytes]) -> bytes:
    if not items:
        return b"\0\0"
    ends = [1]
    for item in items:
        ends.append(ends[-1] + len(item))
    return struct.pack(">HB", len(items), 4) + b"".join(struct.pack(">I", end) for end in ends) + b"".join(items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """What a program says; the usual thing where nothing is said."""

    forms: Sequence[bytes] = field(default_factory=forms)
    by_cid: bool = True
    above: tuple[float, ...] | None = None
    """FontMatrix of the top dictionary."""
    own: tuple[float, ...] | None = None
    """FontMatrix of the fonts inside."""
    fonts: int = 1
    """How many there are; letters take turns."""
    routines: Sequence[bytes] = ()
    """Subroutines of each font."""
    shared: Sequence[bytes] = ()
    """Subroutines of all fonts."""
    one_table: bool = False
    """The fonts use the same octets for their subroutines."""
    charset: bytes | None = None
    names: Sequence[bytes] = (b"Anso",)
    private: bytes = b""
    """Further entries of the private part of each font."""
    more: bytes = b""
    """Further entries of the top dictionary."""


def program(font: Font) -> bytes:
    """The program, tables in the order of TN 5176 appendix D."""
    top, _rest = _laid_out(font, 0)
    top, rest = _laid_out(font, len(_head(font, top)))  # every operand is as long as any: only places changed
    return _head(font, top) + rest


def _head(font: Font, top: bytes) -> bytes:
    names = index([b"Adobe", b"Identity"])
    return b"\x01\x00\x04\x04" + index(font.names) + index([top]) + names + index(font.shared)


def _laid_out(font: Font, at: int) -> tuple[bytes, bytes]:
    """The top dictionary, and everything behind the shared routines, which starts at a place."""
    count, body = len(font.forms), b""
    place = at
    charset = font.charset or b"\x00" + struct.pack(f">{count - 1}H", *range(1, count))
    body += charset
    letters_at = place + len(body)
    body += index(font.forms)
    select_at = place + len(body)
    body += b"\x00" + bytes(number % font.fonts for number in range(count))
    privates: list[tuple[int, int]] = []
    table = index(font.routines) if font.routines else b""
    for _one in range(font.fonts):
        length = len(font.private) + (len(entry(SUBRS, 0)) if table else 0)
        start = place + len(body)
        if font.one_table and privates:  # each private part, one after the other, then the table
            start = privates[-1][1] + length
        privates.append((length, start))
        if not font.one_table:
            body += font.private + (entry(SUBRS, length) if table else b"") + table
    if font.one_table:
        last = privates[-1][1] + privates[-1][0]
        body += b"".join(font.private + entry(SUBRS, last - start) for _length, start in privates) + table
    array_at = place + len(body)
    own = entry(FONT_MATRIX, *font.own) if font.own else b""
    body += index([own + entry(PRIVATE, length, start) for length, start in privates])
    top = entry(ROS, 391, 392, 0) if font.by_cid else b""
    top += entry(FONT_MATRIX, *font.above) if font.above else b""
    top += font.more + entry(CHARSET, place) + entry(CHARSTRINGS, letters_at)
    top += entry(FD_ARRAY, array_at) + entry(FD_SELECT, select_at) if font.by_cid else entry(PRIVATE, *privates[0])
    return top, body


def opentype(cff: bytes, *, units: int = 1000, signature: bytes = b"OTTO") -> bytes:
    """As much of an OpenType file as says that a CFF program is inside."""
    head = struct.pack(">18xH34x", units)
    maxp = struct.pack(">IH", 0x5000, len(forms()))
    hhea = struct.pack(">I30xH", 0x10000, len(forms()))
    hmtx = b"".join(struct.pack(">Hh", width, 0) for width in widths())
    tables = [(b"CFF ", cff), (b"head", head), (b"hhea", hhea), (b"hmtx", hmtx), (b"maxp", maxp)]
    made, at, body = signature + struct.pack(">H6x", len(tables)), 12 + 16 * len(tables), b""
    for tag, table in tables:
        padded = table + bytes(-len(table) % 4)
        made += struct.pack(">4s4xLL", tag, at + len(body), len(table))
        body += padded
    return made + body


def document(
    font_program: bytes,
    *,
    kind: Name = Name.CIDFontType0C,
    says: Sequence[float] = (),
    codes: Sequence[int] = (),
    cid_set: bytes = b"",
    inside: bool = False,
) -> bytes:
    """A page with the text, written with a font of CIDs.

    Args:
        kind: what the document says the program is.
        says: widths that the document gives the letters; empty: those of the letters.
        codes: letters that the page shows; empty: all, in the order of the text.
        cid_set: what the document says is in the font.
        inside: fonts stand inside what uses them, not beside it.
    """
    pdf = pikepdf.new()
    stream = pdf.make_stream(font_program)
    stream.Subtype = kind
    below = pikepdf.Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType0,
        BaseFont=Name("/ABCDEF+Anso"),
        CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        W=pikepdf.Array([0, pikepdf.Array(list(says or widths()))]),
        FontDescriptor=_descriptor(pdf, stream, cid_set),
    )
    font = pikepdf.Dictionary(
        Type=Name.Font,
        Subtype=Name.Type0,
        BaseFont=Name("/ABCDEF+Anso"),
        Encoding=Name("/Identity-H"),
        DescendantFonts=pikepdf.Array([below if inside else pdf.make_indirect(below)]),
        ToUnicode=pdf.make_stream(_unicode()),
    )
    pdf.add_blank_page(page_size=(400, 120))
    page = pdf.pages[0].obj
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font if inside else pdf.make_indirect(font)))
    shown = b"".join(struct.pack(">H", code) for code in codes or range(1, len(TEXT) + 1))
    page.Contents = pdf.make_stream(b"BT /F1 32 Tf 20 50 Td <" + shown.hex().encode() + b"> Tj ET")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def simple_document(font_program: bytes, *, kind: Name) -> bytes:
    """A page with the letters of the text, by the names that letters from the space on have (TN 5176 appendix A)."""
    pdf = pikepdf.new()
    stream = pdf.make_stream(font_program)
    stream.Subtype = kind
    font = pikepdf.Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name("/ABCDEF+Anso"),
        Encoding=Name.StandardEncoding,
        FirstChar=32,
        LastChar=31 + len(TEXT),
        Widths=pikepdf.Array(widths()[1:]),
        FontDescriptor=_descriptor(pdf, stream, b""),
    )
    pdf.add_blank_page(page_size=(400, 120))
    page = pdf.pages[0].obj
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
    shown = bytes(range(33, 32 + len(TEXT)))
    page.Contents = pdf.make_stream(b"BT /F1 32 Tf 20 50 Td <" + shown.hex().encode() + b"> Tj ET")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _descriptor(pdf: pikepdf.Pdf, stream: Any, cid_set: bytes) -> Any:
    descriptor = pikepdf.Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/ABCDEF+Anso"),
        Flags=4,
        FontBBox=pikepdf.Array([-200, -300, 1200, 1000]),
        ItalicAngle=0,
        Ascent=900,
        Descent=-200,
        CapHeight=660,
        StemV=80,
        FontFile3=stream,
    )
    if cid_set:
        descriptor.CIDSet = pdf.make_stream(cid_set)
    return pdf.make_indirect(descriptor)


def _unicode() -> bytes:
    pairs = "\n".join(f"<{code:04x}> <{ord(letter):04x}>" for code, letter in enumerate(TEXT, 1))
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Anso def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(TEXT)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end"
    ).encode()
