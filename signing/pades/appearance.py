"""Turns a mark into the appearance stream of a signature widget.

Pictures become image XObjects with their transparency, text becomes embedded subset glyphs: what PDF/A-2 allows.
Knows how to draw into a box of a given size; where the box is was decided before.
"""

import io
import unicodedata
from dataclasses import dataclass
from typing import Any, cast

from pyhanko.pdf_utils.font.opentype import GlyphAccumulator
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.pades.colours import colour_rules
from signing.pades.geometry import Frame
from signing.pades.marks import TEXT_HEIGHT, TEXT_LEADING, TEXT_SIZE, TEXT_WIDTH, TextMark
from signing.pades.objects import dictionary, name, numbers, stream, whole_numbers
from signing.pades.picture_objects import PackedPicture, image_object
from signing.pades.typeface import font_for, require_letters, text_width

_PADDING = 3.0  # points between the edge of a text mark and its letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Content of an appearance stream in a box of its own, lower left at the origin."""

    width: float
    height: float
    operators: bytes
    resources: Any
    """A pyHanko dictionary."""


def picture_drawing(picture: PackedPicture, writer: BasePdfFileWriter, *, width: float, height: float) -> Drawing:
    """The picture over the whole box."""
    image = image_object(picture, colour_rules(catalog_of(writer)), writer)
    resources = dictionary({"/XObject": dictionary({"/Mark": image})})
    return Drawing(
        width=width,
        height=height,
        resources=resources,
        operators=b"q %.3f 0 0 %.3f 0 0 cm /Mark Do Q" % (width, height),
    )


def wrapped_lines(mark: TextMark) -> tuple[str, ...]:
    """The lines of a text mark as they will stand: NFC, broken at spaces to the width of the box.

    Raises:
        MarkUnreadable: the font lacks a letter.
    """
    lines: list[str] = []
    for text in mark.lines:
        clean = unicodedata.normalize("NFC", " ".join(text.split()))
        require_letters(mark.font, clean)
        current = ""
        for word in clean.split(" "):
            longer = f"{current} {word}".strip()
            if current and text_width(mark.font, longer, TEXT_SIZE) > TEXT_WIDTH - 2 * _PADDING:
                lines.append(current)
                current = word
            else:
                current = longer
        lines.append(current)
    return tuple(lines)


def text_height(lines: tuple[str, ...]) -> float:
    """Height of the box that holds the lines: 30 pt for two, more for more."""
    return max(TEXT_HEIGHT, len(lines) * TEXT_LEADING + 2 * _PADDING)


def text_drawing(mark: TextMark, lines: tuple[str, ...], writer: BasePdfFileWriter) -> Drawing:
    """Black 10 pt lines from the top of the box, with an embedded subset of the font."""
    face = io.BytesIO(font_for(mark.font, "".join(lines)))
    engine = GlyphAccumulator(writer, face, font_size=TEXT_SIZE, bcp47_lang_code="vi")
    height = text_height(lines)
    parts = [b"/Ink cs 0 sc BT /F1 %g Tf" % TEXT_SIZE]
    for number, line in enumerate(lines):
        base = height - _PADDING - TEXT_SIZE * 0.9 - number * TEXT_LEADING
        parts.append(b"1 0 0 1 %.3f %.3f Tm " % (_PADDING, base) + engine.shape(line).graphics_ops)
    parts.append(b"ET")
    rules = colour_rules(catalog_of(writer))
    if rules.lists_glyphs:
        _list_glyphs(engine, writer)
    ink = dictionary({"/Ink": rules.gray})
    resources = dictionary({"/Font": dictionary({"/F1": engine.as_resource()}), "/ColorSpace": ink})
    return Drawing(width=TEXT_WIDTH, height=height, operators=b"\n".join(parts), resources=resources)


def appearance_stream(drawing: Drawing, frame: Frame) -> Any:  # noqa: ANN401 - a pyHanko stream
    """The form XObject for /AP /N, upright on the page as it is shown."""
    return stream(
        {
            "/Type": name("/XObject"),
            "/Subtype": name("/Form"),
            "/BBox": numbers((0, 0, drawing.width, drawing.height)),
            "/Matrix": whole_numbers(frame.upright_matrix),
            "/Resources": drawing.resources,
        },
        drawing.operators,
    )


def _list_glyphs(engine: GlyphAccumulator, writer: BasePdfFileWriter) -> None:
    """Adds /CIDSet to the font's descriptor: one bit a glyph of the subset (ISO 32000-1 table 124)."""
    font: Any = engine.tt
    order = font.getGlyphOrder()
    wanted, present = [".notdef", *(order[number] for number in engine._glyphs)], set[str]()  # noqa: SLF001 - no public list
    while wanted:
        glyph = wanted.pop()
        if glyph not in present:
            present.add(glyph)
            wanted.extend(font["glyf"][glyph].getComponentNames(font["glyf"]) if "glyf" in font else ())
    numbers_present = sorted(font.getGlyphID(glyph) for glyph in present)
    bits = bytearray(numbers_present[-1] // 8 + 1)
    for number in numbers_present:
        bits[number // 8] |= 0x80 >> number % 8
    descriptor: Any = engine.cidfont_obj._font_descriptor  # noqa: SLF001 - made before it is written, without a name of its own
    descriptor["/CIDSet"] = writer.add_object(stream({}, bytes(bits)))


def catalog_of(writer: BasePdfFileWriter) -> Any:  # noqa: ANN401 - pyHanko's dictionary
    """The catalog of the document that a revision is written for."""
    return cast("Any", writer).prev.root
