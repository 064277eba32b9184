"""Finds the sheet of paper in a photo: four straight edges with something darker outside. Pure functions.

The search is gated hard, because a wrong answer is worse than none: a flatbed scan of patterned paper has many straight
lines and no background at all (measured: an ungated search warped such scans and half of the text was lost). A side
counts only where the paper is brighter than what lies outside, close to the edge and a little farther away.

Knows pictures and corners. Must not know text, files or what happens with the sheet.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize.model import Point, Quad

_SEARCH_SIDE_PX = 640
_MAX_EDGES = 7  # per side: 7^4 candidates at most
_LEAST_PIECE = 0.10  # of the longest side
_SAME_LINE_PX = 4.0
_LEAST_AREA = 0.20  # of the picture; a smaller sheet cannot be read anyway
_LEAST_SIDE_SUPPORT = 0.72  # share of a side along which paper is brighter than its surroundings
_SAMPLES = 64
_NEAR_PX, _FAR_PX = 4, 9
_LEAST_STEP = 6  # grey levels between paper and background
_TILT_DEG = 25.0
_MARGIN = 0.02  # a corner may lie this far outside the picture
_LEAST_CORNER_DEG, _MOST_CORNER_DEG = 65.0, 115.0


@dataclass(frozen=True, slots=True)
class _Edge:
    """A straight piece of a line in the small picture: a point, a direction, a length."""

    x: float
    y: float
    dx: float
    dy: float
    length: float


class _Side(Enum):
    """Which side of the sheet an edge can be; the value is where the sheet lies from there (x, y)."""

    TOP = (0, 1)
    RIGHT = (-1, 0)
    BOTTOM = (0, -1)
    LEFT = (1, 0)


def find_page_quad(image: NDArray[np.uint8]) -> Quad | None:
    """Return the sheet's corners in the picture's pixels, or None when the picture shows no sheet on a background."""
    height, width = image.shape[:2]
    scale = min(1.0, _SEARCH_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    calm = np.asarray(cv2.medianBlur(cv2.resize(image, size, interpolation=cv2.INTER_AREA), 5), np.uint8)
    brightness = cv2.cvtColor(calm, cv2.COLOR_RGB2GRAY).astype(np.float32)
    best: tuple[float, NDArray[np.float64]] | None = None
    for corners in _candidates(_sides(calm, brightness), size):
        support = _least_side_support(brightness, corners)
        score = support * cv2.contourArea(corners.astype(np.float32))
        if support >= _LEAST_SIDE_SUPPORT and (best is None or score > best[0]):
            best = (score, corners)
    if best is None:
        return None
    upper_left, upper_right, lower_right, lower_left = ((float(x) / scale, float(y) / scale) for x, y in best[1])
    return Quad(corners=(upper_left, upper_right, lower_right, lower_left))


def _sides(calm: NDArray[np.uint8], brightness: NDArray[np.float32]) -> dict[_Side, list[_Edge]]:
    """Return, for each side of the sheet, the longest edges that have the brighter ground on the right side of them."""
    marks = np.zeros(calm.shape[:2], np.uint8)
    for channel in cv2.split(calm):
        marks |= np.asarray(cv2.Canny(channel, 20, 60), np.uint8)
    least = _LEAST_PIECE * max(calm.shape[:2])
    pieces = cv2.HoughLinesP(marks, 1, np.pi / 360, 40, minLineLength=least, maxLineGap=12)
    sides: dict[_Side, list[_Edge]] = {side: [] for side in _Side}
    ends: list[list[float]] = [] if pieces is None else pieces.reshape(-1, 4).astype(float).tolist()
    for x0, y0, x1, y1 in sorted(ends, key=lambda piece: -np.hypot(piece[2] - piece[0], piece[3] - piece[1])):
        length = float(np.hypot(x1 - x0, y1 - y0))
        edge = _Edge(x0, y0, (x1 - x0) / length, (y1 - y0) / length, length)
        side = _side_of(edge, brightness)
        if side is None or len(sides[side]) >= _MAX_EDGES:
            continue
        if not any(_is_same_line(edge, known) for known in sides[side]):
            sides[side].append(edge)
    return sides


def _side_of(edge: _Edge, brightness: NDArray[np.float32]) -> _Side | None:
    tilt = float(np.degrees(np.arctan2(abs(edge.dy), abs(edge.dx))))
    if tilt <= _TILT_DEG:
        possible = (_Side.TOP, _Side.BOTTOM)
    elif tilt >= 90.0 - _TILT_DEG:
        possible = (_Side.LEFT, _Side.RIGHT)
    else:
        return None
    start = np.array([edge.x, edge.y])
    along = np.array([edge.dx, edge.dy]) * edge.length
    for side in possible:
        normal = np.array([-edge.dy, edge.dx])
        if normal @ np.array(side.value) < 0:
            normal = -normal
        if _bright_share(brightness, start, along, normal) >= _LEAST_SIDE_SUPPORT:
            return side
    return None


def _is_same_line(edge: _Edge, known: _Edge) -> bool:
    ends = ((edge.x, edge.y), (edge.x + edge.dx * edge.length, edge.y + edge.dy * edge.length))
    return all(abs((x - known.x) * known.dy - (y - known.y) * known.dx) < _SAME_LINE_PX for x, y in ends)


def _candidates(sides: dict[_Side, list[_Edge]], size: tuple[int, int]) -> Iterator[NDArray[np.float64]]:
    width, height = size
    low = np.array([-_MARGIN * width, -_MARGIN * height])
    high = np.array([(1 + _MARGIN) * width, (1 + _MARGIN) * height])
    for top, right, bottom, left in product(*(sides[side] for side in _Side)):
        points = [_meet(top, left), _meet(top, right), _meet(bottom, right), _meet(bottom, left)]
        if any(point is None for point in points):
            continue
        corners = np.array(points, np.float64)
        if (corners < low).any() or (corners > high).any():
            continue
        area = cv2.contourArea(corners.astype(np.float32), oriented=True)
        if area >= _LEAST_AREA * width * height and _has_sheet_corners(corners):
            yield corners


def _meet(a: _Edge, b: _Edge) -> Point | None:
    cross = a.dx * b.dy - a.dy * b.dx
    if abs(cross) < 0.2:  # nearly parallel  # noqa: PLR2004 - sine of the least angle, about 12 degrees
        return None
    way = ((b.x - a.x) * b.dy - (b.y - a.y) * b.dx) / cross
    return (a.x + way * a.dx, a.y + way * a.dy)


def _has_sheet_corners(corners: NDArray[np.float64]) -> bool:
    before = np.roll(corners, 1, axis=0) - corners
    after = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    angles = np.degrees(np.arccos(np.clip((before * after).sum(axis=1) / np.maximum(lengths, 1e-6), -1, 1)))
    return bool(((angles > _LEAST_CORNER_DEG) & (angles < _MOST_CORNER_DEG)).all())


def _least_side_support(brightness: NDArray[np.float32], corners: NDArray[np.float64]) -> float:
    """Return the weakest side's share of places where the sheet is clearly brighter than its surroundings."""
    shares = []
    for index in range(4):
        start = corners[index]
        along = corners[(index + 1) % 4] - start
        inward = np.array([-along[1], along[0]]) / max(float(np.linalg.norm(along)), 1e-6)  # clockwise corners
        shares.append(_bright_share(brightness, start, along, inward))
    return min(shares)


def _bright_share(
    brightness: NDArray[np.float32],
    start: NDArray[np.float64],
    along: NDArray[np.float64],
    inward: NDArray[np.float64],
) -> float:
    places = start + np.linspace(0.04, 0.96, _SAMPLES)[:, None] * along
    is_bright = np.ones(_SAMPLES, bool)
    for offset in (_NEAR_PX, _FAR_PX):
        inside = _values(brightness, places + inward * offset)
        outside = _values(brightness, places - inward * offset)
        # no pixel outside means no background there: the picture's rim is not an edge of the sheet
        is_bright &= inside - outside > _LEAST_STEP
    return float(is_bright.mean())


def _values(brightness: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float32]:
    height, width = brightness.shape
    xs, ys = np.round(places[:, 0]).astype(int), np.round(places[:, 1]).astype(int)
    inside = (xs >= 0) & (ys >= 0) & (xs < width) & (ys < height)
    values = np.full(len(places), np.nan, np.float32)
    values[inside] = brightness[ys[inside], xs[inside]]
    return values
