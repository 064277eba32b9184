"""Puts a mark on the page: where (from the page), what (from the mark), as the appearance of the signature's widget.

Knows the three kinds of marks and the document's pages. Signs nothing.
"""

from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pyhanko.pdf_utils.form_tools import get_single_field_annot
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.pades.appearance import (
    Drawing,
    appearance_stream,
    picture_drawing,
    text_drawing,
    text_height,
    wrapped_lines,
)
from signing.pades.covering import Surroundings
from signing.pades.geometry import Box, Frame
from signing.pades.marks import Mark, PersonMark, SealMark, TextMark
from signing.pades.objects import dictionary, entry
from signing.pades.pages import ShownPage, opened_pages, signed_places
from signing.pades.picture_objects import PackedPicture, packed_picture
from signing.pades.placing import free_person_box, free_seal_box, free_text_box, person_box, seal_box
from signing.pades.refusals import MarkHasNoPlace
from signing.pades.signer_block import lines_around, signer_block

_USUAL_RATIO = 2.5  # width to height of a signature picture
_MISFIT = 0.5  # points between a reserved field and its mark: rounding, no more


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedMark:
    """A mark with its place; ready to be drawn."""

    box: Box
    frame: Frame
    picture: PackedPicture | None = None
    text: TextMark | None = None
    lines: tuple[str, ...] = ()

    @property
    def rectangle(self) -> tuple[float, float, float, float]:
        """/Rect of the widget, in the page's user space."""
        left, bottom, right, top = self.frame.to_user(self.box)
        return round(left, 3), round(bottom, 3), round(right, 3), round(top, 3)


def place_mark(pdf: bytes, mark: Mark, *, reserve_mm: float | None = None) -> PlacedMark:
    """Finds the place of a mark in a document, where it covers nothing but what is planned (I15).

    Args:
        pdf: the document.
        mark: what is to be placed.
        reserve_mm: diameter of the seal that will be set on mark A later: its place has to be free already now.

    Raises:
        MarkHasNoPlace: no signer's block, no mark A for the seal, or no free place; says what would be covered.
        MarkUnreadable: the picture or the font cannot be used.
    """
    with opened_pages(pdf) as document:
        match mark:
            case PersonMark():
                return _person(document, mark, reserve_mm)
            case SealMark():
                return _seal(pdf, document, mark)
            case TextMark():
                return _text(document, mark)


def put_on_widget(field: Any, placed: PlacedMark, writer: BasePdfFileWriter) -> None:  # noqa: ANN401 - pyHanko's field
    """Makes the mark the normal appearance of the field's widget (PDF/A-2 §6.3.3: /N only)."""
    widget = get_single_field_annot(field)
    _require_its_place(widget, placed)
    content = appearance_stream(_drawing(placed, writer), placed.frame)
    widget["/AP"] = dictionary({"/N": writer.add_object(content)})
    writer.update_container(widget)  # a field that was reserved earlier is changed, not new


def _drawing(placed: PlacedMark, writer: BasePdfFileWriter) -> Drawing:
    if placed.text is not None:
        return text_drawing(placed.text, placed.lines, writer)
    if placed.picture is None:
        raise MarkHasNoPlace("a mark without content")
    return picture_drawing(placed.picture, writer, width=placed.box.width, height=placed.box.height)


def _require_its_place(widget: Any, placed: PlacedMark) -> None:  # noqa: ANN401 - pyHanko's dictionary
    """A field that was reserved earlier keeps its place and size: the mark would be stretched into it."""
    there = [float(number) for number in entry(widget, "/Rect", ())]
    if any(abs(one - other) > _MISFIT for one, other in zip(there, placed.rectangle, strict=True)):
        raise MarkHasNoPlace(
            "the reserved field has another place or size than the mark",
            "Ô chữ ký đã giữ chỗ không đúng vị trí hoặc kích thước của dấu.",
            "The field that was reserved has another place or size than the mark.",
        )
    if float(entry(entry(widget, "/P", {}), "/UserUnit", 1)) != 1:  # ISO 32000-2 table 31
        raise MarkHasNoPlace(
            "the page has a unit of its own, so the mark would not have its real size",
            "Trang dùng đơn vị đo riêng (UserUnit) nên dấu không đúng kích thước thật; hãy xuất lại tệp.",
            "The page has a unit of its own (UserUnit): the mark would not have its real size. Export the file anew.",
        )


def _person(document: pdfium.PdfDocument, mark: PersonMark, reserve_mm: float | None) -> PlacedMark:
    picture = packed_picture(mark.picture)
    block = mark.block
    if block is None:
        found = signer_block(document, name=mark.signer_name, title=mark.signer_title)
        if found is None:
            raise _block_missing(mark)
        block, page = found.room, found.page
    elif block.page < len(document):
        page = ShownPage(document, block.page)
    else:
        raise MarkHasNoPlace(
            "the document has no such page",
            f"Văn bản chỉ có {len(document)} trang.",
            f"The document has {len(document)} pages only.",
        )
    around = Surroundings(page)
    box = free_person_box(block, picture.width / picture.height, page.frame, around)
    if reserve_mm is not None:
        _seal_box(page, around, box, reserve_mm)
    return PlacedMark(box=box, frame=page.frame, picture=picture)


def _seal(pdf: bytes, document: pdfium.PdfDocument, mark: SealMark) -> PlacedMark:
    picture = packed_picture(mark.picture)
    if mark.block is not None:
        page = ShownPage(document, mark.block.page)
        signature = person_box(mark.block, _USUAL_RATIO)
    else:
        named = [one for one in signed_places(pdf) if mark.beside_field in {None, one.field_name}]
        if not named:
            raise MarkHasNoPlace(
                "there is no visible signature of a person to set the seal on",
                "Trong tệp chưa có chữ ký nhìn thấy được của người ký để đóng dấu lên; hãy chỉ định vị trí.",
                "No visible signature of a person is in the file to set the seal on; give its place.",
            )
        page = ShownPage(document, named[-1].page)
        signature = named[-1].box_in(page.frame)
    box = _seal_box(page, Surroundings(page), signature, mark.diameter_mm)
    return PlacedMark(box=box, frame=page.frame, picture=picture)


def _seal_box(page: ShownPage, around: Surroundings, signature: Box, diameter_mm: float) -> Box:
    """I15: over the left third of A, and over nothing but A with its title and name lines."""
    own = (signature, *lines_around(page.lines, signature))
    return free_seal_box(seal_box(signature, page.frame, diameter_mm), around, own)


def _text(document: pdfium.PdfDocument, mark: TextMark) -> PlacedMark:
    lines = wrapped_lines(mark)
    page = ShownPage(document, mark.page)
    box = free_text_box(page.frame, Surroundings(page), text_height(lines))
    return PlacedMark(box=box, frame=page.frame, text=mark, lines=lines)


def _block_missing(mark: PersonMark) -> MarkHasNoPlace:
    if mark.signer_name is None and mark.signer_title is None:
        return MarkHasNoPlace(
            "the signer's block was not found; give its place",
            "Không tìm thấy khối chữ ký (chức vụ ở trên, họ tên ở dưới); hãy chỉ định vị trí.",
            "No signer's block (title above, name below) was found; give its place.",
        )
    return MarkHasNoPlace(
        "no block with the signer's printed name and title was found; give its place",
        "Không tìm thấy khối chữ ký mang đúng họ tên, chức vụ của người ký; hãy kiểm tra văn bản hoặc chỉ định vị trí.",
        "No block carries the signer's printed name and title; check the page, or give the place.",
    )
