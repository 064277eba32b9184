"""Which objects refer to which, over all versions of all objects of a file, without parsing them.

A reference is three tokens that no encoding can disguise, so a search for them in the text of an object finds all of
them, and perhaps more (in strings): too many only cost time. The data of streams names nothing and is not searched.
Finding them all is what tells that nothing else shows an object that a later revision exchanged. Knows texts and
numbers, no meaning.
"""

import re
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.framing import dictionary_end
from signing.validation.changes.objects import Entry, Objects, Place, View
from signing.validation.reading import READ_ERRORS

_GAP: Final = rb"(?:[\0\t\n\f\r ]|%[^\r\n]*+[\r\n])++"
_REFERENCE: Final = re.compile(rb"(?<!\d)(\d++)" + _GAP + rb"\d++" + _GAP + rb"R")
_KEYWORD: Final = re.compile(rb"[\0\t\n\f\r ]R")
_BEFORE: Final = re.compile(rb"(?<!\d)(\d++)[\0\t\n\f\r ]++\d++[\0\t\n\f\r ]++\Z")
_LONGEST: Final = 200
"""Octets within one reference; where there may be longer ones, all of the text is searched."""

_GAPS: Final = re.compile(rb"[\0\t\n\f\r ]{50}|\d{50}")
_TABLE: Final = b"xref"
_DEEPEST: Final = 500
MAX_OBJECTS: Final = 400_000
MAX_PARSED: Final = 20_000
MAX_SEARCHED: Final = 128 * 1024 * 1024


class TooManyObjectsError(ValueError):
    """The document is larger than a comparison can be."""


@dataclass(slots=True)
class References:
    """The reverse of all references: who may name an object."""

    objects: Objects
    pdf: bytes
    searched: int = 0
    """So many octets were searched."""

    _holders: dict[int, set[tuple[int, Place]]] | None = None
    _offsets: list[int] = field(default_factory=list)
    _keys: dict[Place, dict[int, set[str]]] = field(default_factory=dict)
    _plain: dict[tuple[Place, int, frozenset[str]], bool] = field(default_factory=dict)
    _is_framed: bool = True
    """Whether no object of the file begins inside of another one."""

    def holders(self, number: int) -> Iterable[tuple[int, Place]]:
        """The versions of objects whose text may name an object number."""
        if self._holders is None:
            self._holders = self._searched()
            if not self._is_framed:
                self._parse_all()
        return self._holders.get(number, ())

    def ancestors(self, numbers: Iterable[int], views: tuple[View, ...], stop: Container[int]) -> set[int]:
        """Every object from which one of the numbers can be reached in one of the views; and the numbers themselves.

        The walk ends at the objects of ``stop`` (they are found, what leads to them is not).
        """
        found = set(numbers)
        todo = [number for number in found if number not in stop]
        while todo:
            number = todo.pop()
            for holder, place in self.holders(number):
                if holder in found or not any(_stands(view, holder, place) for view in views):
                    continue
                found.add(holder)
                if holder not in stop:
                    todo.append(holder)
        return found

    def only_under(self, view: View, number: int, keys: frozenset[str], but: Container[int | None] = ()) -> bool:
        """Whether whatever names an object in a revision does so in a list, or under one of the keys.

        What is read as a dictionary of names (fonts, pictures, states by their names) stands under other keys, never in
        a list. Cross-reference streams, and the objects of ``but``, may name it as they like.
        """
        for holder, place in self.holders(number):
            if holder in but or not _stands(view, holder, place):
                continue
            mark = (place, number, keys)
            if mark not in self._plain:
                self._plain[mark] = self._is_plainly_under(holder, place, number, keys)
            if self._plain[mark]:
                continue
            if place not in self._keys:
                self._keys[place] = _keys_of(view.object(holder))
            if any(key not in keys for key in self._keys[place].get(number, ())):
                return False
        return True

    def _is_plainly_under(self, holder: int, place: Place, number: int, keys: Iterable[str]) -> bool:
        """Whether the text shows at a glance that an object is named under one of the keys only: kids are many."""
        if place.within >= 0:
            entry = next(e for e in self.objects.history[holder] if e.stream)
            text = self.objects.stream_parts(place.offset, entry).get(holder, b"")
        else:
            text = self._value_text(place.offset)
        name = rb"0*%d[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R" % number
        under = b"|".join(re.escape(key.encode()) for key in sorted(keys))
        named = len(re.findall(rb"(?<!\d)" + name, text))
        return b"%" not in text and 0 < named == len(re.findall(rb"(?:" + under + rb")[\0\t\n\f\r ]+" + name, text))

    def _parse_all(self) -> None:
        """Text and objects say different things: somebody lets entries point into objects.

        From here on only what the parser finds counts, in all objects, however long that takes.

        Raises:
            READ_ERRORS: one of them cannot be read, and may name anything; the caller's answer is then "unknown".
        """
        places = [(n, e, p) for n, e in self._entries() for p, _ in self._texts(n, e)]
        if len(places) > MAX_PARSED:
            raise TooManyObjectsError("more objects than a comparison parses")
        holders: dict[int, set[tuple[int, Place]]] = {}
        for number, entry, place in places:
            for target in _numbers(self.objects.at(number, entry, place)):
                holders.setdefault(target, set()).add((number, place))
        self._holders = holders

    def _entries(self) -> list[tuple[int, Entry]]:
        return [(n, e) for n, versions in self.objects.history.items() for e in versions if e.place is not None]

    def _searched(self) -> dict[int, set[tuple[int, Place]]]:
        entries = self._entries()
        if len(entries) > MAX_OBJECTS:
            raise TooManyObjectsError("more objects than a comparison looks at")
        plain = {e.place.offset for _, e in entries if e.place is not None and not e.stream}
        sections = {self._section_start(revision) for revision in range(len(self.objects.numbers))}
        self._offsets = sorted(plain | sections | {len(self.pdf)})
        holders: dict[int, set[tuple[int, Place]]] = {}
        for number, entry in entries:
            for place, text in self._texts(number, entry):
                self.searched += len(text)
                if self.searched > MAX_SEARCHED:
                    raise TooManyObjectsError("longer objects than a comparison looks at")
                for target in _in_text(text):
                    holders.setdefault(target, set()).add((number, place))
        return holders

    def _section_start(self, revision: int) -> int:
        """Where a cross-reference section begins; pyHanko counts a table from behind its keyword."""
        start: int = self.objects.reader.xrefs.get_xref_container_info(revision).start_location
        keyword = max(0, start - len(_TABLE))
        return keyword if self.pdf.startswith(_TABLE, keyword) else start

    def _end(self, start: int) -> int:
        return self._offsets[bisect_right(self._offsets, start)]

    def _texts(self, number: int, entry: Entry) -> Iterator[tuple[Place, bytes]]:
        """The places that an entry may mean, and the text there without the data of streams."""
        if entry.stream:
            for holder in self.objects.history.get(entry.stream, ()):
                if holder.place is not None and not holder.stream:
                    try:
                        text = self.objects.stream_parts(holder.place.offset, entry).get(number, b"")
                    except READ_ERRORS:
                        continue  # whoever reads the object gets the error
                    yield Place(holder.place.offset, number), text
        elif entry.place is not None:
            yield entry.place, self._value_text(entry.place.offset)

    def _value_text(self, start: int) -> bytes:
        """The text of an object outside of object streams; nothing if it is not whole: then all are parsed."""
        if start >= len(self.pdf):
            return b""
        end = dictionary_end(self.pdf, start, self._end(start))
        self._is_framed = self._is_framed and end is not None
        return b"" if end is None else self.pdf[start:end]


