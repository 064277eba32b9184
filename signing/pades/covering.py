"""What a mark would cover: the things that stand on a page, and the ink under a place.

I15: a mark covers nothing but what is planned for it. Words, pictures, fields and small drawings count with their
boxes; frames, tables, backgrounds and scans only where there is ink. Knows pages; must not know which mark asks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from signing.pades.geometry import POINTS_PER_MM, Box, Frame
from signing.pades.pages import ShownPage

_LARGE_SHARE = 0.1  # of the page: a drawing that spans more is a frame, a table or a background
_SCAN_SHARE = 0.8  # of the page: a picture that fills it is a scan
_INK_SCALE = 2.0  # pixels a point: a hair line of 0.25 pt still leaves half a grey pixel
_INK_PIXELS = 16_000_000  # A2; larger pages are looked at more coarsely
_INK_CONTRAST = 50  # of 255: less is paper, noise of a scanner or the pale pattern of a form
_INK_SHARE = 0.0015  # of the pixels; single specks of dust stay below
_DARKEST_PAPER = 150
_EDGE = 0.5  # points that boxes may touch: letters' boxes are a little larger than their ink
_HIDDEN_FLAGS = 1 << 1 | 1 << 5  # ISO 32000-2 table 167: Hidden, NoView
_NOT_SEEN = {pdfium_raw.FPDF_ANNOT_LINK, pdfium_raw.FPDF_ANNOT_POPUP}
MAX_OBJECTS = 20_000  # per page; a map drawn line by line is refused rather than waited for


class Kind(Enum):
    """What stands somewhere: Vietnamese, English."""

    TEXT = ("dòng chữ", "a line of text")
    PICTURE = ("hình ảnh", "a picture")
    DRAWING = ("đường kẻ hoặc hình vẽ", "a line or drawing")
    FIELD = ("ô biểu mẫu, dấu hoặc chữ ký khác", "a form field, or another mark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something on a page that a mark must not cover."""

    kind: Kind
    box: Box

    @property
    def place_vi(self) -> str:
        """What and where, without repeating what is written there."""
        return f"{self.kind.value[0]} cách mép trái {self._left:.0f} mm, mép dưới {self._bottom:.0f} mm"

    @property
    def place_en(self) -> str:
        """The same in English."""
        return f"{self.kind.value[1]} {self._left:.0f} mm from the left and {self._bottom:.0f} mm from the bottom"

    @property
    def _left(self) -> float:
        return self.box.left / POINTS_PER_MM

    @property
    def _bottom(self) -> float:
        return self.box.bottom / POINTS_PER_MM


class Surroundings:
    """Everything on one page that counts when a mark is placed there."""

    def __init__(self, page: ShownPage) -> None:
        self._page = page
        self._things = [Thing(kind=Kind.TEXT, box=line.box) for line in page.lines]
        self._large: list[Thing] = []
        for thing, spreads in _objects(page.handle, page.frame):
            (self._large if spreads else self._things).append(thing)
        self._things.extend(_annotations(page.handle, page.frame))

    def under(self, box: Box, allowed: Sequence[Box] = ()) -> tuple[Thing, ...]:
        """What a mark in the box would cover, apart from things that lie in the allowed boxes."""
        meeting = (self._things[int(at)] for at in np.flatnonzero(_meet(self._sides, box)))
        covered = [thing for thing in meeting if not _is_one_of(thing.box, allowed)]
        under = [thing for thing in self._large if _meet(_sides((thing,)), box).any()]
        if not covered and under and self._has_ink(box, allowed):
            covered = [Thing(kind=under[0].kind, box=box)]
        return tuple(covered)

    @cached_property
    def _sides(self) -> "np.ndarray[Any, np.dtype[np.float64]]":
        return _sides(self._things)

    def _has_ink(self, box: Box, allowed: Sequence[Box]) -> bool:
        grey, scale = self._printed
        free = np.zeros(grey.shape, dtype=bool)
        free[_pixels(box, self._page.frame, scale, grow=0)] = True
        for other in allowed:
            free[_pixels(other, self._page.frame, scale, grow=1)] = False
        pixels = grey[free]
        if not pixels.size:
            return False
        paper = float(np.median(pixels))
        dark = int((pixels < paper - _INK_CONTRAST).sum())
        return paper < _DARKEST_PAPER or dark > pixels.size * _INK_SHARE

    @cached_property
    def _printed(self) -> "tuple[np.ndarray[Any, np.dtype[np.int16]], float]":
        """The page as it is printed, without annotations, in grey; and its pixels a point."""
        frame = self._page.frame
        scale = min(_INK_SCALE, float((_INK_PIXELS / max(frame.width * frame.height, 1.0)) ** 0.5))
        picture = self._page.handle.render(scale=scale, grayscale=True, may_draw_forms=False, draw_annots=False)
        grey: np.ndarray[Any, np.dtype[np.int16]] = picture.to_numpy().astype(np.int16)
        return grey.reshape(grey.shape[:2]), scale


