"""Boxes on pages as a person sees them, and the way back to the page's own coordinates.

A *shown* box has its origin at the lower left of what a viewer shows (crop box, after /Rotate); PDF rectangles live in
the page's user space. Units are points (1/72 inch). Knows no document; a frame is built from the three page entries.
"""

from dataclasses import dataclass
from typing import Self

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle on one page, in shown coordinates."""

    page: int
    """Index of the page, from 0."""

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

    def overlaps(self, other: Self) -> bool:
        """Whether both share an area (touching edges do not count)."""
        return (
            self.page == other.page
            and self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How one page is shown."""

    page: int
    crop: tuple[float, float, float, float]
    """Visible rectangle in user space: left, bottom, right, top."""

    rotation: int
    """Clockwise rotation when shown: 0, 90, 180 or 270."""

    @property
    def width(self) -> float:
        """Width of the page as shown."""
        left, bottom, right, top = self.crop
        return top - bottom if self.rotation in {90, 270} else right - left

    @property
    def height(self) -> float:
        """Height of the page as shown."""
        left, bottom, right, top = self.crop
        return right - left if self.rotation in {90, 270} else top - bottom

    def to_user(self, box: Box) -> tuple[float, float, float, float]:
        """The rectangle of a shown box in user space: left, bottom, right, top."""
        points = [self._point_to_user(box.left, box.bottom), self._point_to_user(box.right, box.top)]
        xs, ys = zip(*points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def to_shown(self, left: float, bottom: float, right: float, top: float) -> Box:
        """A rectangle of user space as a shown box."""
        points = [self._point_to_shown(left, bottom), self._point_to_shown(right, top)]
        us, vs = zip(*points, strict=True)
        return Box(page=self.page, left=min(us), bottom=min(vs), right=max(us), top=max(vs))

    @property
    def upright_matrix(self) -> tuple[int, int, int, int, int, int]:
        """/Matrix of an appearance stream that shall stand upright on the shown page (ISO 32000-1 §12.5.5)."""
        return {
            0: (1, 0, 0, 1, 0, 0),
            90: (0, 1, -1, 0, 0, 0),
            180: (-1, 0, 0, -1, 0, 0),
            270: (0, -1, 1, 0, 0, 0),
        }[self.rotation]

    def _point_to_user(self, u: float, v: float) -> tuple[float, float]:
        left, bottom, right, top = self.crop
        return {
            0: (left + u, bottom + v),
            90: (right - v, bottom + u),
            180: (right - u, top - v),
            270: (left + v, top - u),
        }[self.rotation]

    def _point_to_shown(self, x: float, y: float) -> tuple[float, float]:
        left, bottom, right, top = self.crop
        return {
            0: (x - left, y - bottom),
            90: (y - bottom, right - x),
            180: (right - x, top - y),
            270: (top - y, x - left),
        }[self.rotation]
