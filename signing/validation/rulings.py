"""Lines of frames and tables, and light panels: what a page draws around free room.

A mark that is set inside a frame or on a light background hides nothing.

Knows pdfium's path objects. Must not know what is set where.
"""

import ctypes
from collections.abc import Iterator
from enum import StrEnum

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

_STRAIGHT = 0.5  # points; a line that leaves its axis by less was meant to be straight
_LIGHT = 192  # of 255 in every colour: nothing is written with it
MAX_SEGMENTS = 2_000
_RECTANGLE_SEGMENTS = frozenset({4, 5, 6})


class PathKind(StrEnum):
    """What a path on a page is for somebody who looks for free room."""

    RULING = "ruling"
    """Straight lines along the axes, not filled: a frame, a table, a rule."""

    PANEL = "panel"
    """One rectangle along the axes, filled with a light colour: a background."""

    DRAWING = "drawing"
    """Anything else."""


def kind_of_path(path: pdfium.PdfObject) -> PathKind:
    """What a path object is; whatever cannot be read is a drawing."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if not pdfium_raw.FPDFPath_GetDrawMode(path, fill, stroke):
        return PathKind.DRAWING
    count = pdfium_raw.FPDFPath_CountSegments(path)
    if not 0 < count <= MAX_SEGMENTS or not all(_runs_along_an_axis(path, count)):
        return PathKind.DRAWING
    if fill.value == pdfium_raw.FPDF_FILLMODE_NONE:
        return PathKind.RULING
    return PathKind.PANEL if count in _RECTANGLE_SEGMENTS and _is_light(path) else PathKind.DRAWING


def _is_light(path: pdfium.PdfObject) -> bool:
    red, green, blue, opacity = (ctypes.c_uint() for _ in range(4))
    known = pdfium_raw.FPDFPageObj_GetFillColor(path, red, green, blue, opacity)
    return bool(known) and min(red.value, green.value, blue.value) >= _LIGHT


def _runs_along_an_axis(path: pdfium.PdfObject, count: int) -> Iterator[bool]:
    """For each segment whether it is a line along an axis, or a move."""
    x, y, last_x, last_y = ctypes.c_float(), ctypes.c_float(), 0.0, 0.0
    for index in range(count):
        segment = pdfium_raw.FPDFPath_GetPathSegment(path, index)
        kind = pdfium_raw.FPDFPathSegment_GetType(segment)
        if not pdfium_raw.FPDFPathSegment_GetPoint(segment, x, y):
            yield False
            return
        is_straight = abs(x.value - last_x) < _STRAIGHT or abs(y.value - last_y) < _STRAIGHT
        yield kind == pdfium_raw.FPDF_SEGMENT_MOVETO or (kind == pdfium_raw.FPDF_SEGMENT_LINETO and is_straight)
        last_x, last_y = x.value, y.value
