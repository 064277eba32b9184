"""Pages of a checked PDF: the scanner's own JPEG where the page is nothing else, otherwise a rendering.

Real text of a born-digital page is taken as it is; text laid over a full-page picture is not trusted, because other
programs' reading errors would pass as the paper's words.

Knows pdfium. Must not know fields or how text is read from pictures.
"""

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from digitize.errors import DamagedInput, TooManyPixels
from digitize.intake.limits import Limits
from digitize.intake.pdf_safety import open_checked
from digitize.intake.pictures import jpeg_of, open_pictures
from digitize.intake.sniff import Kind
from digitize.intake.source import Source, SourcePage
from digitize.model import Line, PageImage, Quad, Word
from digitize.vietnamese import nfc

_DPI = 300
_LEAST_DPI = 72
_POINTS = 72.0
_FULL_PAGE = 0.9  # of the page's area: the picture is the page
_MUCH = 0.5
_LEAST_LETTERS = 40  # a page with less real text is read from its picture
_MAX_TEXT_RUNS = 5000
_STRAIGHT = 1e-3


def open_pdf(data: bytes, limits: Limits) -> Source:
    """Return the pages of a PDF, not yet rendered.

    Raises:
        DamagedInput, EncryptedInput, ActiveContent, AlreadySigned, TooManyPages, TooManyPixels: See `digitize.errors`.
    """
    with open_checked(data, limits) as checked:
        count = len(checked.pages)

    def page(index: int) -> SourcePage:
        return _page(data, index, limits)

    return Source(kind=Kind.PDF, page_count=count, page=page)


def _page(data: bytes, index: int, limits: Limits) -> SourcePage:
    try:
        document = pdfium.PdfDocument(data)
        try:
            page = document[index]
            own = _own_jpeg(page, limits)
            return own if own is not None else _rendered(page, limits)
        finally:
            document.close()
    except pdfium.PdfiumError as err:
        raise DamagedInput("a page of the PDF cannot be drawn") from err


def _images(page: pdfium.PdfPage) -> list[pdfium.PdfImage]:
    found = page.get_objects(filter=(pdfium_raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3)
    return [one for one in found if isinstance(one, pdfium.PdfImage)]


def _share_of_page(image: pdfium.PdfImage, page: pdfium.PdfPage) -> float:
    left, bottom, right, top = image.get_bounds()
    x0, y0, x1, y1 = page.get_mediabox()
    width = max(0.0, min(right, x1) - max(left, x0))
    height = max(0.0, min(top, y1) - max(bottom, y0))
    return float(width * height / max((x1 - x0) * (y1 - y0), 1e-6))


def _own_jpeg(page: pdfium.PdfPage, limits: Limits) -> SourcePage | None:
    """Return the one JPEG that fills the page, as the scanner wrote it; None when the page is anything else."""
    images = _images(page)
    if len(images) != 1 or page.get_rotation() != 0 or _share_of_page(images[0], page) < _FULL_PAGE:
        return None
    matrix = images[0].get_matrix()
    if matrix.a <= 0 or matrix.d <= 0 or abs(matrix.b) > _STRAIGHT or abs(matrix.c) > _STRAIGHT:
        return None
    if images[0].get_filters() != ["DCTDecode"]:
        return None
    out = bytes(images[0].get_data(decode_simple=False))
    if not out.startswith(b"\xff\xd8\xff"):
        return None
    decoded = open_pictures(out, Kind.JPEG, limits).page(0)
    if decoded.picture.encoding != "jpeg" or decoded.picture.quarter_turns or decoded.picture.is_mirrored:
        return None
    dpi = round(decoded.picture.width / (matrix.a / _POINTS))
    picture = PageImage(
        width=decoded.picture.width, height=decoded.picture.height, dpi=max(dpi, 1), encoding="jpeg", data=out
    )
    return SourcePage(image=decoded.image, picture=picture, dpi=dpi)


def _rendered(page: pdfium.PdfPage, limits: Limits) -> SourcePage:
    width_pt, height_pt = page.get_size()
    area_in = (width_pt / _POINTS) * (height_pt / _POINTS)
    dpi = min(_DPI, int((limits.max_pixels / 4 / max(area_in, 1e-6)) ** 0.5))
    if dpi < _LEAST_DPI:
        raise TooManyPixels("a page of the PDF is too large")
    bitmap = page.render(scale=dpi / _POINTS, may_draw_forms=False, rev_byteorder=True, prefer_bgrx=False)
    image = np.asarray(bitmap.to_pil().convert("RGB"), np.uint8)
    picture = PageImage(width=image.shape[1], height=image.shape[0], dpi=dpi, encoding="jpeg", data=jpeg_of(image))
    return SourcePage(image=image, picture=picture, dpi=dpi, lines=_real_text(page, dpi))


def _real_text(page: pdfium.PdfPage, dpi: int) -> tuple[Line, ...] | None:
    """Return the page's own text as lines; None when a picture covers much of the page or there is hardly any text."""
    if sum(_share_of_page(image, page) for image in _images(page)) > _MUCH or page.get_rotation() != 0:
        return None
    text = page.get_textpage()
    if len(text.get_text_range().strip()) < _LEAST_LETTERS:
        return None
    scale = dpi / _POINTS
    x0, _, _, y1 = page.get_mediabox()
    lines: list[Line] = []
    for index in range(min(text.count_rects(), _MAX_TEXT_RUNS)):
        left, bottom, right, top = text.get_rect(index)
        content = nfc(text.get_text_bounded(left, bottom, right, top))
        if content:
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            upper_left, upper_right, lower_right, lower_left = (
                ((x - x0) * scale, (y1 - y) * scale) for x, y in corners
            )
            quad = Quad(corners=(upper_left, upper_right, lower_right, lower_left))
            lines.append(Line(words=_words(content, quad), quad=quad))
    return tuple(lines) or None


def _words(content: str, quad: Quad) -> tuple[Word, ...]:
    """Share a run's width among its words by their letters."""
    words: list[Word] = []
    at = 0
    for word in content.split(" "):
        part = quad.part(at / len(content), (at + len(word)) / len(content))
        words.append(Word(text=word, confidence=1.0, quad=part))
        at += len(word) + 1
    return tuple(words)


def jpeg_of_page(data: bytes, index: int, *, longest_side_px: int) -> bytes:
    """Return a page of a PDF as a JPEG for the screen.

    Raises:
        DamagedInput: There is no such page.
    """
    try:
        document = pdfium.PdfDocument(data)
        try:
            if not 0 <= index < len(document):
                raise DamagedInput("there is no such page")
            page = document[index]
            bitmap = page.render(scale=longest_side_px / max(page.get_size()), may_draw_forms=False)
            return jpeg_of(np.asarray(bitmap.to_pil().convert("RGB"), np.uint8))
        finally:
            document.close()
    except pdfium.PdfiumError as err:
        raise DamagedInput("the PDF cannot be drawn") from err
