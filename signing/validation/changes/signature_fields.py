"""A signature field that was there before: empty ones may be signed, filled ones never change.

ISO 32000-2 §12.7.5.5, §12.8.2. Where a newly signed field is seen is judged by ``overlays``.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from signing.validation.changes.fields import FieldPair, only_closed, signed_value
from signing.validation.changes.findings import HIDE, NEW_FIELD, REPLACE, forbidden
from signing.validation.changes.objects import raw_at
from signing.validation.changes.outcome import Finding
from signing.validation.changes.widgets import HARMLESS, appearance, flags, same_visibility, shows_nothing

_SET_BY_SIGNING: Final = frozenset({
    "/V", "/AP", "/AS", "/MK", "/F", "/Rect", "/DA", "/Q", "/DR", "/BS", "/Border", "/Subtype", "/TU", "/TM", "/H",
    "/Ff", "/Contents",
})  # fmt: skip
_SHOWN: Final = frozenset({"/AP", "/AS"})


def signature_field(field: FieldPair) -> Iterator[Finding]:
    """What happened to one signature field."""
    pair = field.pair
    if pair.old.get(field.old, "/V") is not None:
        yield from _filled(field)
        return
    parts = [(field.old, field.new), *field.widgets()]
    changed = {key for old, new in parts if old and new for key in pair.differing(old, new, HARMLESS)}
    if changed - _SET_BY_SIGNING:
        yield forbidden("field_changed", values=(field.name,))  # a lock taken away, an action added
    if pair.new.get(field.new, "/V") is not None:
        # ISO 32000-2 table 258: a signature is the value of a field, and a lock may hold that field, too
        yield replace(signed_value(pair, field.new), values=(field.name,))
    elif changed & _SHOWN and any(old and not shows_nothing(pair.old, raw_at(old, "/AP")) for old, _ in parts):
        yield forbidden("field_changed", REPLACE, values=(field.name,))  # what it showed was seen by who signed
    elif "/MK" in changed:
        yield forbidden("field_changed", REPLACE, values=(field.name,))  # readers draw it by these, and nobody signed
    elif changed:
        yield NEW_FIELD


def _filled(field: FieldPair) -> Iterator[Finding]:
    for old, new in field.widgets():
        if old is None or new is None:
            yield forbidden("signature_changed", values=(field.name,))
            continue
        yield from _changed(field, old, new)
    if field.old is not field.widgets()[0][0]:
        yield from _changed(field, field.old, field.new)


def _changed(field: FieldPair, old: Any, new: Any) -> Iterator[Finding]:  # noqa: ANN401 - pyHanko's dictionaries
    pair = field.pair
    changed = set(pair.differing(old, new, HARMLESS))
    if "/F" in changed and same_visibility(flags(pair.old, old), flags(pair.new, new)):
        changed.discard("/F")
    if only_closed((pair.old, pair.new), old, new):
        changed.discard("/Ff")
    if not changed:
        return
    attack = None
    if changed & {"/F", "/Rect"} or ("/AP" in changed and shows_nothing(pair.new, appearance(pair.new, new))):
        attack = HIDE
    elif changed & {"/AP", "/AS", "/MK"}:
        attack = REPLACE
    yield forbidden("signature_changed", attack, values=(field.name,))
