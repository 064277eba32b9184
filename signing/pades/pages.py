"""What stands where on the pages of a PDF: frames, text lines, signatures that are seen.

Reads with PDFium, a second reader beside the one that writes the signature; on hostile files the caller works in a
limited process (``signing/isolation.py``). Knows no marks.
"""

import contextlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pikepdf
import pypdfium2 as pdfium

from signing.errors import MalformedDocument
from signing.pades.geometry import Box, Frame

# PDFium keeps global state and must not be entered by two threads at once.
_ONE_AT_A_TIME = threading.RLock()
MAX_TEXT_RECTS = 20_000  # per page; a dense page of text has a few hundred
_WORD_GAP = 0.6  # of the height of a line; the columns of a table stand further apart
_FIELD_DEPTH = 2
_TREE_DEPTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One run of text on one base line."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureWidget:
    """A signed signature field that shows something on a page."""

    field_name: str
    box: Box


@contextlib.contextmanager
def opened_pages(pdf: bytes) -> Iterator[pdfium.PdfDocument]:
    """The document, opened for looking only.

    Raises:
        MalformedDocument: PDFium cannot open it.
    """
    with _ONE_AT_A_TIME:
        try:
            document = pdfium.PdfDocument(pdf)
        except pdfium.PdfiumError as err:
            raise MalformedDocument("the pages cannot be read") from err
        try:
            yield document
        finally:
            document.close()


class ShownPage:
    """One page of an open document, loaded once; it closes with its document.

    Args:
        document: an open document.
        number: of the page, from 0; negative numbers count from the end.

    Raises:
        MalformedDocument: there is no such page.
    """

    def __init__(self, document: pdfium.PdfDocument, number: int) -> None:
        count = len(document)
        at = number + count if number < 0 else number
        if not 0 <= at < count:
            raise MalformedDocument(f"the document has no page {number}")
        try:
            self.handle = document[at]
        except pdfium.PdfiumError as err:
            raise MalformedDocument("a page cannot be read") from err
        # what is shown: the crop box inside the media box, in whichever order their corners are given
        left, bottom, right, top = self.handle.get_bbox()
        self.frame = Frame(page=at, crop=(left, bottom, right, top), rotation=self.handle.get_rotation())
        """How the page is shown."""

    @cached_property
    def lines(self) -> tuple[TextLine, ...]:
        """The text of the page, one entry a base line, from top to bottom."""
        text = self.handle.get_textpage()
        pieces: list[TextLine] = []
        for index in range(min(text.count_rects(), MAX_TEXT_RECTS)):
            rect = text.get_rect(index)
            content = text.get_text_bounded(*rect).strip()
            if content:
                pieces.append(TextLine(text=content, box=self.frame.to_shown(*rect)))
        text.close()
        return _joined(pieces)


def frame_of(document: pdfium.PdfDocument, page: int) -> Frame:
    """How a page is shown; negative numbers count from the end.

    Raises:
        MalformedDocument: there is no such page.
    """
    return ShownPage(document, page).frame


def _joined(pieces: list[TextLine]) -> tuple[TextLine, ...]:
    """Words of one base line that stand close together become one line; columns stay apart."""
    lines: list[TextLine] = []
    for piece in sorted(pieces, key=lambda p: (-p.box.bottom, p.box.left)):
        last = next((n for n in range(len(lines) - 1, -1, -1) if _continues(lines[n].box, piece.box)), None)
        if last is None:
            lines.append(piece)
            continue
        box, more = lines[last].box, piece.box
        text = f"{lines[last].text} {piece.text}" if more.left >= box.left else f"{piece.text} {lines[last].text}"
        whole = Box(
            page=box.page, left=min(box.left, more.left), bottom=min(box.bottom, more.bottom),
            right=max(box.right, more.right), top=max(box.top, more.top),
        )  # fmt: skip
        lines[last] = TextLine(text=text, box=whole)
    return tuple(sorted(lines, key=lambda line: (-line.box.top, line.box.left)))


