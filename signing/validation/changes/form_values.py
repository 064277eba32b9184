"""A form field that was filled in later: the value must be what is seen, and seen only where the field stood.

ISO 32000-2 §12.7.4. Shadow attacks of the class "replace" change what a field shows and leave its value, or the other
way round; both are refused. Knows one field in two revisions.
"""

from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import Agreement, agreement, shown_text
from signing.validation.changes.button_faces import button_agreement
from signing.validation.changes.choices import is_list, list_agreement, wordings
from signing.validation.changes.fields import FieldPair, only_closed, text_of, value_of
from signing.validation.changes.findings import FILLED, FORM, HIDE, REPLACE, forbidden
from signing.validation.changes.outcome import ChangeLevel, Finding, Kind
from signing.validation.changes.widgets import HARMLESS, appearance, flags, is_seen, same_visibility

_VALUES: Final = frozenset({"/V", "/I", "/TI", "/RV"})
_SHOWN: Final = frozenset({"/AP", "/AS"})
_BLANK: Final = frozenset({"", "/Off"})


def value_field(field: FieldPair) -> Iterator[Finding]:
    """What happened to one field that holds a value."""
    pair = field.pair
    widgets = field.widgets()
    changed = set(pair.differing(field.old, field.new, HARMLESS | _SHOWN))
    if "/Ff" in changed and only_closed((pair.old, pair.new), field.old, field.new):
        changed.discard("/Ff")
    for old, new in widgets:
        if old is None or new is None:
            yield forbidden("field_changed", FORM, values=(field.name,))
            return
        own = set(pair.differing(old, new, HARMLESS))
        if only_closed((pair.old, pair.new), old, new):
            own.discard("/Ff")
        changed |= own
        if "/F" in changed:
            if not same_visibility(flags(pair.old, old), flags(pair.new, new)):
                yield forbidden("field_hidden", HIDE, values=(field.name,))
                return
            changed.discard("/F")
    if changed - _VALUES - _SHOWN:
        yield forbidden("field_changed", FORM, values=(field.name,))
    elif not changed & {"/V", "/RV"}:
        if changed & _SHOWN:
            yield forbidden("form_appearance", REPLACE, values=(field.name,))
    else:
        yield _filled(field, [(old, new) for old, new in widgets if is_seen(pair.new, new)])


def _filled(field: FieldPair, widgets: list[tuple[Any, Any]]) -> Finding:
    found = [_agreement(field, old, new) for old, new in widgets]
    if Agreement.DIFFERS in found:
        return forbidden("form_overlay", FORM, values=(field.name,))
    was_blank = value_of(field.pair.old, field.old).strip() in _BLANK
    is_read = Agreement.UNREADABLE not in found
    return Finding(
        what="form_values" if is_read else "form_values_unread", kind=Kind.FORM, level=ChangeLevel.FORM_FILL,
        values=(field.name,), attack=None if is_read and was_blank else FILLED,
    )  # fmt: skip


def _agreement(field: FieldPair, old: Any, new: Any) -> Agreement:  # noqa: ANN401 - pyHanko's dictionaries
    pair = field.pair
    if field.kind == "/Btn":
        state = text_of(pair.new, new, "/AS")
        return button_agreement(pair, old, new, state=state, value=value_of(pair.new, field.new))
    picture = appearance(pair.new, new)
    if picture is None:
        return Agreement.AGREES
    if not isinstance(picture, generic.StreamObject):
        return Agreement.UNREADABLE
    form = pair.new.dictionary(pair.new.root, "/AcroForm")
    fonts = pair.new.dictionary(pair.new.dictionary(form, "/DR"), "/Font")
    shown = shown_text(pair.new, picture, fonts)
    if isinstance(shown, Agreement):
        return shown
    if is_list(pair.new, field.new, field.kind):
        return list_agreement(pair.new, field.new, shown)
    said = [agreement(shown, wording) for wording in wordings(pair.new, field.new)]
    return Agreement.AGREES if Agreement.AGREES in said else Agreement.DIFFERS
