"""What a file without any signature is: a print or scan, pictures of a seal or signature, a form nobody signed (S10).

People take a red circle for a seal. The verdict never depends on this: there is no signature, and that is said first;
these are the words that help to understand why. Knows pages, pictures and colours; nothing of signatures and trust.
"""

import ctypes
import io
import math
import time
import warnings
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from signing.validation.document import OpenedDocument
from signing.validation.drawing import DrawingFailedError, DrawnPage, draw, image_of, opened
from signing.validation.overlays import POINTS_PER_MM, Area
from signing.validation.policy import ValidationPolicy
from signing.validation.reading import MAX_DEPTH, MAX_FIELDS, READ_ERRORS, array_items, followed, get
from signing.validation.reasons import Reason
from signing.validation.report import Report, file_facts

MAX_PAGES: Final = 12  # pages that are looked at: the first ones and the last
MAX_OBJECTS: Final = 3_000
MAX_PICTURES: Final = 60
MAX_PICTURE_PIXELS: Final = 400_000_000
_DPI: Final = 60.0
_CPU_S: Final = 1.0  # for drawing; what takes longer stays unnamed
_FULL_PAGE: Final = 0.8  # of a page: a scan leaves small margins at most
_SEAL_MM: Final = (20.0, 60.0)
_SEAL_ASPECT: Final = 1.35
_INK_MM: Final = (8.0, 90.0)
_RED_ABOVE: Final = 50  # of 255: how far red stands above green and blue
_BLUE_ABOVE: Final = 40
_DARK_BELOW: Final = 215
_OF_ONE_COLOUR: Final = 0.5  # of what is not paper
_HANDWRITING: Final = 0.35  # of the rectangle: lines of a pen leave most of it free, a QR code or a photo does not
_MIN_INK: Final = 0.01
_DRAWN: Final = {pdfium_raw.FPDF_PAGEOBJ_IMAGE, pdfium_raw.FPDF_PAGEOBJ_PATH, pdfium_raw.FPDF_PAGEOBJ_FORM}
_STAMPS: Final = {pdfium_raw.FPDF_ANNOT_STAMP, pdfium_raw.FPDF_ANNOT_INK}
_INVISIBLE: Final = pdfium_raw.FPDF_TEXTRENDERMODE_INVISIBLE
_RASTER_FORMATS: Final = ("JPEG", "PNG", "TIFF", "WEBP")
_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}
_HEADER_WINDOW: Final = 1024  # ISO 32000-1 annex H.3: readers accept the header within the first 1,024 bytes
_MAGIC: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")


def unsigned_findings(document: OpenedDocument, password: str | None = None) -> tuple[Reason, ...]:
    """What an unsigned document looks like, in the order in which a person should read it; never raises."""
    found = []
    if any(_empty_signature_fields(document)):
        found.append(Reason.SIGNATURE_FIELD_EMPTY)
    try:
        with opened(document.pdf, len(document.pdf), password) as drawn:
            looks = _looks(drawn)
    except DrawingFailedError:
        looks = None
    return tuple(found) if looks is None else (looks, *found)


def is_picture(content: bytes) -> bool:
    """Whether a file says in its first bytes that it is a photograph or a scan, and no reader would take it for PDF."""
    if (
        b"%PDF-" in content[:_HEADER_WINDOW]
    ):  # ISO 32000-1 annex H: readers look for the header in the first 1,024 bytes
        return False
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    heif = content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS
    return webp or heif or content.startswith(_MAGIC)


def picture_report(content: bytes, *, policy: ValidationPolicy, at: datetime) -> Report:
    """The answer about a photograph or scan: no signature, a print only. Its header is read, nothing is decoded."""
    digest, size = file_facts(content)
    fault = None if _has_picture_header(content) else Reason.DOCUMENT_DAMAGED
    return Report(
        file_sha256=digest, file_size=size, policy_id=policy.policy_id, checked_at=at, signatures=(),
        file_fault=fault, warnings=() if fault else (Reason.PRINT_ONLY,),
    )  # fmt: skip


