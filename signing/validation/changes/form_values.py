"""A form field that was filled in later: the value must be what is seen, and seen only where the field stood.

ISO 32000-2 §12.7.4. Shadow attacks of the class "replace" change what a field shows and leave its value, or the other
way round; both are refused. Knows one field in two revisions.
"""

from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.appearances import Agreement, agreement, is_one_sign
from signing.validation.changes.fields import FieldPair, only_closed, text_of
from signing.validation.changes.findings import FILLED, FORM, HIDE, REPLACE, forbidden
from signing.validation.changes.objects import View, raw_at
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
    was_blank = _text(field.pair.old, field.old).strip() in _BLANK
    is_read = Agreement.UNREADABLE not in found
    return Finding(
        what="form_values" if is_read else "form_values_unread", kind=Kind.FORM, level=ChangeLevel.FORM_FILL,
        values=(field.name,), attack=None if is_read and was_blank else FILLED,
    )  # fmt: skip


def _agreement(field: FieldPair, old: Any, new: Any) -> Agreement:  # noqa: ANN401 - pyHanko's dictionaries
    pair = field.pair
    if field.kind == "/Btn":
        return _button_agreement(field, old, new)
    picture = appearance(pair.new, new)
    if picture is None:
        return Agreement.AGREES
    if not isinstance(picture, generic.StreamObject):
        return Agreement.UNREADABLE
    form = pair.new.dictionary(pair.new.root, "/AcroForm")
    fonts = pair.new.dictionary(pair.new.dictionary(form, "/DR"), "/Font")
    found = [agreement(pair.new, picture, shown, fonts) for shown in _wordings(pair.new, field.new)]
    return next((a for a in (Agreement.AGREES, Agreement.UNREADABLE) if a in found), Agreement.DIFFERS)


def _button_agreement(field: FieldPair, old: Any, new: Any) -> Agreement:  # noqa: ANN401 - pyHanko's dictionaries
    """A box or a radio button changes between the pictures it had, or to the sign of a box drawn anew."""
    pair = field.pair
    state, value = text_of(pair.new, new, "/AS"), _text(pair.new, field.new)
    if state not in {value, "/Off", ""}:
        return Agreement.DIFFERS
    if pair.same_at(old, new, "/AP"):
        return Agreement.AGREES
    before, after = pair.old.dictionary(old, "/AP"), pair.new.dictionary(new, "/AP")
    if set(pair.differing(before, after)) != {"/N"}:
        return Agreement.DIFFERS
    was, now = pair.old.dictionary(before, "/N"), pair.new.dictionary(after, "/N")
    redrawn = pair.differing(was, now)
    if "/Off" in redrawn or not set(redrawn) <= set(was):
        return Agreement.DIFFERS
    signs = all(is_one_sign(pair.new, pair.new.get(now, name)) for name in redrawn)
    return Agreement.AGREES if signs else Agreement.DIFFERS


def _wordings(view: View, holder: Any) -> list[str]:  # noqa: ANN401 - pyHanko's dictionary
    """The texts that show a value: itself, or the label of the option that it stands for."""
    value = _text(view, holder)
    labels = []
    for item in view.items(holder, "/Opt"):
        option = view.value(item)
        if isinstance(option, generic.ArrayObject) and len(option) == 2:  # noqa: PLR2004 - export value and label
            export, label = (str(view.value(raw)) for raw in list.__iter__(option))
            labels += [label] if export == value else []
    return [value, *labels]


def _text(view: View, holder: Any) -> str:  # noqa: ANN401 - pyHanko's dictionary
    value = view.get(holder, "/V")
    if isinstance(value, generic.ArrayObject):
        return "".join(str(view.value(item)) for item in list.__iter__(value))
    if isinstance(value, generic.StreamObject):
        return bytes(value.data).decode("latin-1")
    if raw_at(holder, "/V") is None:
        return ""
    return text_of(view, holder, "/V")
