"""Whether the text of a field's face is seen, in the order it is written, and nothing else is drawn that could be text.

A face may hold its value and show something else: in no rendering mode, outside of its box, white on white, in another
order, beside digits drawn by lines. Programs that fill in forms write none of this (ISO 32000-2 §12.7.4.3). Knows one
content stream and its box.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from signing.validation.changes.contents import (
    BUILDING,
    COLOURS,
    FILLING,
    OddContentError,
    lightness,
    numbers,
    operations,
)
from signing.validation.changes.objects import View
from signing.validation.changes.widgets import appearance_box
from signing.validation.overlays import Area

_EDGE: Final = 4.0
"""Borders, grounds and the cells of a comb begin and end this near to an edge of the box, in points."""

_SMALLEST: Final = 2.0  # points; less is a spot
_CONTRAST: Final = 0.2
_PAPER: Final = 1.0
_LETTERS: Final = (0.1, 0.6)  # of the size: where a small letter stands above its line, foot and head
_NO_INK: Final = frozenset({3, 7})  # ISO 32000-2 table 104: neither filled nor stroked
_BACKWARDS: Final = 1_000.0  # thousandths of an em: more is no kerning
_SHOWING: Final = frozenset({b"Tj", b"TJ", b"'", b'"'})
_DEVICE_COLOURS: Final = frozenset({b"/DeviceGray", b"/DeviceRGB", b"/DeviceCMYK"})
_FLAT: Final = 1e-6
_NUMBERS: Final = {
    b"Tf": ("size", 1.0), b"TL": ("leading", 1.0), b"Tz": ("spread", 0.01), b"Tc": ("spacing", 1.0),
    b"Tr": ("mode", 1.0),
}  # fmt: skip
"""Operators that set one number of the state, and what it is measured in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """The part of the graphics state that decides whether text is seen."""

    colour: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    origin: tuple[float, float] = (0.0, 0.0)
    clip: Area
    size: float = 0.0
    leading: float = 0.0
    spread: float = 1.0
    spacing: float = 0.0
    mode: float = 0.0


