"""Annotations that came, went or changed after a signature.

ISO 32000-2 §12.5, table 257 (P=3 permits them). Kinds that only mark or comment are harmless; kinds that draw may hide
what was signed (evil annotation attack). Knows one page in two revisions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.fields import signed_value, text_of
from signing.validation.changes.findings import (
    ANNOTATED,
    EVIL,
    HIDE,
    HIDE_AND_REPLACE,
    PERMITTED,
    REPLACE,
    SNEAKY,
    forbidden,
)
from signing.validation.changes.marks import is_harmless
from signing.validation.changes.objects import View
from signing.validation.changes.outcome import ChangeLevel, Finding, Kind
from signing.validation.changes.pairing import Pair
from signing.validation.changes.widgets import (
    HARMLESS,
    appearance,
    area,
    flags,
    is_seen,
    same_visibility,
    shows_nothing,
)
from signing.validation.overlays import Area

MAX_ANNOTATIONS: Final = 20_000
COMMENTED: Final = Finding(what="annotations", kind=Kind.ANNOTATION, level=ChangeLevel.ANNOTATIONS)
_WEB: Final = re.compile(r"\s*(?:https?|mailto|tel):|(?![^/?#]*:)", re.IGNORECASE)
"""Addresses that open nothing of the reader's own machine; without a scheme they are parts of a web address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWidgets:
    """Which objects are widgets of fields that the comparison of the forms has dealt with."""

    kept: frozenset[int]
    told: frozenset[int]
    """New fields are told by the form; where those for signing are seen is judged as an overlay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A new annotation that paints, and where: the caller knows what the page shows there."""

    area: Area | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """What happened to an annotation that an earlier update brought (ISO 32000-2 table 257: comments may be edited)."""

    finding: Finding
    """For those who signed with it."""

    since: int
    instead: tuple[Finding | Drawn, ...]
    """For those who signed before: what is there now came later."""


def annotations(pair: Pair, old_page: Any, new_page: Any, form: FormWidgets) -> Iterator[Finding | Drawn | Late]:  # noqa: ANN401 - pyHanko's dictionaries
    """What happened to the annotations of one page."""
    before, after = pair.old.items(old_page, "/Annots"), pair.new.items(new_page, "/Annots")
    if max(len(before), len(after)) > MAX_ANNOTATIONS:
        yield forbidden("annotations_changed")
        return
    matched = _matched(pair, before, after)
    yield from _removed(pair, before, matched)
    if list(matched.values()) != sorted(matched.values()):
        yield forbidden("annotations_changed", HIDE)  # another order: what was behind is in front
    for old_index, new_index in matched.items():
        number = pair.new.number(after[new_index])
        if number is None or (number in pair.dirty and number not in form.kept):
            for finding in _changed(pair, pair.old.value(before[old_index]), pair.new.value(after[new_index])):
                yield _for_whom(pair, before[old_index], finding, tuple(_added(pair, after[new_index], form)))
    taken = set(matched.values())
    for index, item in enumerate(after):
        if index not in taken:
            yield from _added(pair, item, form)


def _matched(pair: Pair, before: list[Any], after: list[Any]) -> dict[int, int]:
    """For each earlier annotation its place in the later list: the same object, or one that means the same."""
    places = {number: index for index, item in enumerate(after) if (number := pair.new.number(item)) is not None}
    found: dict[int, int] = {}
    for index, item in enumerate(before):
        number = pair.old.number(item)
        if number is not None and number in places:
            found[index] = places.pop(number)
    rest = [i for i in range(len(after)) if i not in set(found.values())]
    for index, item in enumerate(before):
        if index not in found:
            twin = next((i for i in rest if pair.same(item, after[i])), None)
            if twin is not None:
                found[index] = twin
                rest.remove(twin)
    return dict(sorted(found.items()))


def _removed(pair: Pair, before: list[Any], matched: dict[int, int]) -> Iterator[Finding | Late]:
    for index, item in enumerate(before):
        annotation = pair.old.value(item)
        if index in matched or annotation is None or pair.old.get(annotation, "/Subtype") == "/Popup":
            continue
        yield _for_whom(pair, item, forbidden("annotation_removed", HIDE), (COMMENTED,))


def _for_whom(pair: Pair, item: Any, finding: Finding, instead: tuple[Finding | Drawn, ...]) -> Finding | Late:  # noqa: ANN401 - pyHanko's object
    """A finding about an annotation, as it is for those who signed before there was any object of its number."""
    number = pair.old.number(item)
    since = pair.old.objects.history[number][0].revision if number in pair.old.objects.history else 0
    is_widget = pair.old.get(pair.old.value(item), "/Subtype") == "/Widget"
    return finding if is_widget or not since or not instead else Late(finding=finding, since=since, instead=instead)


