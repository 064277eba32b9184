"""Draws pages of a PDF into small pictures, with annotations and form fields, for comparing and for showing them.

Knows PDFium, pixels and the way back from pixels to a page's own coordinates; nothing of signatures. Everything is
bounded: pixels by the caller's resolution and a cap of its own, time by a deadline that PDFium asks for while it draws.
"""

import ctypes
import math
import time
from collections.abc import Iterator
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
_FLAGS: Final = pdfium_raw.FPDF_RENDER_LIMITEDIMAGECACHE | pdfium_raw.FPDF_REVERSE_BYTE_ORDER


class DrawingFailedError(ValueError):
    """A document or page cannot be drawn, or not within its limits."""


class PageMissingError(DrawingFailedError):
    """The document counts a page that is not there or cannot be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFrame:
    """Where the picture of a page lies in the page's user space (rotation and crop box respected)."""

    width: int
    """Of the picture, in pixels."""

    height: int
    corner: tuple[float, float]
    """User space of the upper left corner of the picture."""

    across: tuple[float, float]
    """From there to the upper right corner."""

    down: tuple[float, float]
    """From there to the lower left corner."""

    def area(self, left: float, top: float, right: float, bottom: float) -> Area:
        """A rectangle of pixels in user space."""
        xs, ys = zip(self._user(left, top), self._user(right, bottom), strict=True)
        return Area(left=min(xs), bottom=min(ys), right=max(xs), top=max(ys))

    def box(self, area: Area) -> tuple[int, int, int, int]:
        """A rectangle of user space in pixels inside the picture: left, top, right, bottom."""
        xs, ys = zip(self._pixel(area.left, area.bottom), self._pixel(area.right, area.top), strict=True)
        left, right = _within(self.width, min(xs), max(xs))
        top, bottom = _within(self.height, min(ys), max(ys))
        return left, top, right, bottom

    def _user(self, x: float, y: float) -> tuple[float, float]:
        right, under = x / self.width, y / self.height
        return (
            self.corner[0] + right * self.across[0] + under * self.down[0],
            self.corner[1] + right * self.across[1] + under * self.down[1],
        )

    def _pixel(self, x: float, y: float) -> tuple[float, float]:
        """Both sides stand at a right angle: ISO 32000-2 table 31 allows rotations by 90 degrees only."""
        off = (x - self.corner[0], y - self.corner[1])
        return self.width * _share(off, self.across), self.height * _share(off, self.down)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPage:
    """A page as pixels."""

    frame: PageFrame
    pixels: bytes
    """RGBX, line by line without padding."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.frame.width, self.frame.height


def _share(vector: tuple[float, float], side: tuple[float, float]) -> float:
    length = side[0] ** 2 + side[1] ** 2
    return (vector[0] * side[0] + vector[1] * side[1]) / length if length else 0.0


def _within(size: int, low: float, high: float) -> tuple[int, int]:
    """Whole pixels around an interval, inside the picture."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0, size
    first = min(size, max(0, math.floor(low)))
    return first, max(first, min(size, math.ceil(high)))


@contextmanager
def opened(pdf: bytes, size: int, password: str | None) -> Iterator[pdfium.PdfDocument]:
    """The first ``size`` bytes of a file, open for drawing; nothing is copied.

    Raises:
        DrawingFailedError: PDFium cannot open it.
    """
    document = pdfium.PdfDocument(_loaded(pdf, size, password))
    try:
        if document.get_formtype() == pdfium_raw.FORMTYPE_ACRO_FORM:  # XFA cannot be run here and is not tried
            document.init_forms()
        yield document
    except pdfium.PdfiumError as err:
        raise DrawingFailedError("the document cannot be drawn") from err
    finally:
        document.close()


def has_xfa(document: pdfium.PdfDocument) -> bool:
    """Whether a viewer with XFA would show something else than what is drawn here."""
    return document.get_formtype() in {pdfium_raw.FORMTYPE_XFA_FULL, pdfium_raw.FORMTYPE_XFA_FOREGROUND}


def _loaded(pdf: bytes, size: int, password: str | None) -> Any:  # noqa: ANN401 - PDFium's handle
    """ISO 32000-2 §7.6.4.1: a file that opens with an empty password is opened with it, whatever was given."""
    for form in ("", *([] if not password else [password])):
        handle = pdfium_raw.FPDF_LoadMemDocument64(pdf, size, form.encode() + b"\0")
        if handle:
            return handle
    raise DrawingFailedError("the document cannot be opened for drawing")


