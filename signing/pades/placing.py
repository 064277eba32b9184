"""Decides where a mark goes: the geometry of model §5, applied to one page.

I15: nothing but what is planned may be covered. A stands between title and name, smaller where the page is narrow; B
lies over the left third of A at its real size; text marks move down until they are free. Knows boxes and what stands
around them, draws nothing.
"""

from collections.abc import Sequence

from signing.pades.covering import Surroundings, Thing
from signing.pades.geometry import POINTS_PER_MM, Box, Frame
from signing.pades.marks import (
    SIGNATURE_MAX_HEIGHT,
    TEXT_MARGIN,
    TEXT_WIDTH,
)
from signing.pades.refusals import MarkHasNoPlace

SIGNATURE_MIN_HEIGHT = 18.0  # points; a smaller signature is not recognised any more
_SHRINK = 3.0  # points by which mark A gets lower while it would cover something
_STEP = 4.0  # points by which a text mark moves down
_INSETS = (0.0, 12.0, 24.0, 36.0, 48.0, 60.0)  # points from the right margin: a frame that is printed on forms
_LOWEST_SHARE = 0.5  # a text mark below the middle of the page is no longer "top right"
_NAMED = 3  # things that a refusal names


def person_box(block: Box, picture_ratio: float, *, height: float = SIGNATURE_MAX_HEIGHT) -> Box:
    """Mark A: centred in the signer's block, at most 45 pt high, as wide as the picture asks.

    Args:
        block: the free room between title and name.
        picture_ratio: width divided by height of the picture.
        height: no higher than this.
    """
    height = min(height, SIGNATURE_MAX_HEIGHT, block.height)
    if height <= 0 or picture_ratio <= 0:
        raise MarkHasNoPlace("no room between title and name")
    width = height * picture_ratio
    x, y = (block.left + block.right) / 2, (block.bottom + block.top) / 2
    return Box(page=block.page, left=x - width / 2, right=x + width / 2, bottom=y - height / 2, top=y + height / 2)


def free_person_box(block: Box, picture_ratio: float, frame: Frame, around: Surroundings) -> Box:
    """Mark A as high as it can be without covering anything.

    Raises:
        MarkHasNoPlace: even a low one covers something, or leaves the page.
    """
    height = min(SIGNATURE_MAX_HEIGHT, block.height)
    box = person_box(block, picture_ratio, height=height)
    covered = around.under(box)
    while (covered or not _is_on(frame, box)) and height - _SHRINK >= SIGNATURE_MIN_HEIGHT:
        height -= _SHRINK
        box = person_box(block, picture_ratio, height=height)
        covered = around.under(box)
    if covered:
        raise covering(covered, "Chữ ký (mẫu A)", "The signature's picture (mark A)")
    if not _is_on(frame, box):
        raise MarkHasNoPlace(
            "the signature's picture would leave the page",
            "Hình chữ ký (mẫu A) sẽ vượt ra ngoài trang.",
            "The signature's picture (mark A) would leave the page.",
        )
    return box


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
    if not _is_on(frame, box):
        raise MarkHasNoPlace(
            "the seal does not fit on the page at its real size",
            "Con dấu đúng kích thước thật không nằm trọn trên trang tại vị trí này.",
            "The seal does not fit on the page here at its real size.",
        )
    return box


def free_seal_box(box: Box, around: Surroundings, own: Sequence[Box]) -> Box:
    """Mark B's box, when it lies on A and A's title and name lines only.

    Args:
        box: where the seal goes.
        around: what stands on the page.
        own: mark A with the signer's own lines: the planned overlap.

    Raises:
        MarkHasNoPlace: something else would be covered.
    """
    covered = around.under(box, own)
    if covered:
        raise covering(covered, "Con dấu (mẫu B)", "The seal (mark B)")
    return box


def free_text_box(frame: Frame, around: Surroundings, height: float) -> Box:
    """Marks C and E: top right, moved down until nothing is covered; where a frame stands around the page, inside it.

    Raises:
        MarkHasNoPlace: the upper half of the page is full on its right.
    """
    first: tuple[Thing, ...] = ()
    for inset in _INSETS:
        right, top = frame.width - TEXT_MARGIN - inset, frame.height - TEXT_MARGIN
        while right >= TEXT_WIDTH and top - height >= frame.height * _LOWEST_SHARE:
            box = Box(page=frame.page, left=right - TEXT_WIDTH, right=right, bottom=top - height, top=top)
            covered = around.under(box)
            if not covered:
                return box
            first = first or covered
            top -= _STEP
    raise covering(first, "Dấu chữ ở góc trên bên phải", "The text mark at the top right")


def covering(covered: Sequence[Thing], mark_vi: str, mark_en: str) -> MarkHasNoPlace:
    """The refusal that names what a mark would cover, by kind and place; never what is written there."""
    things_vi = "; ".join(thing.place_vi for thing in covered[:_NAMED])
    things_en = "; ".join(thing.place_en for thing in covered[:_NAMED])
    return MarkHasNoPlace(
        f"{mark_en} would cover something",
        f"{mark_vi} không có chỗ: sẽ che {things_vi}." if covered else f"{mark_vi} không có chỗ trên trang này.",
        f"{mark_en} has no place: it would cover {things_en}." if covered else f"{mark_en} has no place on this page.",
    )


def _is_on(frame: Frame, box: Box) -> bool:
    return box.left >= 0 and box.bottom >= 0 and box.right <= frame.width and box.top <= frame.height
