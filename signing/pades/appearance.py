"""Turns a mark into the appearance stream of a signature widget.

Pictures become image XObjects with their transparency, text becomes embedded subset glyphs: what PDF/A-2 allows.
Knows how to draw into a box of a given size; where the box is was decided before.
"""

import io
import unicodedata
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator
from pyhanko.pdf_utils.images import pil_image
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.pades.geometry import Frame
from signing.pades.marks import TEXT_HEIGHT, TEXT_LEADING, TEXT_SIZE, TEXT_WIDTH, TextMark
from signing.pades.objects import dictionary, name, numbers, stream, whole_numbers
from signing.pades.refusals import MarkUnreadable
from signing.pades.typeface import require_letters, scaled_font, text_width

MAX_PICTURE_PIXELS = 4_000_000  # a seal of 36 mm at 600 dpi has 0.7 million
_PADDING = 3.0  # points between the edge of a text mark and its letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Content of an appearance stream in a box of its own, lower left at the origin."""

    width: float
    height: float
    operators: bytes
    resources: Any
    """A pyHanko dictionary."""


def opened_picture(picture: bytes) -> Image.Image:
    """A picture for marks A and B, as RGBA.

    Raises:
        MarkUnreadable: not a PNG, or too large.
    """
    try:
        image = Image.open(io.BytesIO(picture), formats=["PNG"])
        if image.width * image.height > MAX_PICTURE_PIXELS:
            raise MarkUnreadable("the picture of the mark has too many pixels")
        return image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as err:
        raise MarkUnreadable("the picture of the mark is no PNG that can be read") from err


def picture_drawing(image: Image.Image, writer: BasePdfFileWriter, *, width: float, height: float) -> Drawing:
    """The picture over the whole box."""
    resources = dictionary({"/XObject": dictionary({"/Mark": pil_image(image, writer)})})
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
    face = io.BytesIO(scaled_font(mark.font))
    engine = GlyphAccumulator(writer, face, font_size=TEXT_SIZE, bcp47_lang_code="vi")
    height = text_height(lines)
    parts = [b"BT /F1 %g Tf 0 g" % TEXT_SIZE]
    for number, line in enumerate(lines):
        base = height - _PADDING - TEXT_SIZE * 0.9 - number * TEXT_LEADING
        parts.append(b"1 0 0 1 %.3f %.3f Tm " % (_PADDING, base) + engine.shape(line).graphics_ops)
    parts.append(b"ET")
    resources = dictionary({"/Font": dictionary({"/F1": engine.as_resource()})})
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