def draw(
    document: pdfium.PdfDocument, number: int, *, dpi: float, content_only: bool = False, deadline: float = math.inf
) -> DrawnPage:
    """One page with its annotations and fields.

    Args:
        document: as ``opened`` gives it.
        number: from 0.
        dpi: wanted resolution; lowered for a page that would have too many pixels.
        content_only: without annotations and fields.
        deadline: in this thread's CPU time (``time.thread_time``).

    Raises:
        PageMissingError: it cannot be read. DrawingFailedError: it has no area, or takes longer than it may.
    """
    try:
        page = document[number]
    except (pdfium.PdfiumError, IndexError) as err:
        raise PageMissingError("the page cannot be read") from err
    try:
        points_wide, points_high = page.get_size()
        width, height = _pixels(points_wide, points_high, dpi)
        bitmap = pdfium.PdfBitmap.new_native(width, height, pdfium_raw.FPDFBitmap_BGRx, rev_byteorder=True)
        bitmap.fill_rect(_WHITE, 0, 0, width, height)
        _paint(page, bitmap, deadline, content_only=content_only)
        frame = _frame(page, width, height)
        pixels = bytes(memoryview(bitmap.buffer).cast("B")[: height * width * _BYTES_PER_PIXEL])
        bitmap.close()
    finally:
        page.close()
    return DrawnPage(frame=frame, pixels=pixels)


def _pixels(width: float, height: float, dpi: float) -> tuple[int, int]:
    """Size of the picture of a page of that many points."""
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise DrawingFailedError("the page has no size")
    scale = min(dpi / POINTS_PER_INCH, math.sqrt(MAX_PAGE_PIXELS / (width * height)))
    wide, high = max(MIN_SIDE, math.ceil(width * scale)), max(MIN_SIDE, math.ceil(height * scale))
    if wide * high > 2 * MAX_PAGE_PIXELS:
        raise DrawingFailedError("the page is a line")
    return wide, high


def _paint(page: pdfium.PdfPage, bitmap: pdfium.PdfBitmap, deadline: float, *, content_only: bool) -> None:
    """Content and annotations, then form fields; stops at the deadline."""
    pause = pdfium_raw.IFSDK_PAUSE(version=1)
    is_late = type(pause.NeedToPauseNow)(lambda _: time.thread_time() > deadline)
    pause.NeedToPauseNow = is_late
    flags = _FLAGS if content_only else _FLAGS | pdfium_raw.FPDF_ANNOT
    place = (bitmap, page, 0, 0, bitmap.width, bitmap.height, 0, flags)
    status = pdfium_raw.FPDF_RenderPageBitmap_Start(*place, ctypes.byref(pause))
    pdfium_raw.FPDF_RenderPage_Close(page)
    if status != pdfium_raw.FPDF_RENDER_DONE:
        raise DrawingFailedError("the page takes too long to draw")
    if page.formenv is not None and not content_only:
        pdfium_raw.FPDF_FFLDraw(page.formenv, *place)


def _frame(page: pdfium.PdfPage, width: int, height: int) -> PageFrame:
    def user(x: int, y: int) -> tuple[float, float]:
        right, up = ctypes.c_double(), ctypes.c_double()
        place = (page, 0, 0, width, height, 0, x, y)
        if not pdfium_raw.FPDF_DeviceToPage(*place, ctypes.byref(right), ctypes.byref(up)):
            raise DrawingFailedError("the page has no size")
        return right.value, up.value

    corner, right, under = user(0, 0), user(width, 0), user(0, height)
    return PageFrame(
        width=width, height=height, corner=corner,
        across=(right[0] - corner[0], right[1] - corner[1]), down=(under[0] - corner[0], under[1] - corner[1]),
    )  # fmt: skip


def image_of(page: DrawnPage) -> Any:  # noqa: ANN401 - a PIL image; Pillow is imported only where pixels are needed
    """The page as a Pillow image (RGB)."""
    from PIL import Image  # noqa: PLC0415 - most comparisons end with equal bytes and need no image library

    return Image.frombytes("RGB", page.size, page.pixels, "raw", "RGBX")
