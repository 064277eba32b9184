"""Decides where a mark goes: the geometry of model §5, applied to one document.

Nothing but what the law plans may be covered: A stands between title and name, B lies over the left third of A, text
marks move down until they are free. Knows boxes and pages, draws nothing.
"""

from collections.abc import Sequence

from signing.pades.geometry import POINTS_PER_MM, Box, Frame
from signing.pades.marks import (
    SIGNATURE_MAX_HEIGHT,
    TEXT_MARGIN,
    TEXT_WIDTH,
)
from signing.pades.refusals import MarkHasNoPlace

_STEP = 4.0  # points by which a text mark moves down
_LOWEST_SHARE = 0.5  # a text mark below the middle of the page is no longer "top right"


def person_box(block: Box, picture_ratio: float) -> Box:
    """Mark A: centred in the signer's block, at most 45 pt high, as wide as the picture asks.

    Args:
        block: the free room between title and name.
        picture_ratio: width divided by height of the picture.
    """
    height = min(SIGNATURE_MAX_HEIGHT, block.height)
    if height <= 0 or picture_ratio <= 0:
        raise MarkHasNoPlace("no room between title and name")
    width = height * picture_ratio
    x, y = (block.left + block.right) / 2, (block.bottom + block.top) / 2
    return Box(page=block.page, left=x - width / 2, right=x + width / 2, bottom=y - height / 2, top=y + height / 2)


def seal_box(signature: Box, frame: Frame, diameter_mm: float) -> Box:
    """Mark B: real size, its right edge at A.left + A.width / 3, on the height of A.

    Raises:
        MarkHasNoPlace: the seal would leave the page; it is never made smaller.
    """
    diameter = diameter_mm * POINTS_PER_MM
    right = signature.left + signature.width / 3
    middle = (signature.bottom + signature.top) / 2
    box = Box(
        page=signature.page, left=right - diameter, right=right,
        bottom=middle - diameter / 2, top=middle + diameter / 2,
    )  # fmt: skip
    if box.left < 0 or box.bottom < 0 or box.top > frame.height:
        raise MarkHasNoPlace("the seal does not fit on the page at its real size")
    return box


def text_box(frame: Frame, taken: Sequence[Box], height: float) -> Box:
    """Marks C and E: top right, moved down until nothing is covered.

    Raises:
        MarkHasNoPlace: the upper half of the right margin is full.
    """
    right = frame.width - TEXT_MARGIN
    top = frame.height - TEXT_MARGIN
    while top - height >= frame.height * _LOWEST_SHARE:
        box = Box(page=frame.page, left=right - TEXT_WIDTH, right=right, bottom=top - height, top=top)
        blocking = [other for other in taken if other.overlaps(box)]
        if not blocking:
            return box
        top = min(top - _STEP, max(other.bottom for other in blocking))
    raise MarkHasNoPlace("there is no free place at the top right of the page")
