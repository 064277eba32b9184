"""Straightens sheets and lines, and turns points with pictures. Pure functions on arrays and corners.

Knows geometry only. Must not know where corners come from.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize.model import Point, Quad

Image = NDArray[np.uint8]
QUARTER_TURNS = 4


def side_lengths(quad: Quad) -> tuple[float, float]:
    """Return the mean width and the mean height of a quad in pixels."""
    upper_left, upper_right, lower_right, lower_left = (np.asarray(corner) for corner in quad.corners)
    width = (np.linalg.norm(upper_right - upper_left) + np.linalg.norm(lower_right - lower_left)) / 2
    height = (np.linalg.norm(lower_left - upper_left) + np.linalg.norm(lower_right - upper_right)) / 2
    return float(width), float(height)


def rectify(image: Image, quad: Quad) -> Image:
    """Return the quad's content as an upright rectangle; no side is made smaller than it was."""
    corners = np.asarray(quad.corners, np.float32)
    width = round(float(max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3]))))
    height = round(float(max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1]))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target)
    return np.asarray(
        cv2.warpPerspective(image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def cut_line(image: Image, quad: Quad, *, height_px: int, pad_across: float, pad_along: float) -> Image:
    """Return one text line, level and scaled to `height_px`.

    Args:
        image: The picture, grey or RGB.
        quad: The line's corners.
        height_px: Height of the answer.
        pad_across: Room added above and below, as a share of the line's height (accents reach high).
        pad_along: Room added at both ends, same unit.
    """
    upper_left, upper_right, _lower_right, lower_left = (np.asarray(corner, np.float64) for corner in quad.corners)
    width, height = side_lengths(quad)
    along = (upper_right - upper_left) / max(width, 1.0)
    across = (lower_left - upper_left) / max(height, 1.0)
    ends, edges = along * height * pad_along, across * height * pad_across
    outward = np.array([-ends - edges, ends - edges, ends + edges, edges - ends])
    corners = np.asarray(quad.corners, np.float64) + outward
    full_height = height * (1 + 2 * pad_across)
    scale = height_px / max(full_height, 1.0)
    width_px = max(8, round((width + 2 * height * pad_along) * scale))
    target = np.array([[0, 0], [width_px, 0], [width_px, height_px], [0, height_px]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    # shrinking with a cubic kernel skips source pixels; the area kernel averages them
    kernel = cv2.INTER_CUBIC if scale > 0.5 else cv2.INTER_AREA  # noqa: PLR2004 - the factor where skipping starts
    return np.asarray(
        cv2.warpPerspective(image, matrix, (width_px, height_px), flags=kernel, borderMode=cv2.BORDER_REPLICATE),
        np.uint8,
    )


def turn(image: Image, quarter_turns: int) -> Image:
    """Return the picture turned clockwise."""
    return np.ascontiguousarray(np.rot90(image, -quarter_turns))


def turn_point(point: Point, width: float, height: float, quarter_turns: int) -> Point:
    """Return where a point of a `width` x `height` picture lies after `turn(picture, quarter_turns)`."""
    x, y = point
    for _ in range(quarter_turns % QUARTER_TURNS):
        x, y = height - y, x
        width, height = height, width
    return (x, y)


def turn_quad(quad: Quad, width: float, height: float, quarter_turns: int) -> Quad:
    """Return the quad after `turn`, its corners named anew so that the first is the upper left again."""
    corners = [turn_point(corner, width, height, quarter_turns) for corner in quad.corners]
    return name_corners(corners)


def name_corners(corners: list[Point]) -> Quad:
    """Name the corners of a rectangle that is turned by less than 45 degrees: upper left first, clockwise."""
    by_x = sorted(corners)
    upper_left, lower_left = sorted(by_x[:2], key=lambda corner: corner[1])
    upper_right, lower_right = sorted(by_x[2:], key=lambda corner: corner[1])
    return Quad(corners=(upper_left, upper_right, lower_right, lower_left))
