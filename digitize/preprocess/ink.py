"""Evens out light and takes red stamps off the text under them. Pure functions on RGB arrays.

Why: background division removes shadows of a photo and the tint of old paper; stamped red ink covers the title and
name of the signer, and its own letters run round a circle, so both lines are lost unless the red is taken away.

"Even" pictures below are RGB pictures after `even_out`: paper is white (255) everywhere.

Knows colours. Must not know lines of text, pages or files.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

_PAPER_SIDE_PX = 400  # the paper's brightness changes slowly: a small picture holds it
_STROKE_PX = 9  # wider than a letter's stroke in the small picture: dilation by it removes text
_SMOOTH_PX = 21
_COLOUR_LEAD = 0.16  # a channel this far (share of full scale) above the others makes the pixel coloured ink
_INK_LEVEL = 170  # darker than this (0..255, paper is 255) counts as ink
_MOSTLY = 0.5
_STAMP_SEARCH_PX = 900
_STAMP_DENSITY = 40  # of 255: a thin ring covers a small part of each pixel of the small picture
_STAMP_GAP_PX = 11  # joins the letters of a stamp to its ring, not a title to the stamp
_STAMP_ASPECT = 1.45
_STAMP_LEAST = 0.06  # an agency seal (36 mm) is 0.12 of an A4 page; a bent letter is below 0.03
_STAMP_RIM_PX = 3
_RED, _GREEN, _BLUE = 0, 1, 2


def even_out(image: Image) -> Image:
    """Return the RGB picture with paper white everywhere."""
    height, width = image.shape[:2]
    paper = cv2.resize(_paper_colour(image), (width, height), interpolation=cv2.INTER_LINEAR)
    return divide_by_paper(image, np.asarray(paper, np.uint8))


def _paper_colour(image: Image) -> Image:
    height, width = image.shape[:2]
    scale = min(1.0, _PAPER_SIDE_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    without_text = cv2.dilate(small, np.ones((_STROKE_PX, _STROKE_PX), np.uint8))
    return np.asarray(cv2.medianBlur(without_text, _SMOOTH_PX), np.uint8)


def divide_by_paper(image: Image, paper: Image) -> Image:
    """Return `image / paper` scaled to 0..255; both have the same size and channels."""
    return np.asarray(cv2.divide(image, np.maximum(paper, 1), scale=255.0), np.uint8)


def without_stamps(even: Image) -> Image:
    """Return an even picture in which round red stamps are paper again; other red ink stays."""
    cleaned = even.copy()
    for left, top, right, bottom in stamp_boxes(even):
        part = cleaned[top:bottom, left:right]
        cleaned[top:bottom, left:right] = _grey_without_red(part)[:, :, None]
    return cleaned


def stamp_boxes(even: Image) -> list[tuple[int, int, int, int]]:
    """Return `(left, top, right, bottom)` around each patch of red ink that is about as wide as high."""
    height, width = even.shape[:2]
    scale = min(1.0, _STAMP_SEARCH_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    mask = _ink_mask(even, _RED).astype(np.uint8) * 255
    small = (cv2.resize(mask, size, interpolation=cv2.INTER_AREA) > _STAMP_DENSITY).astype(np.uint8)
    joined = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((_STAMP_GAP_PX, _STAMP_GAP_PX), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    boxes: list[tuple[int, int, int, int]] = []
    for left, top, wide, high in stats[1:count, :4].tolist():
        is_round = max(wide, high) <= _STAMP_ASPECT * min(wide, high)
        if is_round and min(wide, high) >= _STAMP_LEAST * max(size):
            rim = _STAMP_RIM_PX
            grown = (left - rim, top - rim, left + wide + rim, top + high + rim)
            x0, y0, x1, y1 = (round(value / scale) for value in grown)
            boxes.append((max(0, x0), max(0, y0), min(width, x1), min(height, y1)))
    return boxes


def line_ink(even_line: Image) -> Image:
    """Return one line's brightness for the reader, without ink of another colour than the line's own.

    A black line loses the stamp and the blue signature that cross it. A line that is itself red (a form's title) or
    blue (filled in by hand) keeps its ink.
    """
    shares = [_ink_share(even_line, channel) for channel in (_RED, _BLUE)]
    if max(shares) > _MOSTLY:
        return np.asarray(cv2.cvtColor(even_line, cv2.COLOR_RGB2GRAY), np.uint8)
    return np.asarray(even_line.max(axis=2), np.uint8)


def _ink_share(even: Image, channel: int) -> float:
    ink = even.min(axis=2) < _INK_LEVEL
    total = int(ink.sum())
    return float((_ink_mask(even, channel) & ink).sum()) / total if total else 0.0


def _ink_mask(even: Image, channel: int) -> NDArray[np.bool_]:
    return np.asarray(_lead(even, channel) > round(255 * _COLOUR_LEAD))


def _lead(even: Image, channel: int) -> NDArray[np.int16]:
    """Return how far one channel lies above both others, per pixel."""
    others = [other for other in (_RED, _GREEN, _BLUE) if other != channel]
    rest = np.maximum(even[:, :, others[0]], even[:, :, others[1]]).astype(np.int16)
    return np.asarray(even[:, :, channel].astype(np.int16) - rest)


def _grey_without_red(even: Image) -> Image:
    share = np.clip(_lead(even, _RED) / (255.0 * _COLOUR_LEAD), 0.0, 1.0)
    plain = cv2.cvtColor(even, cv2.COLOR_RGB2GRAY).astype(np.float64)
    return np.clip(plain + (255.0 - plain) * share, 0, 255).astype(np.uint8)