def _pixels(box: Box, frame: Frame, scale: float, *, grow: int) -> tuple[slice, slice]:
    """The rows and columns of a box in the picture of its page."""
    rows = slice(
        max(0, int((frame.height - box.top) * scale) - grow), max(0, int((frame.height - box.bottom) * scale)) + grow
    )
    columns = slice(max(0, int(box.left * scale) - grow), max(0, int(box.right * scale)) + grow)
    return rows, columns


def _objects(page: pdfium.PdfPage, frame: Frame) -> Iterator[tuple[Thing, bool]]:
    """Pictures and drawings, each with whether it spreads so far that only its ink counts."""
    area = max(frame.width * frame.height, 1.0)
    for number, item in enumerate(page.get_objects(max_depth=1)):
        if number >= MAX_OBJECTS:
            yield Thing(kind=Kind.DRAWING, box=_whole(frame)), False
            return
        if item.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
            continue
        box = frame.to_shown(*item.get_bounds())
        is_picture = item.type == pdfium_raw.FPDF_PAGEOBJ_IMAGE
        share = box.width * box.height / area
        thing = Thing(kind=Kind.PICTURE if is_picture else Kind.DRAWING, box=box)
        yield thing, share > (_SCAN_SHARE if is_picture else _LARGE_SHARE)


def _annotations(page: pdfium.PdfPage, frame: Frame) -> Iterator[Thing]:
    for index in range(pdfium_raw.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        rect = pdfium_raw.FS_RECTF()
        if _is_seen(annotation) and pdfium_raw.FPDFAnnot_GetRect(annotation, rect):
            box = frame.to_shown(
                min(rect.left, rect.right), min(rect.bottom, rect.top),
                max(rect.left, rect.right), max(rect.bottom, rect.top),
            )  # fmt: skip
            if box.width > 0 and box.height > 0:
                yield Thing(kind=Kind.FIELD, box=box)
        pdfium_raw.FPDFPage_CloseAnnot(annotation)


def _is_seen(annotation: Any) -> bool:  # noqa: ANN401 - PDFium's handle
    """Whether an annotation shows something, or waits for somebody to write there."""
    subtype = pdfium_raw.FPDFAnnot_GetSubtype(annotation)
    if subtype in _NOT_SEEN or pdfium_raw.FPDFAnnot_GetFlags(annotation) & _HIDDEN_FLAGS:
        return False
    # an empty signature field is a place that is kept for a mark: it shows nothing
    is_signature = subtype == pdfium_raw.FPDF_ANNOT_WIDGET and _name(annotation, b"FT") == "Sig"
    return not is_signature or pdfium_raw.FPDFAnnot_HasKey(annotation, b"V")


def _name(annotation: Any, key: bytes) -> str:  # noqa: ANN401 - PDFium's handle
    length = pdfium_raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = (pdfium_raw.FPDF_WCHAR * max(1, length // 2 + 1))()
    pdfium_raw.FPDFAnnot_GetStringValue(annotation, key, buffer, length)
    return bytes(buffer).decode("utf-16-le").rstrip("\0")


def _whole(frame: Frame) -> Box:
    return Box(page=frame.page, left=0, bottom=0, right=frame.width, top=frame.height)


def _sides(things: Sequence[Thing]) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Left, bottom, right and top of each: a page may hold thousands, and a place is asked for hundreds of times."""
    return np.array([(t.box.left, t.box.bottom, t.box.right, t.box.top) for t in things]).reshape(-1, 4)


def _meet(sides: "np.ndarray[Any, np.dtype[np.float64]]", box: Box) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which of them share more than an edge with a box; a hair line has no area of its own and counts too."""
    left, bottom, right, top = sides.T
    across = (left < box.right - _EDGE) & (right > box.left + _EDGE)
    found: np.ndarray[Any, np.dtype[np.bool_]] = across & (bottom < box.top - _EDGE) & (top > box.bottom + _EDGE)
    return found


def _is_one_of(thing: Box, allowed: Sequence[Box]) -> bool:
    return any(
        abs(thing.left - one.left) < 1
        and abs(thing.right - one.right) < 1
        and abs(thing.bottom - one.bottom) < 1
        and abs(thing.top - one.top) < 1
        for one in allowed
    )
