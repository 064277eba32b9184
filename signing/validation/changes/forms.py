"""What a later revision did to the form: signed, filled in, added, or exchanged.

ISO 32000-2 §12.7: fields may only be added; an empty signature field may be signed; a filled one never changes. What
fields are worth is in ``form_values``. Knows two revisions and their forms; whether a signer permitted it is decided
elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.fields import FieldPair, Place, new_field, text_of
from signing.validation.changes.findings import FONT, NEW_FIELD, PERMITTED, forbidden
from signing.validation.changes.form_defaults import has_awaited, has_dependent_text, has_stale_face, may_look_otherwise
from signing.validation.changes.form_values import value_field
from signing.validation.changes.outcome import ChangeLevel, Finding
from signing.validation.changes.pairing import Pair
from signing.validation.changes.signature_fields import signature_field
from signing.validation.reading import MAX_DEPTH, MAX_FIELDS

_OWN_RULES: Final = frozenset({"/Fields", "/SigFlags", "/DR", "/DA", "/Q", "/NeedAppearances"})


@dataclass(slots=True)
class FormComparison:
    """The forms of two revisions."""

    pair: Pair
    findings: list[Finding] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    """Objects of fields and widgets that were there before and were compared."""

    added: set[int] = field(default_factory=set)
    """Objects of fields and widgets that are new."""

    signing: set[int] = field(default_factory=set)
    """Those of them that belong to signature fields."""

    _seen: set[tuple[int, int]] = field(default_factory=set)

    def compare(self) -> None:
        """Finds everything that happened to the form."""
        old = self.pair.old.dictionary(self.pair.old.root, "/AcroForm")
        new = self.pair.new.dictionary(self.pair.new.root, "/AcroForm")
        self.findings.extend(forbidden("content_changed") for _ in self.pair.differing(old, new, _OWN_RULES))
        self.findings.extend(self._resources(old, new))
        self._fields(self.pair.old.items(old, "/Fields"), self.pair.new.items(new, "/Fields"), Place())
        self.findings.extend(self._drawing(old, new))

    def _resources(self, old: Any, new: Any) -> Iterator[Finding]:  # noqa: ANN401 - pyHanko's dictionaries
        """Default resources may only grow: a font that fields are drawn with is not exchanged."""
        if self.pair.same_at(old, new, "/DR"):
            return
        before, after = self.pair.old.dictionary(old, "/DR"), self.pair.new.dictionary(new, "/DR")
        for category in before:
            mine, theirs = self.pair.old.get(before, category), self.pair.new.get(after, category)
            if not isinstance(mine, generic.DictionaryObject) or not isinstance(theirs, generic.DictionaryObject):
                if not self.pair.same_at(before, after, category):
                    yield forbidden("form_resources", FONT if category == "/Font" else None)
            elif any(not self.pair.same_at(mine, theirs, name) for name in mine):
                yield forbidden("form_resources", FONT if category == "/Font" else None)
        if has_awaited(self.pair, before, after, old):
            yield forbidden("form_resources", FONT)
        yield PERMITTED["rewritten"]

    def _drawing(self, old: Any, new: Any) -> Iterator[Finding]:  # noqa: ANN401 - pyHanko's dictionaries
        """Whether readers draw the form in another way from now on."""
        pair = self.pair
        asked = isinstance(value := pair.new.get(new, "/NeedAppearances"), generic.BooleanObject) and bool(value)
        before = isinstance(value := pair.old.get(old, "/NeedAppearances"), generic.BooleanObject) and bool(value)
        defaults = [key for key in ("/DA", "/Q") if not pair.same_at(old, new, key)]
        if (
            (asked and not before and (may_look_otherwise(pair.old, old) or not self._is_filled()))
            or (before and not asked and has_stale_face(pair.new, new))
            or (defaults and has_dependent_text(pair.new, new))
        ):
            yield forbidden("form_appearance")

    def _is_filled(self) -> bool:
        """Whether this step gave a field a value: then the wish for new faces belongs to filling in (table 257)."""
        return any(finding.level is ChangeLevel.FORM_FILL for finding in self.findings)

    def _fields(self, old: list[Any], new: list[Any], place: Place) -> None:
        """Compares two lists of fields: by object, what is left over by name."""
        if place.depth > MAX_DEPTH or max(len(old), len(new)) > MAX_FIELDS:
            self.findings.append(forbidden("form_structure"))
            return
        before = {n: item for item in old if (n := self.pair.old.number(item)) is not None}
        left = [item for item in old if self.pair.old.number(item) is None]
        known, others = set[int](), []
        for item in new:
            number = self.pair.new.number(item)
            if number is None or number not in before:
                others.append(item)
                continue
            known.add(number)
            if number in self.pair.dirty:
                self._field(before[number], item, place)
        left += [
            item for number, item in before.items() if number not in known and self.pair.old.value(item) is not None
        ]
        for item in others:
            name = text_of(self.pair.new, self.pair.new.value(item), "/T")
            twin = next((o for o in left if text_of(self.pair.old, self.pair.old.value(o), "/T") == name != ""), None)
            if twin is None:
                self._added(item, place)
            else:
                left.remove(twin)
                self._field(twin, item, place)
        self.findings.extend(forbidden("field_removed") for _ in left)

    def _field(self, old: Any, new: Any, place: Place) -> None:  # noqa: ANN401 - pyHanko's objects
        pair = self.pair
        numbers = pair.old.number(old) or 0, pair.new.number(new) or 0
        if numbers in self._seen and numbers != (0, 0):
            return
        self._seen.add(numbers)
        self.kept |= {n for n in numbers if n}
        before, after = pair.old.value(old), pair.new.value(new)
        if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
            if before is not None or after is not None:
                self.findings.append(forbidden("field_removed"))
            return
        found = FieldPair.of(pair, before, after, place)
        if (
            found.kind_changed
            or not found.keeps_parents
            or text_of(pair.old, before, "/T") != text_of(pair.new, after, "/T")
        ):
            self.findings.append(forbidden("field_changed"))
            return
        kids = pair.old.items(before, "/Kids"), pair.new.items(after, "/Kids")
        self.kept |= {n for kid in kids[0] if (n := pair.old.number(kid))}
        self.added |= {n for kid in kids[1] if (n := pair.new.number(kid))} - self.kept
        if found.kind == "/Sig":
            self.signing |= {n for n in numbers if n} | {n for kid in kids[1] if (n := pair.new.number(kid))}
            self.findings.extend(signature_field(found))
        elif found.is_group:
            self.findings.extend(found.group_findings())
        else:
            self.findings.extend(value_field(found))
        if found.is_group:
            self._fields(*kids, found.below())

    def _added(self, item: Any, place: Place) -> None:  # noqa: ANN401 - pyHanko's objects
        numbers, signing, findings = new_field(self.pair, item, place)
        self.added |= numbers
        self.signing |= signing
        self.findings.extend(findings or (NEW_FIELD,))