@dataclass(slots=True)
class _Reader:
    """Reads one face."""

    box: Area
    state: _State
    grounds: list[tuple[Area, float]] = field(default_factory=list)
    """Filled rectangles with their lightness, the one on top last: a list marks what is chosen by one."""

    rectangles: list[Area] = field(default_factory=list)
    """Those of the path that is being built."""

    stack: list[_State] = field(default_factory=list)
    path: list[tuple[float, float]] = field(default_factory=list)
    line: tuple[float, float] = (0.0, 0.0)
    text_scale: tuple[float, float] = (1.0, 1.0)
    last: tuple[float, float] | None = None

    def reads(self, content: bytes) -> bool:
        """Whether the face is plain."""
        return all(self._step(operator, operands) for operator, operands in operations(content))

    def _step(self, operator: bytes, operands: list[bytes]) -> bool:
        if operator in BUILDING:
            return self._builds(numbers(operands, BUILDING[operator]), is_rectangle=operator == b"re")
        if operator in _SHOWING:
            if operator in {b"'", b'"'}:
                self._moves(0.0, -self.state.leading)
            return self._shows(operands)
        if operator in COLOURS:
            self.state = replace(self.state, colour=lightness(numbers(operands, COLOURS[operator])))
        elif operator in FILLING:
            self.grounds.extend((rectangle, self.state.colour) for rectangle in self.rectangles)
            self.rectangles = []
        elif operator in {b"sc", b"scn"}:
            self.state = replace(self.state, colour=lightness([float(operand) for operand in operands]))
        elif operator == b"cs":
            self.state = replace(self.state, colour=0.0)
            return operands[-1:] != [] and operands[-1] in _DEVICE_COLOURS
        elif operator in {b"gs", b"Ts"}:
            return False  # transparency: not what a form's text is written in
        else:
            return self._sets(operator, operands)
        return True

    def _sets(self, operator: bytes, operands: list[bytes]) -> bool:
        if operator in _NUMBERS:
            name, unit = _NUMBERS[operator]
            self.state = replace(self.state, **{name: numbers(operands, 1)[0] * unit})  # type: ignore[arg-type]  # floats
        elif operator == b"q":
            self.stack.append(self.state)
        elif operator == b"Q":
            self.state = self.stack.pop() if self.stack else self.state
        elif operator == b"cm":
            return self._transforms(numbers(operands, 6))
        elif operator == b"W":
            self.state = replace(self.state, clip=_inside(self.state.clip, self.path))
        elif operator in {b"n", b"S", b"s"}:
            self.path, self.rectangles = [], []
        else:
            return self._places(operator, operands)
        return True

    def _places(self, operator: bytes, operands: list[bytes]) -> bool:
        match operator:
            case b"BT":
                self.line, self.text_scale = (0.0, 0.0), (1.0, 1.0)
            case b"Td" | b"TD":
                across, up = numbers(operands, 2)
                if operator == b"TD":
                    self.state = replace(self.state, leading=-up)
                self._moves(across, up)
            case b"T*":
                self._moves(0.0, -self.state.leading)
            case b"Tm":
                a, b, c, d, e, f = numbers(operands, 6)
                if abs(b) > _FLAT or abs(c) > _FLAT or a <= 0 or d <= 0:
                    return False
                self.line, self.text_scale = (e, f), (a, d)
        return True

    def _moves(self, across: float, up: float) -> None:
        self.line = self.line[0] + across * self.text_scale[0], self.line[1] + up * self.text_scale[1]

    def _transforms(self, matrix: list[float]) -> bool:
        a, b, c, d, e, f = matrix
        (across, up), (x, y) = self.state.scale, self.state.origin
        self.state = replace(self.state, scale=(a * across, d * up), origin=(x + e * across, y + f * up))
        return abs(b) <= _FLAT and abs(c) <= _FLAT and a > 0 and d > 0

    def _builds(self, values: list[float], *, is_rectangle: bool) -> bool:
        """A path is a border, a ground, or the cell of a comb: each point is near an edge."""
        if is_rectangle:
            x, y, width, height = values
            values = [x, y, x + width, y + height]
        points = [self._point(values[i], values[i + 1]) for i in range(0, len(values), 2)]
        self.path = points if is_rectangle else [*self.path, *points]
        if is_rectangle:
            (left, bottom), (right, top) = (tuple(map(limit, zip(*points, strict=True))) for limit in (min, max))
            self.rectangles.append(Area(left=left, bottom=bottom, right=right, top=top))
        return all(_is_near_edge(self.box, point) for point in points)

    def _point(self, x: float, y: float) -> tuple[float, float]:
        (across, up), (left, bottom) = self.state.scale, self.state.origin
        return left + x * across, bottom + y * up

    def _shows(self, operands: list[bytes]) -> bool:
        if all(o in {b"()", b"<>", b"[", b"]"} or not o[1:-1].strip() for o in operands):
            return True
        state, (x, y) = self.state, self._point(*self.line)
        size = abs(state.size) * self.text_scale[1] * state.scale[1]
        kerned = [float(o) for o in operands if o[:1] not in b"([<]"]
        before, self.last = self.last, (x, y)
        return (
            size >= _SMALLEST and state.spread >= 0.2 and state.spacing >= -0.3 * abs(state.size)  # noqa: PLR2004 - narrow, not gone
            and state.mode not in _NO_INK and max(kerned, default=0.0) <= _BACKWARDS
            and all(abs(state.colour - ground) >= _CONTRAST for ground in self._grounds_of(y, size))
            and state.clip.left - 1 <= x <= state.clip.right and state.clip.bottom - size <= y <= state.clip.top
            and (before is None or y < before[1] - 1 or (abs(y - before[1]) <= 1 and x >= before[0]))
        )  # fmt: skip

    def _grounds_of(self, y: float, size: float) -> Iterator[float]:
        """What a line of text may stand on: down to the first ground that goes from edge to edge."""
        for height in (y + size * part for part in _LETTERS):
            for area, lightness_of in reversed(self.grounds):
                if area.bottom <= height <= area.top:
                    yield lightness_of
                    if area.left <= self.box.left + _EDGE and area.right >= self.box.right - _EDGE:
                        break
            else:
                yield _PAPER


def is_plain(view: View, picture: Any, content: bytes) -> bool:  # noqa: ANN401 - pyHanko's stream
    """Whether a person reads in a face what its strings say, and nothing else."""
    box = appearance_box(view, picture)
    matrix = [view.value(item) for item in view.items(picture, "/Matrix")]
    if box is None or box.size <= 0:
        return False
    try:
        if matrix:
            a, b, c, d, *_ = (float(n) for n in matrix)
            if abs(a * d - b * c) < _FLAT:
                return False
        return _Reader(box=box, state=_State(clip=box)).reads(content)
    except (OddContentError, TypeError, ValueError):
        return False


def _inside(clip: Area, path: list[tuple[float, float]]) -> Area:
    if not path:
        return clip
    xs, ys = zip(*path, strict=True)
    return Area(
        left=max(clip.left, min(xs)), bottom=max(clip.bottom, min(ys)),
        right=min(clip.right, max(xs)), top=min(clip.top, max(ys)),
    )  # fmt: skip


def _is_near_edge(box: Area, point: tuple[float, float]) -> bool:
    x, y = point
    distances = (x - box.left, box.right - x, y - box.bottom, box.top - y)
    return min(abs(distance) for distance in distances) <= _EDGE