def _continues(line: Box, piece: Box) -> bool:
    common = min(line.top, piece.top) - max(line.bottom, piece.bottom)
    same_line = common > 0.5 * min(line.height, piece.height)
    gap = max(piece.left - line.right, line.left - piece.right)
    return same_line and gap < _WORD_GAP * max(line.height, piece.height)


def signature_widgets(pdf: bytes) -> tuple[SignatureWidget, ...]:
    """Every signed field with a visible widget, in the order of the form: the latest last.

    Raises:
        MalformedDocument: the document cannot be read.
    """
    found = signed_places(pdf)
    with opened_pages(pdf) as document:
        return tuple(
            SignatureWidget(field_name=one.field_name, box=one.box_in(frame_of(document, one.page))) for one in found
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPlace:
    """Where a signed field shows something, in the user space of its page."""

    field_name: str
    page: int
    rectangle: tuple[float, float, float, float]

    def box_in(self, frame: Frame) -> Box:
        """The place in shown coordinates."""
        return frame.to_shown(*self.rectangle)


def signed_places(pdf: bytes) -> tuple[SignedPlace, ...]:
    """The places of ``signature_widgets``, found without opening a page.

    Raises:
        MalformedDocument: the document cannot be read.
    """
    places = []
    try:
        with pikepdf.open(io.BytesIO(pdf), suppress_warnings=True, inherit_page_attributes=False) as document:
            for field in _fields(_form(document).get("/Fields", ()), depth=0):
                if field.get("/FT") != "/Sig" or "/V" not in field or "/Rect" not in field:
                    continue
                page, r = _page_of(document, field), [float(n) for n in field["/Rect"]]
                rectangle = min(r[0], r[2]), min(r[1], r[3]), max(r[0], r[2]), max(r[1], r[3])
                if page is not None and rectangle[2] - rectangle[0] > 1 and rectangle[3] - rectangle[1] > 1:
                    name = str(field.get("/T", ""))
                    places.append(SignedPlace(field_name=name, page=page, rectangle=rectangle))
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError) as err:
        raise MalformedDocument("the form of the document cannot be read") from err
    return tuple(places)


def _form(document: pikepdf.Pdf) -> Any:  # noqa: ANN401 - pikepdf's objects
    return document.Root.get("/AcroForm", {})


def _fields(fields: Any, depth: int) -> Iterator[Any]:  # noqa: ANN401 - pikepdf's objects
    """The fields of a form that have widgets of their own, two levels deep."""
    for field in fields:
        yield field
        if depth < _FIELD_DEPTH:
            yield from _fields(field.get("/Kids", ()), depth + 1)


def _page_of(document: pikepdf.Pdf, field: Any) -> int | None:  # noqa: ANN401 - pikepdf's objects
    """The number of the page that a widget stands on; /P is only a hint (ISO 32000-2 table 166)."""
    if "/P" in field:
        number = _number_of(field["/P"])
        if number is not None:
            return number
    for number, page in enumerate(document.pages):
        if any(widget.objgen == field.objgen for widget in page.obj.get("/Annots", ())):
            return number
    return None


def _number_of(page: Any) -> int | None:  # noqa: ANN401 - pikepdf's objects
    """Counts upwards from a page, so that other pages are not read; None: it hangs in no tree."""
    number, node = 0, page
    for _ in range(_TREE_DEPTH):
        if "/Parent" not in node:
            return number if "/Kids" in node else None
        kids = node["/Parent"]["/Kids"]
        # as written: [3 0 R 5 0 R]; thousands of kids are not made objects one by one
        numbers = kids.unparse().strip(b"[] ").split()
        own = [b"%d" % part for part in node.objgen]
        at = next((n for n in range(len(kids)) if numbers[3 * n : 3 * n + 2] == own), None)
        if at is None:
            return None
        is_flat = len(kids) == int(node["/Parent"]["/Count"])  # then every kid is a page
        number += at if is_flat else sum(int(kids[n].get("/Count", 1)) for n in range(at))
        node = node["/Parent"]
    return None