def _stands(view: View, number: int, place: Place) -> bool:
    found = view.entry(number)
    return found is not None and found[1] == place


def _in_text(text: bytes) -> set[int]:
    """The object numbers that a text may name; without comments a look back from each keyword is enough, and quick."""
    if b"%" in text or _GAPS.search(text) is not None:
        return {int(match) for match in _REFERENCE.findall(text)}
    found = set()
    for keyword in _KEYWORD.finditer(text):
        named = _BEFORE.search(text, max(0, keyword.start() - _LONGEST), keyword.start() + 1)
        if named is not None:
            found.add(int(named[1]))
    return found


def _numbers(value: Any) -> Iterator[int]:  # noqa: ANN401 - pyHanko's objects
    """The object numbers that a value names itself."""
    return (number for _, number in _named_under(value))


def _keys_of(value: Any) -> dict[int, set[str]]:  # noqa: ANN401 - pyHanko's objects
    """The keys under which a value names objects; nothing in cross-reference streams."""
    found: dict[int, set[str]] = {}
    if isinstance(value, generic.StreamObject) and value.get("/Type") == "/XRef":
        return found
    for key, number in _named_under(value):
        if key:
            found.setdefault(number, set()).add(key)
    return found


def _named_under(value: Any) -> Iterator[tuple[str, int]]:  # noqa: ANN401 - pyHanko's objects
    """The object numbers that a value names itself, each with the key under which it stands; none in lists."""
    stack: list[tuple[str, Any, int]] = [("", value, 0)]
    while stack:
        key, item, depth = stack.pop()
        if isinstance(item, generic.DecryptedObjectProxy):
            item = item.raw_object
        if isinstance(item, generic.IndirectObject):
            yield key, item.reference.idnum
        elif depth > _DEEPEST:
            raise ValueError("values are nested more deeply than anybody writes them")
        elif isinstance(item, generic.DictionaryObject):
            stack.extend((name, part, depth + 1) for name, part in dict.items(item))
        elif isinstance(item, generic.ArrayObject):
            stack.extend(("", part, depth + 1) for part in list.__iter__(item))
