"""A form field that was filled in later: the value must be what is seen, and seen only where the field stood.

ISO 32000-2 §12.7.4. Shadow attacks of the class "replace" change what a field shows and leave its value, or the other
way round; both are refused. Knows one field in two revisions.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import Agreement, agreement, bare, content_of, shown_text
from signing.validation.changes.button_faces import button_agreement
from signing.validation.changes.choices import is_list, list_agreement, wordings
from signing.validation.changes.fields import FieldPair, only_closed, text_of, value_of
from signing.validation.changes.findings import FILLED, FORM, HIDE, REPLACE, forbidden
from signing.validation.changes.objects import View
from signing.validation.changes.outcome import ChangeLevel, Finding, Kind
from signing.validation.changes.pairing import Pair
from signing.validation.changes.plain_faces import is_plain
from signing.validation.changes.widgets import HARMLESS, appearance, flags, is_seen, same_visibility

_VALUES: Final = frozenset({"/V", "/I", "/TI", "/RV"})
_SHOWN: Final = frozenset({"/AP", "/AS"})
_MARKUP: Final = re.compile(r"<[^>]*>")
_BLANK: Final = frozenset({"", "/Off"})


def value_field(field: FieldPair) -> Iterator[Finding]:
    """What happened to one field that holds a value."""
    pair = field.pair
    widgets = field.widgets()
    changed = _differing(pair, field.old, field.new) - _SHOWN
    for old, new in widgets:
        if old is None or new is None:
            yield forbidden("field_changed", FORM, values=(field.name,))
            return
        changed |= _differing(pair, old, new)
        if "/F" in changed:
            if not same_visibility(flags(pair.old, old), flags(pair.new, new)):
                yield forbidden("field_hidden", HIDE, values=(field.name,))
                return
            changed.discard("/F")
    if changed - _VALUES - _SHOWN:
        yield forbidden("field_changed", FORM, values=(field.name,))
    elif not changed & {"/V", "/RV"}:
        if changed & (_SHOWN | {"/I"}):  # a choice by its number is shown by some readers
            yield forbidden("form_appearance", REPLACE, values=(field.name,))
    else:
        yield _filled(field, [(old, new) for old, new in widgets if is_seen(pair.new, new)])


def _differing(pair: Pair, old: Any, new: Any) -> set[str]:  # noqa: ANN401 - pyHanko's dictionaries
    """The keys of a field or widget that mean something else now."""
    changed = set(pair.differing(old, new, HARMLESS))
    if only_closed((pair.old, pair.new), old, new):
        changed.discard("/Ff")
    if not pair.old.dictionary(old, "/MK") and not pair.new.dictionary(new, "/MK"):
        changed.discard("/MK")  # ISO 32000-2 table 192: every entry may be left out, and so may all of them
    return changed


def _filled(field: FieldPair, widgets: list[tuple[Any, Any]]) -> Finding:
    found = [_agreement(field, old, new) for old, new in widgets]
    if Agreement.DIFFERS in found or not _is_told_to_people(field, widgets):
        return forbidden("form_overlay", FORM, values=(field.name,))
    was_blank = value_of(field.pair.old, field.old).strip() in _BLANK
    is_read = Agreement.UNREADABLE not in found
    return Finding(
        what="form_values" if is_read else "form_values_unread", kind=Kind.FORM, level=ChangeLevel.FORM_FILL,
        values=(field.name,), attack=None if is_read and was_blank else FILLED,
    )  # fmt: skip


def _is_told_to_people(field: FieldPair, widgets: list[tuple[Any, Any]]) -> bool:
    """Whether a value that only machines read, or only some readers show, is the one that everybody sees."""
    view = field.pair.new
    value, rich = value_of(view, field.new), view.get(field.new, "/RV")
    if rich is not None and bare(_MARKUP.sub("", text_of(view, field.new, "/RV"))) != bare(value):
        return False
    if field.kind != "/Btn" or value.strip() in _BLANK or not widgets:
        return True
    return any(_shows_state(view, new, value) for _, new in widgets)


def _shows_state(view: View, widget: Any, state: str) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    faces = appearance(view, widget)
    if not isinstance(faces, generic.DictionaryObject) or isinstance(faces, generic.StreamObject):
        return faces is None
    return text_of(view, widget, "/AS") == state and state in faces


def _agreement(field: FieldPair, old: Any, new: Any) -> Agreement:  # noqa: ANN401 - pyHanko's dictionaries
    pair = field.pair
    if field.kind == "/Btn":
        state = text_of(pair.new, new, "/AS")
        return button_agreement(pair, old, new, state=state, value=value_of(pair.new, field.new))
    before, after = pair.old.dictionary(old, "/AP"), pair.new.dictionary(new, "/AP")
    others = set(pair.differing(before, after)) - {"/N"}
    if any(pair.new.get(after, key) is not None for key in others):
        return Agreement.DIFFERS  # what is shown under the pointer, or while it is pressed
    return face_agreement(pair.new, field.new, new, field.kind)


def face_agreement(view: View, holder: Any, widget: Any, kind: str) -> Agreement:  # noqa: ANN401 - pyHanko's dictionaries
    """Whether the face of a text or a choice says what its value is; agreed where there is no face."""
    picture = appearance(view, widget)
    if picture is None:
        return Agreement.AGREES
    content = content_of(view, picture)
    if content is None:
        return Agreement.UNREADABLE
    form = view.dictionary(view.root, "/AcroForm")
    shown = shown_text(view, picture, view.dictionary(view.dictionary(form, "/DR"), "/Font"))
    if isinstance(shown, Agreement):
        return shown
    if is_list(view, holder, kind):
        said = [list_agreement(view, holder, shown)]
    else:
        said = [agreement(shown, wording) for wording in wordings(view, holder)]
    if Agreement.AGREES not in said:
        return Agreement.DIFFERS
    return Agreement.AGREES if is_plain(view, picture, content) else Agreement.UNREADABLE
