"""What stands where on the pages of a PDF: frames, text lines, things that a mark must not cover.

Reads with PDFium, a second reader beside the one that writes the signature; on hostile files the caller works in a
limited process (``signing/isolation.py``). Knows no marks.
"""

import contextlib
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from signing.errors import MalformedDocument
from signing.pades.geometry import Box, Frame

# PDFium keeps global state and must not be entered by two threads at once.
_ONE_AT_A_TIME = threading.RLock()
MAX_TEXT_RECTS = 20_000  # per page; a dense page of text has a few hundred


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


def frame_of(document: pdfium.PdfDocument, page: int) -> Frame:
    """How a page is shown; negative numbers count from the end.

    Raises:
        MalformedDocument: there is no such page.
    """
    count = len(document)
    number = page + count if page < 0 else page
    if not 0 <= number < count:
        raise MalformedDocument(f"the document has no page {page}")
    handle = document[number]
    crop = handle.get_cropbox()
    frame = Frame(page=number, crop=tuple(crop), rotation=handle.get_rotation())
    handle.close()
    return frame


def text_lines(document: pdfium.PdfDocument, frame: Frame) -> tuple[TextLine, ...]:
    """The text of a page, one entry a base line, from top to bottom."""
    page = document[frame.page]
    text = page.get_textpage()
    pieces: list[TextLine] = []
    for index in range(min(text.count_rects(), MAX_TEXT_RECTS)):
        rect = text.get_rect(index)
        content = text.get_text_bounded(*rect).strip()
        if content:
            pieces.append(TextLine(text=content, box=frame.to_shown(*rect)))
    text.close()
    page.close()
    return _joined(pieces)


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
    return same_line and gap < 1.2 * max(line.height, piece.height)


def occupied(document: pdfium.PdfDocument, frame: Frame) -> tuple[Box, ...]:
    """Every place of a page that shows something a mark must not cover: text, pictures, drawings, form fields.

    A picture or drawing over most of the page is a scan or a background: the text on it counts, the picture does not.
    """
    boxes = [line.box for line in text_lines(document, frame)]
    page = document[frame.page]
    area = max(frame.width * frame.height, 1)
    for item in page.get_objects(max_depth=3):
        if item.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
            continue
        box = frame.to_shown(*item.get_bounds())
        if box.width * box.height < 0.8 * area:
            boxes.append(box)
    boxes.extend(_annotations(page, frame))
    page.close()
    return tuple(boxes)


def signature_widgets(pdf: bytes) -> tuple[SignatureWidget, ...]:
    """Every signed field with a visible widget, in page order.

    Raises:
        MalformedDocument: the document cannot be read.
    """
    found: list[tuple[int, str, tuple[float, ...]]] = []
    try:
        with pikepdf.open(io.BytesIO(pdf), suppress_warnings=True) as document:
            for number, page in enumerate(document.pages):
                for widget in page.obj.get("/Annots", ()):
                    if widget.get("/FT") == "/Sig" and "/V" in widget:
                        rectangle = tuple(float(n) for n in widget["/Rect"])
                        found.append((number, str(widget.get("/T", "")), rectangle))
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as err:
        raise MalformedDocument("the form of the document cannot be read") from err
    with opened_pages(pdf) as document:
        widgets = [
            SignatureWidget(
                field_name=name,
                box=frame_of(document, number).to_shown(
                    min(r[0], r[2]), min(r[1], r[3]), max(r[0], r[2]), max(r[1], r[3])
                ),
            )
            for number, name, r in found
        ]
    return tuple(w for w in widgets if w.box.width > 1 and w.box.height > 1)


def _annotations(page: pdfium.PdfPage, frame: Frame) -> Iterator[Box]:
    for index in range(pdfium_raw.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        rect = pdfium_raw.FS_RECTF()
        if pdfium_raw.FPDFAnnot_GetRect(annotation, rect):
            box = frame.to_shown(
                min(rect.left, rect.right), min(rect.bottom, rect.top),
                max(rect.left, rect.right), max(rect.bottom, rect.top),
            )  # fmt: skip
            if box.width > 0 and box.height > 0:
                yield box
        pdfium_raw.FPDFPage_CloseAnnot(annotation)
