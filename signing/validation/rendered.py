"""Compares what pages show: the file as it was signed against the file as it is now.

Objects may be compared without end and still miss what a viewer draws (a font exchanged, a layer switched off, a field
drawn over). Here both versions are drawn, page by page, at a low resolution, and held against each other. It is a
second line of defence: what it sees counts, what it cannot draw is said and never taken for the same.

Knows bytes, pages and rectangles in a page's user space; nothing of objects, signatures or verdicts.
"""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pypdfium2 as pdfium

from signing.validation.drawing import (
    POINTS_PER_INCH,
    DrawingFailedError,
    DrawnPage,
    PageMissingError,
    draw,
    has_xfa,
    image_of,
    opened,
)
from signing.validation.overlays import Area

NOISE: Final = 24  # of 255 per channel; the same program draws both, so equal content gives equal pixels
_BLOCK: Final = 8  # pixels; differences that close belong together
_MARGIN: Final = 2.0  # points around what may look like anything: lines are drawn on the edge of a rectangle
MAX_AREAS: Final = 40
_DARK: Final = [255] * 128 + [0] * 128  # ink of the signed page
_LIGHT: Final = [0] * 200 + [255] * 56  # nothing is left of it
_LETTER: Final = 4  # pixels: the height of the smallest letter; rules and dots are lower
_ICON: Final = (16.0, 30.0)  # points, with the margin: the picture of a note


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderBudget:
    """What one comparison may cost."""

    dpi: float = 72.0
    """Resolution for short documents: a letter of 10 pt is 10 pixels high."""

    lowest_dpi: float = 40.0
    """Long documents are drawn smaller, down to this."""

    pixels: int = 12_000_000
    """All pixels of one version together; decides the resolution."""

    pages: int = 120
    cpu_s: float = 1.2
    """CPU time of the thread for both versions together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDifference:
    """A page that looks different."""

    page: int
    """From 0."""

    areas: tuple[Area, ...]
    """Where, in user space of the page; the whole page if its size differs or it exists in one version only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedAnswer:
    """Whether both versions look the same."""

    same: bool | None
    """None: not everything could be drawn, and what was drawn is the same."""

    pages: tuple[PageDifference, ...] = ()


_DEFAULT: Final = RenderBudget()


def compare_pages(
    pdf: bytes,
    signed_end: int,
    *,
    allowed: Sequence[tuple[int, Area]],
    password: str | None = None,
    budget: RenderBudget = _DEFAULT,
) -> RenderedAnswer:
    """Draws the file cut at ``signed_end`` and the whole file, and compares page by page.

    Args:
        pdf: the file.
        signed_end: first byte behind the signed revision.
        allowed: page (from 0) and area (user space) of what may look different: planned signatures set later.
        password: for an encrypted file.
        budget: what it may cost.

    Returns:
        Never raises for what a file contains.
    """
    deadline = time.thread_time() + budget.cpu_s
    try:
        with opened(pdf, signed_end, password) as before, opened(pdf, len(pdf), password) as after:
            return _compared(before, after, allowed, budget, deadline)
    except DrawingFailedError:
        return RenderedAnswer(same=None)