def _changed(pair: Pair, old: Any, new: Any) -> Iterator[Finding]:  # noqa: ANN401 - pyHanko's dictionaries
    """An annotation that was there when the document was signed stays as it was."""
    if not isinstance(old, generic.DictionaryObject) or not isinstance(new, generic.DictionaryObject):
        if old is not None:
            yield forbidden("annotation_removed", HIDE)
        elif new is not None:  # a number that stood unused in the list of a signed page
            yield forbidden("annotation_added", HIDE_AND_REPLACE)
        return
    changed = set(pair.differing(old, new, HARMLESS))
    if "/F" in changed and same_visibility(flags(pair.old, old), flags(pair.new, new)):
        changed.discard("/F")
    is_popup = pair.old.get(old, "/Subtype") == pair.new.get(new, "/Subtype") == "/Popup"
    if not changed or (is_popup and "/AP" not in changed):
        return
    hides = changed & {"/F", "/Rect", "/OC"} or shows_nothing(pair.new, appearance(pair.new, new))
    yield forbidden("annotation_changed", HIDE if hides else REPLACE)


def _added(pair: Pair, item: Any, form: FormWidgets) -> Iterator[Finding | Drawn]:  # noqa: ANN401 - pyHanko's object
    number, annotation = pair.new.number(item), pair.new.value(item)
    if not isinstance(annotation, generic.DictionaryObject):
        return
    kind = str(pair.new.get(annotation, "/Subtype", ""))
    if kind == "/Widget" and number in form.told:
        return
    if kind == "/Widget" and pair.new.get(annotation, "/FT") == "/Sig" and pair.new.get(annotation, "/V") is not None:
        # a signature that its writer forgot to put into the form: counted, and seen, all the same
        yield signed_value(pair, annotation)
        if is_seen(pair.new, annotation):
            yield Drawn(area=area(pair.new, annotation), kind=kind)
    elif kind == "/Widget":
        attack = HIDE_AND_REPLACE if number is not None and not pair.is_new(number) else EVIL
        yield forbidden("field_shown", attack)
    elif not _acts_harmlessly(pair.new, annotation):
        yield forbidden("annotation_action", EVIL)
    elif is_harmless(pair.new, annotation, kind):
        yield COMMENTED
    elif is_seen(pair.new, annotation):
        yield Drawn(area=area(pair.new, annotation), kind=kind)
    else:
        yield Finding(what="annotations", kind=Kind.ANNOTATION, level=ChangeLevel.ANNOTATIONS, attack=ANNOTATED)


def touched_areas(pair: Pair, page: Any) -> Iterator[Area]:  # noqa: ANN401 - pyHanko's dictionary
    """Where annotations stand on a page that are new or were touched."""
    for item in pair.new.items(page, "/Annots")[:MAX_ANNOTATIONS]:
        number = pair.new.number(item)
        if number is None or number in pair.dirty:
            annotation = pair.new.value(item)
            place = area(pair.new, annotation) if isinstance(annotation, generic.DictionaryObject) else None
            if place is not None and place.size > 0:
                yield place


def drawn(finding: Drawn, *, covers: bool) -> Finding:
    """What an annotation that paints means, once it is known whether something is under it."""
    if finding.kind == "/Widget":
        return forbidden("overlay", SNEAKY, kind=Kind.SIGNING) if covers else PERMITTED["signature"]
    if covers:
        return forbidden("annotation_drawn", EVIL, kind=Kind.ANNOTATION)
    return Finding(what="annotation_drawn", kind=Kind.ANNOTATION, level=ChangeLevel.ANNOTATIONS, attack=ANNOTATED)


def _acts_harmlessly(view: View, annotation: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether clicking on a new annotation does no more than going somewhere."""
    if view.get(annotation, "/AA") is not None:
        return False
    return all(_leads(view, action) for key in ("/A", "/PA") if (action := view.get(annotation, key)) is not None)


def _leads(view: View, action: Any) -> bool:  # noqa: ANN401 - pyHanko's object
    """Whether an action goes to a place in the document, or in the web."""
    if not isinstance(action, generic.DictionaryObject) or view.get(action, "/Next") is not None:
        return False
    kind = view.get(action, "/S")
    return kind == "/GoTo" or (kind == "/URI" and _WEB.match(text_of(view, action, "/URI")) is not None)
