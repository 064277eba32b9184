"""Annotations that only mark or comment, and are painted so: whatever they say they are, their pictures are looked at.

A highlight lets the text through, an underline is a line, a note is an icon. Anything else that claims to be one of
them paints over the page. ISO 32000-2 §12.5.6. Knows single annotations of one revision.
"""

import re
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import content_of, operators
from signing.validation.changes.objects import View
from signing.validation.changes.widgets import appearance, area

_LINES: Final = frozenset({"/Underline", "/StrikeOut", "/Squiggly"})
_PAINTING_MORE: Final = frozenset({b"Tj", b"TJ", b"'", b'"', b"BI", b"sh", b"scn", b"SCN", b"sc", b"SC"})
_FILLING: Final = frozenset({b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})
_NUMBER: Final = rb"([-+]?[0-9]*\.?[0-9]+)"
_COLOUR: Final = re.compile(
    rb"(?:"
    + _NUMBER
    + rb"\s+"
    + _NUMBER
    + rb"\s+"
    + _NUMBER
    + rb"\s+(?:"
    + _NUMBER
    + rb"\s+k|rg)|"
    + _NUMBER
    + rb"\s+g)\b"
)
_WIDTH: Final = re.compile(_NUMBER + rb"\s+w\b")
_ICON: Final = 40.0
"""Side of the largest icon of a comment, in points."""

_THICK: Final = 5.0
"""Width of the thickest line that is no bar, in points."""

_DARK: Final = 0.4
"""What is printed in black is read through anything lighter (0 is black, 1 is white)."""

_MAX_PARTS: Final = 4
_SEE_THROUGH: Final = frozenset({"/Multiply", "/Darken"})


def is_harmless(view: View, annotation: Any, kind: str) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether an annotation only marks or comments, and is painted as such."""
    picture = appearance(view, annotation)
    if picture is None and view.get(annotation, "/AP") is not None:
        return False  # an appearance that is none: every reader draws something else
    if kind == "/Popup":
        return picture is None
    if kind == "/Link":
        return picture is None and _has_no_border(view, annotation)
    if kind == "/Text":
        place = area(view, annotation)
        is_icon = place is not None and max(place.width, place.height) <= _ICON
        return is_icon and (picture is None or _paints(view, picture) is not None)
    if kind == "/Highlight":
        return _is_light(view, annotation) if picture is None else _is_see_through(view, picture)
    if kind in _LINES:
        return picture is None or _is_line(view, picture)
    return False


def _has_no_border(view: View, annotation: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    style = view.dictionary(annotation, "/BS")
    border = [view.value(item) for item in view.items(annotation, "/Border")]
    if style:
        return bool(view.get(style, "/W", 1) == 0)
    return len(border) >= 3 and border[2] == 0  # noqa: PLR2004 - radius, radius, width


def _paints(view: View, picture: Any) -> bytes | None:  # noqa: ANN401 - pyHanko's stream
    """The content of an appearance and of its parts, if lines and areas are all that it has."""
    content = content_of(view, picture)
    if content is None or operators(content) & _PAINTING_MORE:
        return None
    if b"Do" not in operators(content):
        return content
    forms = view.dictionary(view.dictionary(picture, "/Resources"), "/XObject")
    parts = [view.get(forms, name) for name in list(forms)[: _MAX_PARTS + 1]]
    if len(parts) > _MAX_PARTS:
        return None
    for part in parts:
        inner = content_of(view, part)
        if inner is None or view.get(part, "/Subtype") != "/Form" or operators(inner) & (_PAINTING_MORE | {b"Do"}):
            return None
        content += b"\n" + inner
    return content


def _is_line(view: View, picture: Any) -> bool:  # noqa: ANN401 - pyHanko's stream
    content = _paints(view, picture)
    if content is None or operators(content) & _FILLING:
        return False
    return all(float(width) <= _THICK for width in _WIDTH.findall(content))


def _is_see_through(view: View, picture: Any) -> bool:  # noqa: ANN401 - pyHanko's stream
    """Whether a page is read through an area: blended with what is under it, in a light colour."""
    content = _paints(view, picture)
    if content is None or not _blends(view, picture):
        return False
    colours = [_lightness([float(part) for part in match if part]) for match in _COLOUR.findall(content)]
    return bool(colours) and min(colours) >= _DARK


def _blends(view: View, picture: Any) -> bool:  # noqa: ANN401 - pyHanko's stream
    states = view.dictionary(view.dictionary(picture, "/Resources"), "/ExtGState")
    for name in states:
        mode = view.get(view.get(states, name), "/BM")
        if isinstance(mode, generic.ArrayObject):
            mode = view.value(next(iter(list.__iter__(mode)), None))
        if mode in _SEE_THROUGH:
            return True
    return False


def _is_light(view: View, annotation: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    colour = [float(value) for item in view.items(annotation, "/C") if (value := view.value(item)) is not None]
    return not colour or _lightness(colour) >= _DARK


def _lightness(colour: list[float]) -> float:
    """How light a colour of one (grey), three (RGB) or four (CMYK) parts is."""
    match colour:
        case [grey]:
            return grey
        case [red, green, blue]:
            return 0.3 * red + 0.59 * green + 0.11 * blue
        case [cyan, magenta, yellow, black]:
            return (1 - black) * (0.3 * (1 - cyan) + 0.59 * (1 - magenta) + 0.11 * (1 - yellow))
        case _:
            return 0.0
