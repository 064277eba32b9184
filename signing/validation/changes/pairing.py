"""Two revisions side by side: what was touched, what that can reach, and whether two values mean the same.

Values count, not how they are written: a reference and the value it leads to, one number and another number, a stream
compressed in another way are the same. Only objects from which something touched can be reached are looked at, so a
comparison costs what a revision changed, not what the document holds. Knows values, no roles.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.objects import View, raw_at
from signing.validation.changes.references import References
from signing.validation.reading import READ_ERRORS

MAX_COMPARED: Final = 300_000
_MAX_NESTED: Final = 200
_NAMING: Final = frozenset({"/P", "/Pg", "/Parent", "/Popup", "/IRT", "/Obj", "/T"})
"""Keys under which pages, fields and annotations are named one by one."""

_STEPS: Final = 4
_PARENTS: Final = frozenset({"/P", "/Parent", "/Pages"})
_HOW_STORED: Final = frozenset({"/Length", "/Filter", "/DecodeParms", "/DL"})


class ComparisonTooCostlyError(ValueError):
    """More values than a comparison looks at."""


@dataclass(slots=True)
class Pair:
    """A revision and the next one."""

    old: View
    new: View
    pages: frozenset[int]
    """Numbers of the page objects that both have: compared in their own place, everywhere else by number only."""

    dirty: frozenset[int] = frozenset()
    """Objects that were touched, and those from which one can be reached."""

    _known: dict[tuple[int, int], bool] = field(default_factory=dict)
    _compared: int = 0

    placed: frozenset[int] = frozenset()
    """Objects that are compared in their own place, and everywhere else by number only."""

    unsettled: frozenset[int] = frozenset()
    """Touched objects that may mean something else now."""

    beside: frozenset[int] = frozenset()
    """Objects that lead to one of those by texts, lists and dictionaries between them."""

    def find_dirty(self, references: References, settled: Iterable[int], roots: Iterable[int]) -> None:
        """Finds what has to be looked at.

        Args:
            references: of the whole file.
            settled: touched objects that mean the same as before.
            roots: of the structure tree: compared in their own place.
        """
        self.unsettled = self.touched - frozenset(settled)
        self.beside = self._users(references)
        views = (self.old, self.new)
        shared = {page for page in self.pages & self.unsettled if not self._is_plainly_named(references, page)}
        narrow = {
            number
            for number in self.unsettled - self.pages
            if self._is_on_page(references, number) and self._is_plainly_named(references, number)
        }
        stop = (self.pages - shared) | frozenset(roots)
        listing = {n for number in narrow for n in self._listing(references, number)}
        wide = references.ancestors((self.unsettled - narrow) | listing, views, stop)
        self.dirty = frozenset(wide | narrow)
        self.placed = stop | narrow

    def _users(self, references: References) -> frozenset[int]:
        """What leads to an unsettled object in few steps; pages, and objects with a parent, are not passed."""
        found: set[int] = set()
        reached = {number for number in self.unsettled if not self._is_end(number)}
        for _ in range(_STEPS):
            reached = {holder for number in reached for holder, _ in references.holders(number)} - found
            found |= reached
            reached = {number for number in reached if not self._is_end(number)}
        return frozenset(found)

    def _is_end(self, number: int) -> bool:
        try:
            value = self.new.object(number)
        except READ_ERRORS:
            return False
        return number in self.pages or (isinstance(value, generic.DictionaryObject) and not _PARENTS.isdisjoint(value))

    def _is_plainly_named(self, references: References, number: int) -> bool:
        """Whether nothing takes a page, a field or an annotation for a dictionary of names.

        There the keys that may change would be names of fonts or pictures.
        """
        values = self.old.object(number), self.new.object(number)
        return not any(isinstance(value, generic.StreamObject) for value in values) and all(
            references.only_under(view, number, _NAMING) for view in (self.old, self.new)
        )

    def _is_on_page(self, references: References, number: int) -> bool:
        """Whether an object is an annotation of the same page before and after.

        Annotations are compared key by key in their own place, and the keys that may change mean nothing elsewhere:
        nobody but the lists they stand in needs to be looked at.
        """
        return any(
            number in {self.old.number(i) for i in self.old.items(self.old.object(page), "/Annots")}
            and number in {self.new.number(i) for i in self.new.items(self.new.object(page), "/Annots")}
            for page in self._pages_of(references, number)
        )

    def _pages_of(self, references: References, number: int) -> set[int]:
        holders = {holder for holder, _ in references.holders(number)}
        lists = {holder for array in holders - self.pages for holder, _ in references.holders(array)}
        return (holders | lists) & self.pages

    def _listing(self, references: References, number: int) -> Iterable[int]:
        """The lists, pages and fields in which an annotation stands."""
        for holder, _ in references.holders(number):
            for view in (self.old, self.new):
                value = view.object(holder)
                is_list = isinstance(value, generic.ArrayObject)
                holds = isinstance(value, generic.DictionaryObject) and not {"/Kids", "/Fields"}.isdisjoint(value)
                if holder in self.pages or is_list or holds:
                    yield holder

    @property
    def touched(self) -> frozenset[int]:
        """The numbers that the later revision defines or frees, and what stood in object streams it defined anew."""
        return self.new.objects.touched(self.new.revision)

    def same_at(self, old: Any, new: Any, key: str) -> bool:  # noqa: ANN401 - pyHanko's objects
        """Whether two dictionaries mean the same under a key."""
        return self.same(raw_at(old, key), raw_at(new, key))

    def differing(self, old: Any, new: Any, ignored: frozenset[str] = frozenset()) -> list[str]:  # noqa: ANN401 - see above
        """The keys under which two dictionaries mean something else."""
        return [key for key in sorted({*old, *new} - ignored) if not self.same_at(old, new, key)]

    def is_new(self, number: int) -> bool:
        """Whether nothing stood under a number before."""
        return self.old.entry(number) is None

    def same(self, old: Any, new: Any, depth: int = 0) -> bool:  # noqa: ANN401 - pyHanko's objects
        """Whether two values mean the same, each in its revision."""
        before, after = self.old.number(old), self.new.number(new)
        if before is not None and after is not None:
            if before == after and before not in self.dirty and old.reference.generation == new.reference.generation:
                return True
            if before in self.placed or after in self.placed:
                return before == after
            pair = (before, after)
            if pair not in self._known:
                self._known[pair] = self._assumed_same(pair, old, new, depth)
            return self._known[pair]
        return self._same_values(old, new, depth)

    def _assumed_same(self, pair: tuple[int, int], old: Any, new: Any, depth: int) -> bool:  # noqa: ANN401 - see above
        """What leads back to itself is the same if the rest is; if it is not, nothing found on the way counts."""
        known = len(self._known)
        self._known[pair] = True
        try:
            if self._same_values(old, new, depth):
                return True
        except ComparisonTooCostlyError:
            raise
        except READ_ERRORS:  # it was touched, and cannot be read any more, or only now
            pass
        for later in list(self._known)[known:]:
            del self._known[later]
        return False

    def _same_values(self, old: Any, new: Any, depth: int) -> bool:  # noqa: ANN401 - pyHanko's objects
        self._compared += 1
        if self._compared > MAX_COMPARED or depth > _MAX_NESTED:
            raise ComparisonTooCostlyError("more values than a comparison looks at")
        old, new = self.old.value(old), self.new.value(new)
        if old is None or new is None:
            return old is new
        if isinstance(old, generic.StreamObject) or isinstance(new, generic.StreamObject):
            return type(old) is type(new) and self._same_streams(old, new, depth)
        if isinstance(old, generic.DictionaryObject):
            return isinstance(new, generic.DictionaryObject) and self._same_keys(old, new, {*old, *new}, depth)
        if isinstance(old, generic.ArrayObject):
            return (
                isinstance(new, generic.ArrayObject)
                and len(old) == len(new)
                and all(self.same(a, b, depth + 1) for a, b in zip(_raw(old), _raw(new), strict=True))
            )
        return plain(old) == plain(new)

    def _same_keys(self, old: Any, new: Any, keys: Iterable[str], depth: int) -> bool:  # noqa: ANN401 - see above
        return all(self.same(raw_at(old, key), raw_at(new, key), depth + 1) for key in keys)

    def _same_streams(self, old: Any, new: Any, depth: int) -> bool:  # noqa: ANN401 - pyHanko's streams
        keys = {*old, *new} - _HOW_STORED
        if not self._same_keys(old, new, keys, depth) or not (
            self._is_whole(self.old, old) and self._is_whole(self.new, new)
        ):
            return False
        if old.encoded_data == new.encoded_data:
            return self._same_keys(old, new, _HOW_STORED - {"/Length", "/DL"}, depth)
        if any(
            isinstance(raw_at(s, key), generic.IndirectObject)
            for s in (old, new)
            for key in ("/Filter", "/DecodeParms")
        ):
            return False
        try:
            return bool(old.read_data() == new.read_data())
        except READ_ERRORS:
            return False

    def _is_whole(self, view: View, stream: Any) -> bool:  # noqa: ANN401 - pyHanko's stream
        """The parser takes the newest length; one that was another then would give another content."""
        length = raw_at(stream, "/Length")
        return not isinstance(length, generic.IndirectObject) or view.value(length) == view.objects.newest.value(length)


def plain(value: Any) -> tuple[str, Any]:  # noqa: ANN401 - pyHanko's objects
    """A simple value, however it is written."""
    if isinstance(value, generic.NameObject):
        return "name", str(value)
    if isinstance(value, generic.TextStringObject | generic.ByteStringObject):
        return "string", bytes(value.original_bytes) if isinstance(value, generic.TextStringObject) else bytes(value)
    if isinstance(value, generic.BooleanObject):
        return "boolean", bool(value)
    if isinstance(value, int | Decimal):
        return "number", Decimal(value)
    return type(value).__name__, str(value)


def _raw(array: Any) -> list[Any]:  # noqa: ANN401 - pyHanko's array
    return list(list.__iter__(array))
