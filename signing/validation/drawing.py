"""Draws pages of a PDF into small pictures, with annotations and form fields, for comparing and for showing them.

Knows PDFium, pixels and the way back from pixels to a page's own coordinates; nothing of signatures. Everything is
bounded: pixels by the caller's resolution and a cap of its own, time by a deadline that PDFium asks for while it draws.
"""

import ctypes
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from signing.validation.overlays import Area

POINTS_PER_INCH: Final = 72.0
MAX_PAGE_PIXELS: Final = 6_000_000
MIN_SIDE: Final = 1
_BYTES_PER_PIXEL: Final = 4
_WHITE: Final = (255, 255, 255, 255)
_FLAGS: Final = pdfium_raw.FPDF_ANNOT | pdfium_raw.FPDF_RENDER_LIMITEDIMAGECACHE | pdfium_raw.FPDF_REVERSE_BYTE_ORDER


class DrawingFailedError(ValueError):
    """A document or page cannot be drawn, or not within its limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPage:
    """A page as pixels."""

    width: int
    height: int
    pixels: bytes
    """RGBX, line by line without padding."""

    to_page: Callable[[float, float], tuple[float, float]]
    """From a pixel to the page's user space (rotation and crop box respected)."""

    def area(self, left: int, top: int, right: int, bottom: int) -> Area:
        """A rectangle of pixels in user space."""
        corners = [self.to_page(left, top), self.to_page(right, bottom)]
        xs, ys = zip(*corners, strict=True)
        return Area(left=min(xs), bottom=min(ys), right=max(xs), top=max(ys))


@contextmanager
def opened(pdf: bytes, size: int, password: str | None) -> Iterator[pdfium.PdfDocument]:
    """The first ``size`` bytes of a file, open for drawing; nothing is copied.

    Raises:
        DrawingFailedError: PDFium cannot open it.
    """
    raw = pdfium_raw.FPDF_LoadMemDocument64(pdf, size, None if password is None else password.encode() + b"\0")
    if not raw:
        raise DrawingFailedError("the document cannot be opened for drawing")
    document = pdfium.PdfDocument(raw)
    try:
        document.init_forms()
        yield document
    except pdfium.PdfiumError as err:
        raise DrawingFailedError("the document cannot be drawn") from err
    finally:
        document.close()


def draw(
    document: pdfium.PdfDocument, number: int, *, dpi: float, blank: Sequence[Area] = (), deadline: float = math.inf
) -> DrawnPage:
    """One page with its annotations and fields; ``blank`` areas (user space) are painted over.

    Args:
        document: as ``opened`` gives it.
        number: from 0.
        dpi: wanted resolution; lowered for a page that would have too many pixels.
        blank: what may look like anything.
        deadline: in this thread's CPU time (``time.thread_time``).

    Raises:
        DrawingFailedError: the page is broken, has no area, or takes longer than it may.
    """
    try:
        page = document[number]
    except (pdfium.PdfiumError, IndexError) as err:
        raise DrawingFailedError("the page cannot be read") from err
    try:
        points_wide, points_high = page.get_size()
        width, height = _pixels(points_wide, points_high, dpi)
        bitmap = pdfium.PdfBitmap.new_native(width, height, pdfium_raw.FPDFBitmap_BGRx, rev_byteorder=True)
        bitmap.fill_rect(_WHITE, 0, 0, width, height)
        _paint(page, bitmap, deadline)
        frame = (0, 0, width, height, 0)
        for area in blank:
            left, top, right, bottom = _device(page, frame, area)
            bitmap.fill_rect(_WHITE, left, top, right - left, bottom - top)
        pixels = bytes(memoryview(bitmap.buffer).cast("B")[: height * width * _BYTES_PER_PIXEL])
        origin, across, down = (_user(page, frame, *point) for point in ((0, 0), (width, 0), (0, height)))
        bitmap.close()
    finally:
        page.close()

    def to_page(x: float, y: float) -> tuple[float, float]:
        right, under = x / width, y / height
        return (
            origin[0] + right * (across[0] - origin[0]) + under * (down[0] - origin[0]),
            origin[1] + right * (across[1] - origin[1]) + under * (down[1] - origin[1]),
        )

    return DrawnPage(width=width, height=height, pixels=pixels, to_page=to_page)


def _pixels(width: float, height: float, dpi: float) -> tuple[int, int]:
    """Size of the picture of a page of that many points."""
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise DrawingFailedError("the page has no size")
    scale = min(dpi / POINTS_PER_INCH, math.sqrt(MAX_PAGE_PIXELS / (width * height)))
    wide, high = max(MIN_SIDE, math.ceil(width * scale)), max(MIN_SIDE, math.ceil(height * scale))
    if wide * high > 2 * MAX_PAGE_PIXELS:
        raise DrawingFailedError("the page is a line")
    return wide, high


def _paint(page: pdfium.PdfPage, bitmap: pdfium.PdfBitmap, deadline: float) -> None:
    """Content and annotations, then form fields; stops at the deadline."""
    pause = pdfium_raw.IFSDK_PAUSE(version=1)
    is_late = type(pause.NeedToPauseNow)(lambda _: time.thread_time() > deadline)
    pause.NeedToPauseNow = is_late
    place = (bitmap, page, 0, 0, bitmap.width, bitmap.height, 0, _FLAGS)
    status = pdfium_raw.FPDF_RenderPageBitmap_Start(*place, ctypes.byref(pause))
    pdfium_raw.FPDF_RenderPage_Close(page)
    if status != pdfium_raw.FPDF_RENDER_DONE:
        raise DrawingFailedError("the page takes too long to draw")
    if page.formenv is not None:
        pdfium_raw.FPDF_FFLDraw(page.formenv, *place)


def _user(page: pdfium.PdfPage, frame: tuple[int, ...], x: int, y: int) -> tuple[float, float]:
    across, up = ctypes.c_double(), ctypes.c_double()
    pdfium_raw.FPDF_DeviceToPage(page, *frame, x, y, ctypes.byref(across), ctypes.byref(up))
    return across.value, up.value


def _device(page: pdfium.PdfPage, frame: tuple[int, ...], area: Area) -> tuple[int, int, int, int]:
    """A rectangle of user space in pixels inside the picture."""

    def point(x: float, y: float) -> tuple[int, int]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium_raw.FPDF_PageToDevice(page, *frame, x, y, ctypes.byref(across), ctypes.byref(down))
        return across.value, down.value

    xs, ys = zip(point(area.left, area.bottom), point(area.right, area.top), strict=True)
    width, height = frame[2], frame[3]
    left, right = max(0, min(xs)), min(width, max(xs) + 1)
    top, bottom = max(0, min(ys)), min(height, max(ys) + 1)
    return left, top, max(left, right), max(top, bottom)


def image_of(page: DrawnPage) -> Any:  # noqa: ANN401 - a PIL image; Pillow is imported only where pixels are needed
    """The page as a Pillow image (RGB)."""
    from PIL import Image  # noqa: PLC0415 - most comparisons end with equal bytes and need no image library

    return Image.frombytes("RGB", (page.width, page.height), page.pixels, "raw", "RGBX")
