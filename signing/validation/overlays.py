"""Fields set after a signature that lie over what was signed.

A new signature field may be shown on a page, and its picture may hide anything: the comparison of objects finds nothing
wrong with it. Here its rectangle is held against the page as it was signed. Permitted are a field that was there
before, the planned seal (mark B over the left third of mark A and the signer's own lines, model §5) and a small field
on free room. Everything is measured in the page's user space.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_raw
from pyhanko.pdf_utils import generic

from signing.validation.document import MAX_DEPTH, MAX_FIELDS, array_items, get, page_nodes

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What a signed page shows."""

    rotation: int
    lines: tuple[Area, ...]
    drawings: tuple[Area, ...]


def overlays(pdf: bytes, before: Any, after: Any) -> Iterator[Widget]:  # noqa: ANN401 - pyHanko's catalogues
    """The fields of a later catalogue that cover what a file showed when it was signed.

    Args:
        pdf: the file up to the end of the signed revision.
        before: its catalogue.
        after: the catalogue of the newest revision.
    """
    known = tuple(_shown_widgets(before))
    new = [widget for widget in _shown_widgets(after) if not _is_among(widget, known)]
    yield from (widget for widget in new if not widget.filled)
    later = [widget for widget in new if widget.filled]
    if not later:
        return
    pages = _signed_pages(pdf, {widget.page for widget in later if widget.page is not None})
    for widget in later:
        page = None if widget.page is None else pages.get(widget.page)
        if page is None or not _is_permitted(widget, page, known):
            yield widget


def _is_among(widget: Widget, known: Iterable[Widget]) -> bool:
    """Whether the field was there before, in the same place (it may have been filled since)."""
    return any(
        (widget.field, widget.page, widget.area) == (other.field, other.page, other.area)
        and widget.filled >= other.filled
        for other in known
    )


def _is_permitted(widget: Widget, page: _Page, known: Iterable[Widget]) -> bool:
    if widget.area.size > MAX_SEAL**2:
        return False
    marks = [other.area for other in known if other.page == widget.page and other.filled]
    under = [mark for mark in marks if widget.area.covers(mark)]
    if any(widget.area.covers(drawing) for drawing in page.drawings):
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


def _shown_widgets(root: Any) -> Iterator[Widget]:  # noqa: ANN401 - pyHanko's catalogue
    """Every widget of a signature field, also below /Kids, that takes room on a page."""
    places = {
        item.reference: number
        for number, page in enumerate(page_nodes(root))
        for item in array_items(get(page, "/Annots", ()))
        if isinstance(item, generic.IndirectObject)
    }
    stack = [(item, "", None, False, 0) for item in array_items(get(get(root, "/AcroForm", {}), "/Fields", ()))]
    seen = 0
    while stack and seen < MAX_FIELDS:
        item, name, kind, filled, depth = stack.pop()
        seen += 1
        entry = item.get_object()
        kind, filled = get(entry, "/FT", kind), filled or get(entry, "/V") is not None
        name = ".".join(part for part in (name, str(get(entry, "/T", ""))) if part)
        if depth < MAX_DEPTH:
            stack.extend((kid, name, kind, filled, depth + 1) for kid in array_items(get(entry, "/Kids", ())))
        area = _area(get(entry, "/Rect", ()))
        if kind == "/Sig" and area is not None and area.size > 0:
            reference = item.reference if isinstance(item, generic.IndirectObject) else None
            page = None if reference is None else places.get(reference)
            yield Widget(field=name or "?", page=page, area=area, filled=filled)


def _area(rectangle: Any) -> Area | None:  # noqa: ANN401 - a PDF array
    numbers = [float(n) for n in rectangle]
    if len(numbers) != 4:  # noqa: PLR2004 - a rectangle has four numbers
        return None
    (left, right), (bottom, top) = sorted(numbers[0::2]), sorted(numbers[1::2])
    return Area(left=left, bottom=bottom, right=right, top=top)


def _signed_pages(pdf: bytes, wanted: Iterable[int]) -> dict[int, _Page]:
    """What the wanted pages of a file show: lines of text, and drawings that are no background."""
    try:
        document = pdfium.PdfDocument(pdf)
    except pdfium.PdfiumError:
        return {}
    try:
        return {number: _page(document[number]) for number in wanted if number < len(document)}
    except pdfium.PdfiumError:
        return {}
    finally:
        document.close()


def _page(page: pdfium.PdfPage) -> _Page:
    text = page.get_textpage()
    rectangles = [text.get_rect(index) for index in range(min(text.count_rects(), MAX_TEXT_RECTS))]
    text.close()
    width, height = page.get_size()
    drawings = []
    for number, item in enumerate(page.get_objects(max_depth=1)):
        if number >= MAX_DRAWINGS:
            break
        if item.type == pdfium_raw.FPDF_PAGEOBJ_TEXT:
            continue
        left, bottom, right, top = item.get_bounds()
        area = Area(left=left, bottom=bottom, right=right, top=top)
        if min(area.width, area.height) >= _THIN and area.size < _BACKGROUND * width * height:
            drawings.append(area)
    lines = tuple(Area(left=left, bottom=bottom, right=right, top=top) for left, bottom, right, top in rectangles)
    found = _Page(rotation=page.get_rotation(), lines=_joined(lines), drawings=tuple(drawings))
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