def _compared(
    before: pdfium.PdfDocument,
    after: pdfium.PdfDocument,
    allowed: Sequence[tuple[int, Area]],
    budget: RenderBudget,
    deadline: float,
) -> RenderedAnswer:
    common = min(len(before), len(after))
    found = list(_surplus(before, after))
    if not common:
        return RenderedAnswer(same=False if found else None, pages=tuple(found))
    task = _Task(before=before, after=after, dpi=_resolution(before, min(common, budget.pages), budget), until=deadline)
    complete = common <= budget.pages and not (has_xfa(before) or has_xfa(after))
    for number in range(min(common, budget.pages)):
        try:
            areas = task.differing(number, tuple(_widened(area) for page, area in allowed if page == number))
        except DrawingFailedError:
            complete = False
            continue
        if areas:
            found.append(PageDifference(page=number, areas=areas))
    if found:
        return RenderedAnswer(same=False, pages=tuple(sorted(found, key=lambda item: item.page)))
    return RenderedAnswer(same=True if complete else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """Two versions, and how they are drawn."""

    before: pdfium.PdfDocument
    after: pdfium.PdfDocument
    dpi: float
    until: float

    def differing(self, number: int, allowed: tuple[Area, ...]) -> tuple[Area, ...]:
        """Where a page differs; raises DrawingFailedError when that cannot be said."""
        first, second = self._drawn(self.before, number), self._drawn(self.after, number)
        if first is None or second is None:  # counted in both versions, there in one
            only = first or second
            if only is None:
                raise DrawingFailedError("the page is in neither version")
            return (only.frame.area(0, 0, *only.size),)
        if first.frame == second.frame and first.pixels == second.pixels:
            return ()
        areas = differing_areas(first, second, allowed)
        if areas or not allowed:
            return areas
        content = draw(self.before, number, dpi=self.dpi, content_only=True, deadline=self.until)
        return tuple(area for area in allowed if hides_ink(content, first, second, area))

    def _drawn(self, document: pdfium.PdfDocument, number: int) -> DrawnPage | None:
        try:
            return draw(document, number, dpi=self.dpi, deadline=self.until)
        except PageMissingError:
            return None


def _surplus(before: pdfium.PdfDocument, after: pdfium.PdfDocument) -> Iterator[PageDifference]:
    """Pages that only one version has; a bounded number of them is named."""
    longer = before if len(before) > len(after) else after
    common = min(len(before), len(after))
    for number in range(common, min(len(longer), common + MAX_AREAS)):
        try:
            width, height = longer.get_page_size(number)
        except pdfium.PdfiumError:
            width = height = 0.0
        yield PageDifference(page=number, areas=(Area(left=0, bottom=0, right=width, top=height),))


def _resolution(document: pdfium.PdfDocument, pages: int, budget: RenderBudget) -> float:
    """The resolution at which the first pages together have no more pixels than the budget allows."""
    points = 0.0
    for number in range(pages):
        try:
            width, height = document.get_page_size(number)
        except pdfium.PdfiumError:
            continue
        points += max(width, 0.0) * max(height, 0.0)
    fitting = POINTS_PER_INCH * math.sqrt(budget.pixels / points) if points else budget.dpi
    return min(budget.dpi, max(budget.lowest_dpi, fitting))


def _widened(area: Area) -> Area:
    return Area(
        left=area.left - _MARGIN, bottom=area.bottom - _MARGIN, right=area.right + _MARGIN, top=area.top + _MARGIN
    )


def differing_areas(first: DrawnPage, second: DrawnPage, allowed: Sequence[Area] = ()) -> tuple[Area, ...]:
    """Where two pictures of a page differ by more than noise, merged to rectangles in user space.

    Args:
        first: one of them.
        second: the other one.
        allowed: what may look like anything.
    """
    width, height = second.size
    if first.frame != second.frame:  # another size, crop box or rotation
        return (second.frame.area(0, 0, width, height),)
    if first.pixels == second.pixels:
        return ()
    blocks = _differing_blocks(first, second, [second.frame.box(area) for area in allowed])
    boxes = _boxes(blocks)
    if len(boxes) > MAX_AREAS:
        boxes = [_around(boxes)]
    return tuple(
        second.frame.area(
            left * _BLOCK, top * _BLOCK, min(width, (right + 1) * _BLOCK), min(height, (bottom + 1) * _BLOCK)
        )
        for left, top, right, bottom in boxes
    )  # fmt: skip


def _differing_blocks(
    first: DrawnPage, second: DrawnPage, allowed: Sequence[tuple[int, int, int, int]]
) -> set[tuple[int, int]]:
    """Column and row of every square of pixels in which one pixel differs by more than noise."""
    from PIL import ImageChops  # noqa: PLC0415 - needed only where something differs

    red, green, blue = ImageChops.difference(image_of(first), image_of(second)).split()
    strongest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    marked = strongest.point([0] * (NOISE + 1) + [255] * (255 - NOISE))
    for box in allowed:
        marked.paste(0, box)
    small = marked.reduce(_BLOCK)  # the mean of a square: 255 / 64 rounds to 4 for one pixel, so nothing is lost
    width = small.width
    return {(index % width, index // width) for index, value in enumerate(small.tobytes()) if value}


def hides_ink(content: DrawnPage, first: DrawnPage, second: DrawnPage, area: Area) -> bool:
    """Whether what may lie in an area hides text or drawings of the page itself that the signer saw there.

    A field may be filled in and a seal may be set, but what the page says below stays readable. A rule or a row of
    dots to write on is no text; the icon of a note is as large as a letter and may stand anywhere.

    Args:
        content: the signed page without annotations and fields.
        first: the signed page as it was shown.
        second: the page as it is shown now.
        area: where something was allowed.
    """
    from PIL import ImageChops  # noqa: PLC0415 - needed only where something was added

    if all(_ICON[0] <= side <= _ICON[1] for side in (area.width, area.height)):
        return False
    box = second.frame.box(area)
    if box[0] >= box[2] or box[1] >= box[3]:
        return False
    grey = [image_of(page).crop(box).convert("L") for page in (content, first, second)]
    was_dark = [image.point(_DARK) for image in grey[:2]]
    hidden = ImageChops.darker(ImageChops.darker(*was_dark), grey[2].point(_LIGHT)).getbbox()
    return hidden is not None and hidden[3] - hidden[1] >= _LETTER and hidden[2] - hidden[0] >= _LETTER // 2


def _boxes(blocks: set[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Squares that touch, also at a corner, as the rectangle around them."""
    left_over = set(blocks)
    boxes = []
    while left_over:
        stack = [left_over.pop()]
        group = []
        while stack:
            column, row = stack.pop()
            group.append((column, row, column, row))
            around = {(column + x, row + y) for x in (-1, 0, 1) for y in (-1, 0, 1)} & left_over
            left_over -= around
            stack.extend(around)
        boxes.append(_around(group))
    return sorted(boxes, key=lambda box: (box[1], box[0]))


def _around(boxes: Sequence[tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
