"""Puts text lines into reading order: top to bottom, and column by column where a gutter divides neighbouring rows.

Administrative papers have two such places: the head (agency left, state name right) and the foot (recipients left,
signer right). Read across, they would mix the agency's name with the state's.

Knows boxes only. Must not know what the lines say.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import TypeVar

from digitize.model import Box

T = TypeVar("T")

_SAME_ROW = 0.5  # of the lower line's height: two boxes that overlap so far down the page stand side by side
_GUTTER = 0.6  # of a line's height: the least white between two columns
_GUTTER_GOES_ON = 0.3  # a block that has two columns already goes on through a narrower place
_BEYOND_INK = 0.3  # of its height: a detected box reaches beyond the ink at both ends
_MOST_COLUMNS = 6


def in_reading_order(items: Sequence[T], box_of: Callable[[T], Box]) -> tuple[T, ...]:
    """Return the items as a person would read them."""
    if not items:
        return ()
    line_height = median(box_of(item).height for item in items)

    def ink_of(item: T) -> Box:
        return _ink(box_of(item))

    return tuple(_ordered(_rows(items, ink_of), ink_of, line_height, _MOST_COLUMNS))


def _ink(box: Box) -> Box:
    beyond = min(_BEYOND_INK * box.height, box.width / 3)
    return Box(left=box.left + beyond, top=box.top, right=box.right - beyond, bottom=box.bottom)


def _rows(items: Sequence[T], box_of: Callable[[T], Box]) -> list[list[T]]:
    rows: list[list[T]] = []
    for item in sorted(items, key=lambda one: box_of(one).centre[1]):
        box = box_of(item)
        if rows and all(_stand_side_by_side(box, box_of(other)) for other in rows[-1]):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [sorted(row, key=lambda one: box_of(one).left) for row in rows]


def _stand_side_by_side(a: Box, b: Box) -> bool:
    overlap_down = min(a.bottom, b.bottom) - max(a.top, b.top)
    overlap_along = min(a.right, b.right) - max(a.left, b.left)
    least = min(a.height, b.height)
    return overlap_down >= _SAME_ROW * least and overlap_along < _SAME_ROW * least


def _ordered(rows: list[list[T]], box_of: Callable[[T], Box], line_height: float, columns: int) -> list[T]:
    ordered: list[T] = []
    start = 0
    while start < len(rows):
        end, cut = _block(rows, start, box_of, line_height)
        if cut is None or columns == 1 or end - start == 1:
            ordered.extend(rows[start])
            start += 1
            continue
        left = [[item for item in row if box_of(item).centre[0] < cut] for row in rows[start:end]]
        right = [[item for item in row if box_of(item).centre[0] >= cut] for row in rows[start:end]]
        for column in (left, right):
            ordered.extend(_ordered([row for row in column if row], box_of, line_height, columns - 1))
        start = end
    return ordered


def _block(rows: list[list[T]], start: int, box_of: Callable[[T], Box], line_height: float) -> tuple[int, float | None]:
    """Return where the run of rows that share one gutter ends, and where that gutter is."""
    low, high = float("-inf"), float("inf")
    has_both_sides = False
    end = start
    while end < len(rows):
        boxes = [box_of(item) for item in rows[end]]
        gutter = (_GUTTER_GOES_ON if has_both_sides else _GUTTER) * line_height
        gap = _gap(boxes, low, high, gutter, has_both_sides=has_both_sides)
        if gap is None:
            break
        low, high = gap
        has_both_sides = has_both_sides or len(boxes) > 1
        end += 1
    return (end, (low + high) / 2) if has_both_sides and end > start else (start + 1, None)


def _gap(
    boxes: list[Box], low: float, high: float, gutter: float, *, has_both_sides: bool
) -> tuple[float, float] | None:
    """Return what is left of the gutter (low, high) after this row, or None when the row closes it."""
    if len(boxes) > 1:
        pairs = [(a.right, b.left) for a, b in pairwise(boxes)]
        open_pairs = [(max(low, a), min(high, b)) for a, b in pairs]
        best = max(open_pairs, key=lambda pair: pair[1] - pair[0])
        return best if best[1] - best[0] >= gutter else None
    if not has_both_sides:  # a block begins at a row that has two sides
        return None
    box = boxes[0]
    left_of_it, right_of_it = (low, min(high, box.left)), (max(low, box.right), high)
    best = max((left_of_it, right_of_it), key=lambda pair: pair[1] - pair[0])
    return best if best[1] - best[0] >= gutter else None
