"""The page's words as invisible text, each stretched over its own box and turned with its line.

Knows words, boxes and PDF text operators. Must not know files or fonts' insides.
"""

import math
from collections.abc import Iterator

from digitize.model import Page, Word
from digitize.pdfa.font import ADVANCE, UNITS_PER_EM

FONT_KEY = "/Unseen"
_LEAST_LENGTH_PX = 0.5
_LAST_CODE = 0xFFFF
_BASELINE = 0.2  # of the line's height: where the letters stand above the box's lower side


def text_operators(page: Page, points_per_px: float) -> bytes:
    """Return the page's text object in default user space (points, origin lower left)."""
    parts = ["BT", "3 Tr"]  # text that is neither filled nor stroked
    for line in page.lines:
        for word in line.words:
            parts.extend(_word(word, page.height, points_per_px))
    parts.append("ET")
    return "\n".join(parts).encode("ascii")


def _word(word: Word, page_height: int, scale: float) -> Iterator[str]:
    upper_left, _, lower_right, lower_left = word.quad.corners
    along = (lower_right[0] - lower_left[0], lower_right[1] - lower_left[1])
    length = math.hypot(*along)
    size = math.dist(upper_left, lower_left) * scale
    shown = "".join(char for char in word.text if ord(char) <= _LAST_CODE)
    if length < _LEAST_LENGTH_PX or size <= 0 or not shown:
        return
    cosine, sine = along[0] / length, -along[1] / length  # the PDF's y axis runs upwards
    lift = (upper_left[0] - lower_left[0]) * _BASELINE, (upper_left[1] - lower_left[1]) * _BASELINE
    x, y = (lower_left[0] + lift[0]) * scale, (page_height - lower_left[1] - lift[1]) * scale
    natural = len(shown) * size * ADVANCE / UNITS_PER_EM
    stretch = 100.0 * length * scale / natural
    yield f"{FONT_KEY} {size:.2f} Tf {stretch:.2f} Tz"
    yield f"{cosine:.5f} {sine:.5f} {-sine:.5f} {cosine:.5f} {x:.2f} {y:.2f} Tm"
    # a trailing space parts the words for readers that look at letters, not at gaps
    yield f"<{(shown + ' ').encode('utf-16-be').hex()}> Tj"
