"""Pages after a signature: the same objects in the same order, showing the same.

Whatever decides what a page shows (content, resources, boxes, rotation, layers) must mean what it meant; annotations
have rules of their own. Knows two revisions of the page tree. The name of the attack is read off what was exchanged.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.annotations import Drawn, FormWidgets, Late, annotations, drawn, touched_areas
from signing.validation.changes.findings import (
    FONT,
    HIDE,
    HIDE_AND_REPLACE,
    METADATA_CHANGED,
    REPLACE,
    STRUCTURE_CHANGED,
    forbidden,
)
from signing.validation.changes.objects import raw_at
from signing.validation.changes.outcome import Finding
from signing.validation.changes.page_tree import INHERITED, Leaf, PageTree
from signing.validation.changes.pairing import Pair
from signing.validation.changes.widgets import shows_nothing
from signing.validation.overlays import Area
from signing.validation.reading import READ_ERRORS

Covers = Callable[[int, Area | None], bool]
"""Whether something is drawn on a page (by index) where an area lies."""

_OWN_RULES: Final = frozenset(
    {"/Annots", "/Parent", "/Metadata", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Contents"}
)
_HARMLESS: Final = frozenset({"/Tabs", "/LastModified", "/PieceInfo", "/StructParents", "/Thumb"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PageComparison:
    """The pages of two revisions."""

    pair: Pair
    old: PageTree
    new: PageTree
    form: FormWidgets
    covers: Covers
    areas: set[tuple[int, Area]]
    """Filled with the places where something may be seen that was not."""

    def findings(self) -> Iterator[Finding]:
        """What happened to pages and annotations."""
        if self.old.order != self.new.order:
            yield self._exchanged()
            return
        if any(self.new.declared.get(number, said) != said for number, said in self.old.declared.items()):
            yield forbidden("pages_changed", HIDE)  # readers count by what nodes say, and inherit from whom they name
        if any(count > self.old.strange.get(number, 0) for number, count in self.new.strange.items()):
            yield forbidden("pages_changed")  # some readers count it as a page
        dirty = self.pair.dirty
        above_changed = self.old is not self.new or bool(self.old.nodes & dirty)
        for index, (old, new) in enumerate(zip(self.old.leaves, self.new.leaves, strict=True)):
            if not old.number or old.number in dirty or above_changed:
                yield from self._page(index, old, new)

    def _exchanged(self) -> Finding:
        """Other pages, or the same in another order."""
        fresh = [n for n in self.new.order if n not in set(self.old.order)]
        prepared = bool(fresh) and any(not self.pair.is_new(number) for number in fresh)
        if not fresh and len(self.new.order) < len(self.old.order):
            return forbidden("pages_changed", HIDE)
        return forbidden("pages_changed", HIDE_AND_REPLACE if prepared else None)

    def _page(self, index: int, old: Leaf, new: Leaf) -> Iterator[Finding]:
        pair = self.pair
        before, after = old.value(pair.old), new.value(pair.new)
        if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
            if before is not None or after is not None:
                yield forbidden("pages_changed", HIDE)
            return
        yield from self._entries(new, before, after)
        for key in INHERITED:
            mine, theirs = old.holder(pair.old, key), new.holder(pair.new, key)
            if not pair.same_at(mine, theirs, key) and not self._is_default(key, (old, mine), (new, theirs)):
                yield self._resources(mine, theirs) if key == "/Resources" else forbidden("page_changed")
        if not pair.same_at(before, after, "/Contents"):
            finding = self._content(before, after)
            if finding is not None:
                yield finding
        self.areas.update((index, place) for place in touched_areas(pair, after))
        for found in annotations(pair, before, after, self.form):
            yield self._judged(index, found)

    def _judged(self, index: int, found: Finding | Drawn | Late) -> Finding:
        """What happened to an annotation, once it is known what the page shows where it stands."""
        if isinstance(found, Late):
            instead = tuple(self._judged(index, one) for one in found.instead)
            return replace(found.finding, since=found.since, instead=instead)
        return drawn(found, covers=self.covers(index, found.area)) if isinstance(found, Drawn) else found

    def _is_default(self, key: str, before: tuple[Leaf, Any], after: tuple[Leaf, Any]) -> bool:
        """Whether one revision leaves out what the other writes: ISO 32000-2 table 31, no rotation, all of the page."""
        pair = self.pair
        if key == "/Rotate":
            angles = pair.old.get(before[1], key, 0), pair.new.get(after[1], key, 0)
            return all(isinstance(angle, int) and not angle for angle in angles)
        if key != "/CropBox":
            return False
        boxes = []
        for view, (leaf, holder) in ((pair.old, before), (pair.new, after)):
            said = raw_at(holder, key)
            boxes.append(raw_at(leaf.holder(view, "/MediaBox"), "/MediaBox") if said is None else said)
        return None not in boxes and pair.same(*boxes)

    def _entries(self, leaf: Leaf, old: Any, new: Any) -> Iterator[Finding]:  # noqa: ANN401 - pyHanko's dictionaries
        """What stands in the page itself, except content, resources and annotations."""
        pair = self.pair
        was, parent = pair.old.number(raw_at(old, "/Parent")), pair.new.number(raw_at(new, "/Parent"))
        if pair.differing(old, new, _OWN_RULES | _HARMLESS) or parent not in {was, leaf.parent}:
            yield forbidden("page_changed")
        if raw_at(old, "/StructParents") is not None and not pair.same_at(old, new, "/StructParents"):
            yield STRUCTURE_CHANGED
        if not pair.same_at(old, new, "/Metadata"):
            yield METADATA_CHANGED

    def _content(self, old: Any, new: Any) -> Finding | None:  # noqa: ANN401 - pyHanko's dictionaries
        """Another page content; one stream and a list of that one stream are the same."""
        pair = self.pair
        try:
            before, after = _streams(pair.old, old), _streams(pair.new, new)
        except READ_ERRORS:
            return forbidden("page_content", REPLACE)  # it was touched, and cannot be read any more
        if len(before) == len(after) and all(pair.same(a, b) for a, b in zip(before, after, strict=True)):
            return None
        number = pair.new.number(raw_at(new, "/Contents"))
        if (
            number is not None
            and pair.new.value(raw_at(new, "/Contents")) is None
            and pair.new.entry(number) is not None
        ):
            return forbidden("page_content")  # the same number in another generation
        if shows_nothing(pair.new, raw_at(new, "/Contents")):
            return forbidden("page_content", HIDE)
        known = {pair.old.number(item) for item in before}
        numbers = [n for item in after if (n := pair.new.number(item)) is not None]
        if any(n not in known and not pair.is_new(n) for n in numbers):
            return forbidden("page_content", HIDE_AND_REPLACE)  # a content that waited unused when this was signed
        if any(
            pair.old.value(a) is None and pair.new.value(b) is not None for a, b in zip(before, after, strict=False)
        ):
            return forbidden("page_content", HIDE_AND_REPLACE)  # a number that waited for its content
        if len(after) < len(before):
            return forbidden("page_content", HIDE)
        return forbidden("page_content")

    def _resources(self, old: Any, new: Any) -> Finding:  # noqa: ANN401 - pyHanko's dictionaries
        """What was exchanged below the resources of a page."""
        pair = self.pair
        before, after = pair.old.dictionary(old, "/Resources"), pair.new.dictionary(new, "/Resources")
        for category, attack in (("/Font", FONT), ("/XObject", REPLACE), ("/Properties", HIDE)):
            if pair.same_at(before, after, category):
                continue
            mine, theirs = pair.old.dictionary(before, category), pair.new.dictionary(after, category)
            changed = pair.differing(mine, theirs)
            if category == "/XObject" and any(shows_nothing(pair.new, raw_at(theirs, name)) for name in changed):
                return forbidden("page_resources", HIDE)
            return forbidden("page_font" if category == "/Font" else "page_resources", attack)
        return forbidden("page_resources", REPLACE)


def _streams(view: Any, page: Any) -> list[Any]:  # noqa: ANN401 - pyHanko's dictionary
    content = raw_at(page, "/Contents")
    value = view.value(content)
    return list(list.__iter__(value)) if isinstance(value, generic.ArrayObject) else [content]
