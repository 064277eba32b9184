"""Fields set after a signature that lie over what was signed.

A new signature field may be shown on a page, and its picture may hide anything: the comparison of objects finds nothing
wrong with it. Here its rectangle is held against the page as it was signed. Permitted are a field that was there
before, the planned seal (mark B over the left third of mark A and the signer's own lines, model §5) and a small field
on free room. Everything is measured in the page's user space.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw

from signing.validation.rulings import PathKind, kind_of_path

POINTS_PER_MM = 72 / 25.4
MAX_SEAL = 60 * POINTS_PER_MM  # no seal of a Vietnamese agency is larger; also bounds what may lie on free room
TOLERANCE = 3.0  # points; a rectangle is written with three decimals, pictures are placed by hand elsewhere
_SIGNER_LINE_OFF_AXIS = 25.0
_THIN = 3.0  # rules and frames: covering one hides nothing
_BACKGROUND = 0.8  # a drawing over this share of the page is a scan or a background
MAX_TEXT_RECTS = 20_000
MAX_DRAWINGS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A rectangle on a page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Width in points."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in points."""
        return self.top - self.bottom

    @property
    def size(self) -> float:
        """Area in square points."""
        return max(self.width, 0.0) * max(self.height, 0.0)

    def covers(self, other: Self) -> bool:
        """Whether both share more than an edge."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return width > 1 and height > 1

    def contains(self, other: Self) -> bool:
        """Whether the other lies inside."""
        return (
            self.left <= other.left
            and self.bottom <= other.bottom
            and self.right >= other.right
            and self.top >= other.top
        )

    def turned(self, rotation: int) -> "Area":
        """The same rectangle in directions as shown, for a page with /Rotate; its origin means nothing."""
        points = [(self.left, self.bottom), (self.right, self.top)]
        turned = [{0: (x, y), 90: (y, -x), 180: (-x, -y), 270: (-y, x)}[rotation % 360] for x, y in points]
        xs, ys = zip(*turned, strict=True)
        return Area(left=min(xs), bottom=min(ys), right=max(xs), top=max(ys))


@dataclass(frozen=True, slots=True, kw_only=True)
class Widget:
    """A signature field where it is shown."""

    field: str
    page: int | None
    """Index of the page; None: it does not say."""

    area: Area
    filled: bool
    has_picture: bool = False
    """It has an appearance of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What a signed page shows."""

    rotation: int
    lines: tuple[Area, ...]
    drawings: tuple[Area, ...]
    panels: tuple[Area, ...]
    """Filled rectangles: a mark may stand on one; only what covers one wholly hides it."""

    def is_drawn_on(self, area: Area) -> bool:
        """Whether the area hides a drawing."""
        return any(area.covers(drawing) for drawing in self.drawings) or any(
            area.contains(panel) for panel in self.panels
        )


class SignedPages:
    """What the pages of a signed revision show, each page looked at once."""

    def __init__(self, pdf: bytes, end: int, password: str | None = None) -> None:
        """The file and the first byte behind the revision; nothing is copied."""
        self._pdf, self._end = pdf, end
        self._password = password
        self._pages: dict[int, _Page | None] = {}

    def covers(self, page: int | None, area: Area | None) -> bool:
        """Whether text or a drawing is where the area lies; what cannot be drawn is taken to be full."""
        found = self.page(page)
        if found is None or area is None:
            return True
        return any(area.covers(other) for other in found.lines) or found.is_drawn_on(area)

    def page(self, number: int | None) -> "_Page | None":
        """One page; None if it cannot be drawn."""
        if number is None:
            return None
        if number not in self._pages:
            self._pages[number] = _signed_page(self._pdf, self._end, self._password, number)
        return self._pages[number]


def overlays(later: Iterable[Widget], known: Sequence[Widget], pages: SignedPages) -> Iterator[Widget]:
    """The later fields that cover what a file showed when it was signed.

    Args:
        later: every visible signature field of the newest revision.
        known: those of the signed revision.
        pages: what the signed revision shows.
    """
    for widget in new_among(later, known):
        if not widget.filled and widget.has_picture:
            yield widget  # shows something, and nobody signed it
            continue
        page = pages.page(widget.page)
        if page is None or not _is_permitted(widget, page, known):
            yield widget


def new_among(later: Iterable[Widget], known: Sequence[Widget]) -> tuple[Widget, ...]:
    """The fields that were not there before in the same place."""
    return tuple(widget for widget in later if not _is_among(widget, known))


def _is_among(widget: Widget, known: Iterable[Widget]) -> bool:
    """Whether the field was there before, in the same place (it may have been signed since, then with a picture)."""
    return any(
        (widget.field, widget.page, widget.area) == (other.field, other.page, other.area)
        and widget.filled >= other.filled
        and (widget.filled or widget.has_picture <= other.has_picture)
        for other in known
    )


def _is_permitted(widget: Widget, page: _Page, known: Iterable[Widget]) -> bool:
    if widget.area.size > MAX_SEAL**2:
        return False
    marks = [other.area for other in known if other.page == widget.page and other.filled]
    under = [mark for mark in marks if widget.area.covers(mark)]
    if page.is_drawn_on(widget.area):
        return False
    lines = [line for line in page.lines if widget.area.covers(line)]
    if not under and not lines:
        return True
    return len(under) == 1 and _is_planned_seal(widget.area, under[0], lines, page.rotation)


def _is_planned_seal(seal: Area, mark: Area, lines: Iterable[Area], rotation: int) -> bool:
    """Mark B as model §5 plans it: over the left third of mark A, over the title and name of that signer at most."""
    b, a = seal.turned(rotation), mark.turned(rotation)
    if max(b.width, b.height) > MAX_SEAL or abs(b.right - (a.left + a.width / 3)) > TOLERANCE:
        return False
    if abs((b.bottom + b.top) - (a.bottom + a.top)) / 2 > TOLERANCE:
        return False
    return all(_is_signers_line(line.turned(rotation), a) for line in lines)


def _is_signers_line(line: Area, mark: Area) -> bool:
    off_axis = abs((line.left + line.right) - (mark.left + mark.right)) / 2
    return off_axis <= max(_SIGNER_LINE_OFF_AXIS, 0.25 * line.width)


def area_of(numbers: Sequence[Any]) -> Area | None:
    """The rectangle of four numbers in any order; None for anything else."""
    try:
        values = [float(n) for n in numbers]
    except (TypeError, ValueError, ArithmeticError):
        return None
    if len(values) != 4 or not all(map(math.isfinite, values)):  # noqa: PLR2004 - a rectangle has four numbers
        return None
    (left, right), (bottom, top) = sorted(values[0::2]), sorted(values[1::2])
    return Area(left=left, bottom=bottom, right=right, top=top)


def _signed_page(pdf: bytes, end: int, password: str | None, number: int) -> "_Page | None":
    """What one page of a revision shows: lines of text, and drawings that are no background."""
    handle = None
    for form in dict.fromkeys(("", password or "")):  # ISO 32000-2 §7.6.4.1: the empty password first
        handle = handle or pdfium_raw.FPDF_LoadMemDocument64(pdf, end, form.encode() + b"\0")
    if not handle:
        return None
    document = pdfium.PdfDocument(handle)
    try:
        return _page(document[number]) if number < len(document) else None
    except pdfium.PdfiumError:
        return None
    finally:
        document.close()


def _page(page: pdfium.PdfPage) -> _Page:
    text = page.get_textpage()
    rectangles = [text.get_rect(index) for index in range(min(text.count_rects(), MAX_TEXT_RECTS))]
    text.close()
    width, height = page.get_size()
    drawings: list[Area] = []
    panels: list[Area] = []
    for number, item in enumerate(page.get_objects(max_depth=1)):
        if number >= MAX_DRAWINGS:
            break
        if item.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
            continue
        left, bottom, right, top = item.get_bounds()
        area = Area(left=left, bottom=bottom, right=right, top=top)
        if min(area.width, area.height) < _THIN or area.size >= _BACKGROUND * width * height:
            continue
        kind = kind_of_path(item) if item.type == pdfium_raw.FPDF_PAGEOBJ_PATH else PathKind.DRAWING
        if kind is not PathKind.RULING:
            (panels if kind is PathKind.PANEL else drawings).append(area)
    lines = tuple(Area(left=left, bottom=bottom, right=right, top=top) for left, bottom, right, top in rectangles)
    found = _Page(rotation=page.get_rotation(), lines=_joined(lines), drawings=tuple(drawings), panels=tuple(panels))
    page.close()
    return found


def _joined(pieces: Iterable[Area]) -> tuple[Area, ...]:
    """Words of one base line that stand close together become one line; columns stay apart."""
    lines: list[Area] = []
    for piece in sorted(pieces, key=lambda area: (-area.bottom, area.left)):
        if lines and _continues(lines[-1], piece):
            last = lines[-1]
            lines[-1] = Area(
                left=min(last.left, piece.left), bottom=min(last.bottom, piece.bottom),
                right=max(last.right, piece.right), top=max(last.top, piece.top),
            )  # fmt: skip
        else:
            lines.append(piece)
    return tuple(lines)


def _continues(line: Area, piece: Area) -> bool:
    common = min(line.top, piece.top) - max(line.bottom, piece.bottom)
    gap = max(piece.left - line.right, line.left - piece.right)
    height = max(line.height, piece.height)
    return common > 0.5 * min(line.height, piece.height) and gap < 1.2 * height
