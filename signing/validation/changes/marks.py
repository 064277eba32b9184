"""Annotations that only mark or comment, and are painted so: whatever they say they are, their pictures are looked at.

A highlight lets the text through, an underline is a line, a note is an icon. Anything else that claims to be one of
them paints over the page. ISO 32000-2 §12.5.6. Knows single annotations of one revision.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import content_of
from signing.validation.changes.contents import (
    BUILDING,
    COLOURS,
    FILLING,
    LINE_COLOURS,
    STROKING,
    OddContentError,
    lightness,
    numbers,
    operations,
)
from signing.validation.changes.objects import View
from signing.validation.changes.widgets import appearance, area
from signing.validation.overlays import Area

_LINES: Final = frozenset({"/Underline", "/StrikeOut", "/Squiggly"})
_PLAIN: Final = frozenset({
    b"q", b"Q", b"w", b"J", b"j", b"M", b"d", b"ri", b"i", b"cm", b"gs", b"n", b"h", b"W", b"BMC", b"EMC", b"BDC",
    b"Do", b"re", b"m", b"l", b"c", b"v", b"y", *COLOURS, *LINE_COLOURS, *FILLING, *STROKING, b"BX", b"EX",
})  # fmt: skip
"""What lines and areas are drawn with; text, pictures, shadings and patterns are not among them."""

_ICON: Final = 40.0
"""Side of the largest icon of a comment, in points."""

_THICK: Final = 5.0
"""Width of the thickest line that is no bar, in points."""

_DARK: Final = 0.4
"""What is printed in black is read through anything lighter (0 is black, 1 is white)."""

_WHITE: Final = 0.95
"""What is lighter looks like paper."""

_ROW: Final = 6.0
"""Points between a line and the next one that is no part of it: no letter is drawn with lines so far apart."""

_SQUIGGLE: Final = 4.0
_MAX_LAYERS: Final = 40
_MAX_PARTS: Final = 4
_SEE_THROUGH: Final = frozenset({"/Multiply", "/Darken"})


def is_harmless(view: View, annotation: Any, kind: str) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether an annotation only marks or comments, and is painted as such."""
    picture = appearance(view, annotation)
    if picture is None and view.get(annotation, "/AP") is not None:
        return False  # an appearance that is none: every reader draws something else
    if kind in {"/Popup", "/Link"}:
        return picture is None and (kind == "/Popup" or _border(view, annotation) == 0)
    if kind == "/Text" and not _is_icon(area(view, annotation)):
        return False
    if kind not in {"/Text", "/Highlight", *_LINES}:
        return False
    if view.get(annotation, "/BM", "/Multiply") not in _SEE_THROUGH or _border(view, annotation) > _THICK:
        return False
    if picture is None:
        return kind != "/Highlight" or _is_light(view, annotation)
    faces = view.dictionary(annotation, "/AP")
    marked = len(view.items(annotation, "/QuadPoints")) // 8
    return all(_is_painted_as(view, view.get(faces, key), kind, marked) for key in faces)


def _is_icon(place: Area | None) -> bool:
    return place is not None and max(place.width, place.height) <= _ICON


def _is_painted_as(view: View, picture: Any, kind: str, marked: int) -> bool:  # noqa: ANN401 - pyHanko's stream
    """Whether a face is that of a note, a highlight, or of lines along so many lines of text."""
    painted = _painted(view, picture)
    if painted is None:
        return False
    if kind == "/Text":
        return all(fill < _WHITE for fill in painted.fills)
    return painted.is_see_through if kind == "/Highlight" else painted.is_line(marked)