def _has_picture_header(content: bytes) -> bool:
    if content[4:8] == b"ftyp":  # ISO/IEC 14496-12 §4.3: the box with the brand is the header
        return int.from_bytes(content[:4], "big") <= len(content)
    from PIL import Image  # noqa: PLC0415 - only for pictures

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow complains of odd heads instead of refusing them
            with Image.open(io.BytesIO(content), formats=_RASTER_FORMATS) as image:
                width, height = image.size
    except (*READ_ERRORS, OSError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return False
    return 0 < width * height <= MAX_PICTURE_PIXELS


def _empty_signature_fields(document: OpenedDocument) -> Iterator[Any]:
    """Signature fields of the form that have no value."""
    roots = get(get(document.reader.root, "/AcroForm", {}), "/Fields", ())
    stack = [(item, None, 0) for item in array_items(roots)]
    seen = 0
    while stack and seen < MAX_FIELDS:
        item, kind, depth = stack.pop()
        seen += 1
        field = followed(item)
        kind = get(field, "/FT", kind)
        if depth < MAX_DEPTH:
            stack.extend((kid, kind, depth + 1) for kid in array_items(get(field, "/Kids", ())))
        if kind == "/Sig" and get(field, "/V") is None:
            yield field


def _looks(document: pdfium.PdfDocument) -> Reason | None:
    count, deadline = len(document), time.thread_time() + _CPU_S
    numbers = sorted({*range(min(count, MAX_PAGES - 1)), max(0, count - 1)}) if count else []
    pages = [_PageLooks(document, number) for number in numbers]
    if pages and all(page.is_scan for page in pages):
        return Reason.PRINT_ONLY
    return Reason.PICTURE_OF_SEAL if any(page.has_seal_picture(deadline) for page in pages) else None


class _PageLooks:
    """One page: the share that pictures take, and the drawings that could be a seal or a signature."""

    def __init__(self, document: pdfium.PdfDocument, number: int) -> None:
        self._document, self._number = document, number
        try:
            page = document[number]
        except pdfium.PdfiumError as err:
            raise DrawingFailedError("the page cannot be read") from err
        try:
            self._measure(page)
        finally:
            page.close()

    def _measure(self, page: pdfium.PdfPage) -> None:
        width, height = page.get_size()
        picture_size, has_text = 0.0, False
        self._candidates: list[Area] = list(_stamps(page))
        for count, item in enumerate(page.get_objects(max_depth=1)):
            if count >= MAX_OBJECTS:
                break
            if item.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
                has_text = has_text or pdfium_raw.FPDFTextObj_GetTextRenderMode(item) != _INVISIBLE
            if item.type not in _DRAWN:
                continue
            left, bottom, right, top = item.get_bounds()
            area = Area(left=left, bottom=bottom, right=right, top=top)
            if item.type == pdfium_raw.FPDF_PAGEOBJ_IMAGE:
                picture_size += area.size
            if _could_be_mark(area) and len(self._candidates) < MAX_PICTURES:
                self._candidates.append(area)
        share = picture_size / (width * height) if width * height > 0 else 0.0
        self.is_scan = share >= _FULL_PAGE and not has_text

    def has_seal_picture(self, deadline: float) -> bool:
        """Whether a drawing on the page is red and round, or like handwriting."""
        if not self._candidates:
            return False
        drawn = draw(self._document, self._number, dpi=_DPI, deadline=deadline)
        return any(_is_mark(drawn, area) for area in self._candidates)


def _stamps(page: pdfium.PdfPage) -> Iterator[Area]:
    """Rectangles of stamps and ink that hang on the page."""
    for index in range(min(pdfium_raw.FPDFPage_GetAnnotCount(page), MAX_PICTURES)):
        annotation = pdfium_raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        box = pdfium_raw.FS_RECTF()
        known = pdfium_raw.FPDFAnnot_GetRect(annotation, ctypes.byref(box))
        kind = pdfium_raw.FPDFAnnot_GetSubtype(annotation)
        pdfium_raw.FPDFPage_CloseAnnot(annotation)
        if known and kind in _STAMPS:
            yield Area(left=box.left, bottom=box.bottom, right=box.right, top=box.top)


def _could_be_mark(area: Area) -> bool:
    low, high = (size * POINTS_PER_MM for size in _INK_MM)
    return all(math.isfinite(n) for n in (area.width, area.height)) and (
        low <= max(area.width, area.height) <= high and min(area.width, area.height) >= low / 3
    )


def _is_mark(page: DrawnPage, area: Area) -> bool:
    from PIL import ImageChops  # noqa: PLC0415 - only where there is a candidate

    box = page.frame.box(area)
    if box[2] - box[0] < 2 or box[3] - box[1] < 2:  # noqa: PLR2004 - nothing can be seen in less
        return False
    red, green, blue = image_of(page).crop(box).split()
    total = (box[2] - box[0]) * (box[3] - box[1])
    ink = total - _count(ImageChops.darker(ImageChops.darker(red, green), blue), _DARK_BELOW)
    if ink < _MIN_INK * total:
        return False
    reddish = _count(ImageChops.subtract(red, ImageChops.lighter(green, blue)), _RED_ABOVE)
    bluish = _count(ImageChops.subtract(blue, ImageChops.lighter(red, green)), _BLUE_ABOVE)
    if reddish >= _OF_ONE_COLOUR * ink and _is_round(area):
        return True
    return bluish >= _OF_ONE_COLOUR * ink and ink <= _HANDWRITING * total


def _is_round(area: Area) -> bool:
    low, high = (size * POINTS_PER_MM for size in _SEAL_MM)
    sides = sorted((area.width, area.height))
    return low <= sides[0] and sides[1] <= high and sides[1] <= _SEAL_ASPECT * sides[0]


def _count(band: Any, above: int) -> int:  # noqa: ANN401 - a PIL image of one band
    """Pixels whose value is larger."""
    return sum(band.histogram()[above + 1 :])
