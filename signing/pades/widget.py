"""Puts a mark on the page: where (from the page), what (from the mark), as the appearance of the signature's widget.

Knows the three kinds of marks and the document's pages. Signs nothing.
"""

from dataclasses import dataclass
from typing import Any, cast

from PIL import Image
from pyhanko.pdf_utils.form_tools import get_single_field_annot
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from signing.pades.appearance import (
    Drawing,
    appearance_stream,
    opened_picture,
    picture_drawing,
    text_drawing,
    text_height,
    wrapped_lines,
)
from signing.pades.geometry import Box, Frame
from signing.pades.marks import Mark, PersonMark, SealMark, TextMark
from signing.pades.objects import dictionary
from signing.pades.pages import frame_of, occupied, opened_pages, signature_widgets
from signing.pades.placing import person_box, seal_box, text_box
from signing.pades.refusals import MarkHasNoPlace
from signing.pades.signer_block import find_signer_block

_USUAL_RATIO = 2.5  # width to height of a signature picture


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedMark:
    """A mark with its place; ready to be drawn."""

    box: Box
    frame: Frame
    picture: Image.Image | None = None
    text: TextMark | None = None
    lines: tuple[str, ...] = ()

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        """/Rect of the widget, in the page's user space."""
        left, bottom, right, top = self.frame.to_user(self.box)
        return round(left, 3), round(bottom, 3), round(right, 3), round(top, 3)


def place_mark(pdf: bytes, mark: Mark) -> PlacedMark:
    """Finds the place of a mark in a document.

    Raises:
        MarkHasNoPlace: no signer's block, no mark A for the seal, or no free place.
        MarkUnreadable: the picture or the font cannot be used.
    """
    match mark:
        case PersonMark():
            return _person(pdf, mark)
        case SealMark():
            return _seal(pdf, mark)
        case TextMark():
            return _text(pdf, mark)


def put_on_widget(field: Any, placed: PlacedMark, writer: BasePdfFileWriter) -> None:  # noqa: ANN401 - pyHanko's field
    """Makes the mark the normal appearance of the field's widget (PDF/A-2 §6.3.3: /N only)."""
    widget = get_single_field_annot(field)
    content = appearance_stream(_drawing(placed, writer), placed.frame)
    widget["/AP"] = dictionary({"/N": writer.add_object(content)})
    writer.update_container(widget)  # a field that was reserved earlier is changed, not new


def reserve_seal(writer: BasePdfFileWriter, field_name: str, signature: PlacedMark, diameter_mm: float) -> None:
    """Adds an empty, visible signature field where the seal will be: part of what the first signature certifies.

    Raises:
        MarkHasNoPlace: the seal would leave the page.
    """
    box = seal_box(signature.box, signature.frame, diameter_mm)
    rectangle = PlacedMark(box=box, frame=signature.frame).rectangle
    append_signature_field(writer, SigFieldSpec(field_name, on_page=box.page, box=cast("Any", rectangle)))


def _drawing(placed: PlacedMark, writer: BasePdfFileWriter) -> Drawing:
    if placed.text is not None:
        return text_drawing(placed.text, placed.lines, writer)
    if placed.picture is None:
        raise MarkHasNoPlace("a mark without content")
    return picture_drawing(placed.picture, writer, width=placed.box.width, height=placed.box.height)


def _person(pdf: bytes, mark: PersonMark) -> PlacedMark:
    picture = opened_picture(mark.picture)
    block = mark.block or find_signer_block(pdf)
    if block is None:
        raise MarkHasNoPlace("the signer's block was not found; give its place")
    with opened_pages(pdf) as document:
        frame = frame_of(document, block.page)
    return PlacedMark(box=person_box(block, picture.width / picture.height), frame=frame, picture=picture)


def _seal(pdf: bytes, mark: SealMark) -> PlacedMark:
    picture = opened_picture(mark.picture)
    if mark.block is not None:
        signature = person_box(mark.block, _USUAL_RATIO)
    else:
        named = [w for w in signature_widgets(pdf) if mark.beside_field in {None, w.field_name}]
        if not named:
            raise MarkHasNoPlace("there is no visible signature of a person to set the seal on")
        signature = named[-1].box
    with opened_pages(pdf) as document:
        frame = frame_of(document, signature.page)
    return PlacedMark(box=seal_box(signature, frame, mark.diameter_mm), frame=frame, picture=picture)


def _text(pdf: bytes, mark: TextMark) -> PlacedMark:
    lines = wrapped_lines(mark)
    with opened_pages(pdf) as document:
        frame = frame_of(document, mark.page)
        box = text_box(frame, occupied(document, frame), text_height(lines))
    return PlacedMark(box=box, frame=frame, text=mark, lines=lines)