def _border(view: View, annotation: Any) -> float:  # noqa: ANN401 - pyHanko's dictionary
    """How thick the border of an annotation is, in points (ISO 32000-2 §12.5.4)."""
    style = view.dictionary(annotation, "/BS")
    border = [view.value(item) for item in view.items(annotation, "/Border")]
    width = view.get(style, "/W", 1) if style else border[2] if len(border) >= 3 else 1  # noqa: PLR2004 - radii, width
    return float(width)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The part of the graphics state that decides what a mark hides."""

    fill: float = 0.0
    line: float = 0.0
    width: float = 1.0
    blends: bool = False
    scale: tuple[float, float] = (1.0, 1.0)


@dataclass(slots=True)
class _Painted:
    """What a face paints: lines and areas."""

    view: View
    fills: list[float] = field(default_factory=list)
    """How light each filled area is."""

    lines: list[float] = field(default_factory=list)
    is_through: bool = True
    """Everything is blended with what is under it."""

    thickest: float = 0.0
    segments: list[tuple[float, float, float, float]] = field(default_factory=list)
    has_curves: bool = False

    @property
    def is_see_through(self) -> bool:
        """Whether a page is read through everything: blended, in light colours, not too often."""
        layers = [*self.fills, *self.lines]
        return self.is_through and 0 < len(layers) <= _MAX_LAYERS and min(layers) >= _DARK

    def is_line(self, marked: int) -> bool:
        """Whether these are lines below, or through, so many lines of text."""
        if self.fills or self.has_curves or self.thickest > _THICK:
            return False
        sides = [(abs(right - left), abs(top - bottom)) for left, bottom, right, top in self.segments]
        is_upright = sum(up for _, up in sides) > sum(across for across, _ in sides)
        if any((across if is_upright else up) > _SQUIGGLE for across, up in sides):
            return False
        rows = [(x + right) / 2 if is_upright else (y + top) / 2 for x, y, right, top in self.segments]
        rows.sort()
        distinct = [row for n, row in enumerate(rows) if n == 0 or row - rows[n - 1] > 1]
        far = all(b - a >= _ROW or b - a <= _SQUIGGLE for a, b in pairwise(distinct))
        return far and len(distinct) <= 2 * max(marked, 1)

    def paint(self, picture: Any, state: _State, depth: int = 0) -> bool:  # noqa: ANN401 - pyHanko's stream
        """Reads a face or a part of it; False if it paints more than lines and areas."""
        content = content_of(self.view, picture)
        if content is None or depth > _MAX_PARTS:
            return False
        resources = self.view.dictionary(picture, "/Resources")
        stack: list[_State] = []
        at = (0.0, 0.0)
        for operator, operands in operations(content):
            if operator not in _PLAIN:
                return False
            if operator == b"q":
                stack.append(state)
            elif operator == b"Q":
                state = stack.pop() if stack else state
            elif operator == b"Do":
                part = self.view.get(self.view.dictionary(resources, "/XObject"), _name(operands))
                if self.view.get(part, "/Subtype") != "/Form" or not self.paint(part, state, depth + 1):
                    return False
            elif operator in BUILDING:
                at = self._builds(operator, numbers(operands, BUILDING[operator]), at, state)
            elif operator in FILLING or operator in STROKING:
                self._paints(operator, state)
            else:
                state = self._set(state, operator, operands, resources)
        return True

    def _set(self, state: _State, operator: bytes, operands: list[bytes], resources: Any) -> _State:  # noqa: ANN401
        if operator in COLOURS:
            return replace(state, fill=lightness(numbers(operands, COLOURS[operator])))
        if operator in LINE_COLOURS:
            return replace(state, line=lightness(numbers(operands, LINE_COLOURS[operator])))
        if operator == b"w":
            return replace(state, width=numbers(operands, 1)[0])
        if operator == b"cm":
            a, b, c, d, *_ = numbers(operands, 6)
            across, up = state.scale
            return replace(state, scale=(across * max(abs(a), abs(b)), up * max(abs(c), abs(d))))
        if operator == b"gs":
            entry = self.view.get(self.view.dictionary(resources, "/ExtGState"), _name(operands))
            return replace(state, blends=_blends(self.view, entry), width=_width(self.view, entry, state.width))
        return state

    def _paints(self, operator: bytes, state: _State) -> None:
        self.is_through = self.is_through and state.blends
        if operator in FILLING:
            self.fills.append(state.fill)
        if operator in STROKING:
            self.lines.append(state.line)
            self.thickest = max(self.thickest, state.width * max(state.scale))

    def _builds(
        self, operator: bytes, values: list[float], at: tuple[float, float], state: _State
    ) -> tuple[float, float]:
        across, up = state.scale
        end = values[-2] * across, values[-1] * up
        if operator == b"l":
            self.segments.append((*at, *end))
        elif operator != b"m":
            self.has_curves = True  # or rectangles: more than lines
        return end


def _painted(view: View, picture: Any) -> _Painted | None:  # noqa: ANN401 - pyHanko's stream
    """What a face paints; None if that is more than lines and areas."""
    painted = _Painted(view)
    try:
        return painted if painted.paint(picture, _State()) else None
    except OddContentError:
        return None


def _name(operands: list[bytes]) -> str:
    return operands[-1].decode("latin-1") if operands else ""


def _blends(view: View, state: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    mode = view.get(state, "/BM")
    if isinstance(mode, generic.ArrayObject):
        mode = view.value(next(iter(list.__iter__(mode)), None))
    return mode in _SEE_THROUGH


def _width(view: View, state: Any, width: float) -> float:  # noqa: ANN401 - pyHanko's dictionary
    own = view.get(state, "/LW")
    return width if own is None else float(own)


def _is_light(view: View, annotation: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    colour = [float(value) for item in view.items(annotation, "/C") if (value := view.value(item)) is not None]
    return not colour or lightness(colour) >= _DARK
