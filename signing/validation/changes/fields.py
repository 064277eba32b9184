"""Form fields of two revisions: names, inherited types, and what a new field brings. Knows fields, no verdicts."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.findings import ANNOTATED, FORGED, FORM, NEW_FIELD, PERMITTED, forbidden
from signing.validation.changes.objects import View, raw_at
from signing.validation.changes.outcome import ChangeLevel, Finding, Kind
from signing.validation.changes.pairing import Pair
from signing.validation.changes.widgets import HARMLESS, is_seen
from signing.validation.reading import MAX_DEPTH, MAX_FIELDS

TIMESTAMP: Final = "/ETSI.RFC3161"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the tree of fields a list of fields stands."""

    name: str = ""
    kind: str = ""
    """/FT as inherited."""

    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPair:
    """One field in two revisions."""

    pair: Pair
    old: Any
    new: Any
    name: str
    kind: str
    kind_changed: bool
    place: Place

    @classmethod
    def of(cls, pair: Pair, old: Any, new: Any, place: Place) -> "FieldPair":  # noqa: ANN401 - pyHanko's dictionaries
        """The field that two dictionaries describe."""
        before = str(pair.old.get(old, "/FT", place.kind))
        after = str(pair.new.get(new, "/FT", place.kind))
        return cls(
            pair=pair, old=old, new=new, name=_joined(place.name, text_of(pair.new, new, "/T")), kind=after,
            kind_changed=before != after, place=place,
        )  # fmt: skip

    @property
    def is_group(self) -> bool:
        """Whether fields with names of their own hang below (and not only widgets)."""
        kids = [*self.pair.old.items(self.old, "/Kids"), *self.pair.new.items(self.new, "/Kids")]
        return any(text_of(view, view.value(kid), "/T") for kid in kids for view in (self.pair.new,))

    @property
    def keeps_parents(self) -> bool:
        """Whether the field and its widgets take what they inherit from where they took it (§12.7.4.1)."""
        pair = self.pair
        return all(
            pair.old.number(raw_at(old, "/Parent")) == pair.new.number(raw_at(new, "/Parent"))
            for old, new in [(self.old, self.new), *self.widgets()]
            if old is not None and new is not None
        )

    def below(self) -> Place:
        """The place of the fields below."""
        return replace(self.place, name=self.name, kind=self.kind, depth=self.place.depth + 1)

    def group_findings(self) -> Iterator[Finding]:
        """A group only holds other fields: nothing of it changes but what hangs below."""
        if self.pair.differing(self.old, self.new, HARMLESS):
            yield forbidden("field_changed", values=(self.name,))

    def widgets(self) -> list[tuple[Any, Any]]:
        """The widgets of the field in both revisions: itself, or what hangs below; None where one has none."""
        kids = self.pair.old.items(self.old, "/Kids"), self.pair.new.items(self.new, "/Kids")
        if not any(kids):
            return [(self.old, self.new)]
        before = {self.pair.old.number(kid) or -index: self.pair.old.value(kid) for index, kid in enumerate(kids[0])}
        after = {self.pair.new.number(kid) or -index: self.pair.new.value(kid) for index, kid in enumerate(kids[1])}
        return [(before.get(n), after.get(n)) for n in dict.fromkeys((*before, *after))]


def text_of(view: View, holder: Any, key: str) -> str:  # noqa: ANN401 - pyHanko's dictionary
    """A text under a key; empty if there is none."""
    value = view.get(holder, key)
    if isinstance(value, generic.ByteStringObject):
        return bytes(value).decode("latin-1")
    return "" if value is None else str(value)


def value_of(view: View, holder: Any) -> str:  # noqa: ANN401 - pyHanko's dictionary
    """The value of a field as one text; empty if there is none."""
    value = view.get(holder, "/V")
    if isinstance(value, generic.ArrayObject):
        return "".join(str(view.value(item)) for item in list.__iter__(value))
    if isinstance(value, generic.StreamObject):
        return bytes(value.data).decode("latin-1")
    return text_of(view, holder, "/V")


def only_closed(view: tuple[View, View], old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionaries
    """Whether the flags of a field differ in that it is read-only now: what a lock asks for (§12.7.5.5)."""
    before, after = view[0].get(old, "/Ff", 0), view[1].get(new, "/Ff", 0)
    return isinstance(before, int) and isinstance(after, int) and after == before | 1


def signed_value(pair: Pair, holder: Any) -> Finding:  # noqa: ANN401 - pyHanko's dictionary
    """What it means that a signature field has got a value."""
    number = pair.new.number(raw_at(holder, "/V"))
    if number is not None and not pair.is_new(number) and number not in pair.touched:
        # a container that was in the file before anybody signed with it: shown as a signature of what follows
        return forbidden("signature_reused", FORGED)
    value = pair.new.get(holder, "/V")
    is_stamp = isinstance(value, generic.DictionaryObject) and pair.new.get(value, "/SubFilter") == TIMESTAMP
    return PERMITTED["timestamp" if is_stamp else "signature"]


def new_field(pair: Pair, item: Any, place: Place) -> tuple[set[int], set[int], list[Finding]]:  # noqa: ANN401 - pyHanko's object
    """A field that was not there before: its objects, those of them that are for signing, and what they mean."""
    numbers: set[int] = set()
    signing: set[int] = set()
    findings: list[Finding] = []
    stack = [(item, place)]
    while stack and len(numbers) < MAX_FIELDS:
        raw, at = stack.pop()
        number, entry = pair.new.number(raw), pair.new.value(raw)
        if not isinstance(entry, generic.DictionaryObject) or number in numbers or at.depth > MAX_DEPTH:
            continue
        numbers |= {number} if number else set()
        below = Place(
            name=_joined(at.name, text_of(pair.new, entry, "/T")), kind=str(pair.new.get(entry, "/FT", at.kind)),
            depth=at.depth + 1,
        )  # fmt: skip
        signing |= {number} if number and below.kind == "/Sig" else set()
        kids = pair.new.items(entry, "/Kids")
        stack.extend((kid, below) for kid in kids)
        findings.extend(_of_new(pair, entry, below, is_leaf=not kids))
    return numbers, signing, findings


def _of_new(pair: Pair, entry: Any, place: Place, *, is_leaf: bool) -> Iterator[Finding]:  # noqa: ANN401 - see above
    if place.kind == "/Sig":
        if pair.new.get(entry, "/V") is not None:
            yield signed_value(pair, entry)
        elif is_leaf and "/T" in entry:
            yield NEW_FIELD
    elif is_leaf and is_seen(pair.new, entry):
        yield forbidden("field_added", FORM, values=(place.name,))
    elif is_leaf:
        yield Finding(
            what="field_added", kind=Kind.FORM, level=ChangeLevel.ANNOTATIONS, values=(place.name,), attack=ANNOTATED
        )


def _joined(*parts: str) -> str:
    return ".".join(part for part in parts if part)
