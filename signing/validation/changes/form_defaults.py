"""What fields take from the form as a whole: its default fonts and words, and whether readers draw their faces.

ISO 32000-2 §12.7.3, table 224. Knows the fields of one revision, and the default resources of two.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import (
    Agreement,
    content_of,
    is_everyday_font,
    is_one_sign,
    names_in,
    operators,
)
from signing.validation.changes.fields import text_of, value_of
from signing.validation.changes.form_values import face_agreement
from signing.validation.changes.objects import View, raw_at
from signing.validation.changes.pairing import Pair
from signing.validation.changes.widgets import appearance, shows_nothing
from signing.validation.reading import MAX_DEPTH, MAX_FIELDS

_CAPTIONS: Final = ("/CA", "/RC", "/AC")
_FRAME: Final = frozenset(
    {b"q", b"Q", b"re", b"S", b"s", b"f", b"n", b"w", b"d", b"g", b"G", b"rg", b"RG", b"k", b"K", b"cm"}
)
"""What border and ground of a box are drawn with: rectangles, no text and no lines that could be one."""

_NO_DRAWINGS: Final = frozenset({"/Encoding", "/ProcSet"})


class _Member(NamedTuple):
    """A field or widget, with what it inherits."""

    entry: Any
    holder: Any
    """The field that has the value."""

    kind: str
    words: str
    """/DA."""

    is_leaf: bool


def has_dependent_text(view: View, form: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether a field with text takes its looks from the form's defaults."""
    return any(m.is_leaf and m.kind != "/Sig" and not m.words for m in _members(view, form))


def has_stale_face(view: View, form: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether a face, shown as it stands, would say something else than its value: readers drew it anew until now."""
    return any(
        face_agreement(view, m.holder, m.entry, m.kind) is Agreement.DIFFERS
        for m in _members(view, form)
        if m.is_leaf and m.kind in {"/Tx", "/Ch"}
    )


def may_look_otherwise(view: View, form: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether a field that shows something would be drawn anew, once readers are asked to make all faces themselves.

    A blank field shows nothing either way, and a box is ticked by one sign. Values, captions and icons that were seen
    when the document was signed would be in no face any more, but in whatever /DA and /MK say.
    """
    return any(m.is_leaf and not _keeps_looks(view, m) for m in _members(view, form))


def _keeps_looks(view: View, member: _Member) -> bool:
    picture = appearance(view, member.entry)
    if member.kind in {"/Tx", "/Ch"}:
        is_blank = not value_of(view, member.holder).strip()
        return is_blank and face_agreement(view, member.holder, member.entry, member.kind) is Agreement.AGREES
    if member.kind != "/Btn" or picture is None:
        return member.kind == "/Sig"  # what is shown of a signature stays as it was signed
    words = view.dictionary(member.entry, "/MK")
    if isinstance(picture, generic.StreamObject) or any(len(text_of(view, words, key)) > 1 for key in _CAPTIONS):
        return False
    face = view.get(picture, text_of(view, member.entry, "/AS"))
    return shows_nothing(view, face) or is_one_sign(view, face) or operators(content_of(view, face) or b"?") <= _FRAME


def has_awaited(pair: Pair, old: Any, new: Any, form: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionaries
    """Whether default resources came that something named before, and that draw in an unexpected way.

    Args:
        pair: the revisions.
        old: the default resources before.
        new: those now.
        form: as it was before.
    """
    fresh = [
        (category, str(name))
        for category in new
        if category not in _NO_DRAWINGS
        for name in pair.new.dictionary(new, category)
        if raw_at(pair.old.dictionary(old, category), name) is None
    ]
    if not fresh:
        return False
    awaited = _named(pair.old, form)
    return any(
        name in awaited
        and not (
            category == "/Font" and is_everyday_font(pair.new, pair.new.get(pair.new.dictionary(new, category), name))
        )
        for category, name in fresh
    )


def _named(view: View, form: Any) -> set[str]:  # noqa: ANN401 - pyHanko's dictionary
    """The names that fields look up in the default resources."""
    found = names_in(text_of(view, form, "/DA").encode("latin-1", "replace"))
    for member in _members(view, form):
        found |= names_in(member.words.encode("latin-1", "replace"))
        picture = appearance(view, member.entry)
        faces = (
            [picture]
            if isinstance(picture, generic.StreamObject)
            else [view.value(raw_at(picture, k)) for k in picture or ()]
        )
        for face in faces:
            if isinstance(face, generic.StreamObject) and view.get(face, "/Resources") is None:
                found |= names_in(content_of(view, face) or b"")
    return found


def _members(view: View, form: Any) -> Iterator[_Member]:  # noqa: ANN401 - pyHanko's dictionary
    """Every field and widget.

    Raises:
        ValueError: there are too many; the caller's answer is then "unknown".
    """
    stack: list[tuple[Any, Any, str, str, int]] = [(item, None, "", "", 0) for item in view.items(form, "/Fields")]
    seen = 0
    while stack:
        item, holder, kind, words, depth = stack.pop()
        seen += 1
        if seen > MAX_FIELDS or depth > MAX_DEPTH:
            raise ValueError("more fields than any form has")
        entry = view.value(item)
        kind, words = str(view.get(entry, "/FT", kind)), text_of(view, entry, "/DA") or words
        holder = (
            entry if holder is None or raw_at(entry, "/V") is not None or raw_at(entry, "/T") is not None else holder
        )
        kids = view.items(entry, "/Kids")
        stack.extend((kid, holder, kind, words, depth + 1) for kid in kids)
        yield _Member(entry, holder, kind, words, not kids)
