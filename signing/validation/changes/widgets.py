"""What is common to everything that stands on a page: whether it is seen, where, and which of its keys mean nothing.

ISO 32000-2 §12.5. Knows single annotations, no revisions.
"""

from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.objects import View, raw_at
from signing.validation.overlays import Area, area_of
from signing.validation.reading import READ_ERRORS

HARMLESS: Final = frozenset(
    {"/M", "/NM", "/StructParent", "/P", "/Parent", "/Kids", "/Popup", "/Type", "/CreationDate"}
)
"""Keys that change nothing of what is seen; parents and children are compared in their own place."""

_HIDDEN: Final = 2
"""ISO 32000-2 table 167: never seen. Invisible (1) means kinds that a reader does not know; what is not for the screen
(NoView, 32) may be for paper, or is turned on by a script (ToggleNoView, 256)."""

_NO_VIEW: Final = 32
_ELSEWHERE: Final = 4 | 256
_SHOWING: Final = 1 | _HIDDEN | _NO_VIEW | _ELSEWHERE
"""Every flag that decides where an annotation is seen: on the screen, in print, or turned on by a script."""


def flags(view: View, annotation: Any) -> int:  # noqa: ANN401 - pyHanko's dictionary
    """The flags of an annotation."""
    value = view.get(annotation, "/F", 0)
    return int(value) if isinstance(value, int) else 0


def same_visibility(old: int, new: int) -> bool:
    """Whether two sets of flags show an annotation alike."""
    return old & _SHOWING == new & _SHOWING


def area(view: View, annotation: Any) -> Area | None:  # noqa: ANN401 - pyHanko's dictionary
    """Where an annotation stands; None if it says so in no readable way."""
    return area_of([view.value(item) for item in view.items(annotation, "/Rect")])


def is_seen(view: View, annotation: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether an annotation takes room on its page."""
    place = area(view, annotation)
    found = flags(view, annotation)
    is_hidden = found & _HIDDEN or (found & _NO_VIEW and not found & _ELSEWHERE)
    return place is not None and place.size > 0 and not is_hidden


def appearance(view: View, annotation: Any) -> Any:  # noqa: ANN401 - pyHanko's dictionary
    """The normal appearance as it stands there: a stream, a dictionary of states, or None."""
    return view.get(view.dictionary(annotation, "/AP"), "/N")


def appearance_box(view: View, stream: Any) -> Area | None:  # noqa: ANN401 - pyHanko's stream
    """The box in which a face draws; None if it has no readable one."""
    return area_of([view.value(item) for item in view.items(stream, "/BBox")])


def shows_nothing(view: View, value: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    """Whether a value that was a picture is none any more: gone, null, or empty."""
    try:
        value = view.value(value)
    except READ_ERRORS:
        return False  # something stands there
    if isinstance(value, generic.StreamObject):
        return not bytes(value.encoded_data).strip() or _is_blank(view, value)
    if isinstance(value, generic.DictionaryObject):
        return all(shows_nothing(view, raw_at(value, key)) for key in value)
    return value is None


def _is_blank(view: View, stream: Any) -> bool:  # noqa: ANN401 - pyHanko's stream
    box = appearance_box(view, stream)
    if box is not None and box.size <= 0:
        return True
    try:
        return not bytes(stream.data).strip()
    except READ_ERRORS:
        return False
