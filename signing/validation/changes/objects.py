"""Every version of every object of a file, read once wherever it stands, and what each revision sees of them.

pyHanko finds the cross-reference sections and parses single objects. Which version counts in which revision is decided
here: pyHanko reads object streams always in their newest version and passes over entries that free an object with an
odd generation, so what a signer saw could be exchanged without a trace. Knows numbers, places and values, no meaning.
"""

import io
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.validation.reading import READ_ERRORS

MAX_HOPS: Final = 8  # references that lead to references
MAX_IN_STREAM: Final = 100_000
_GLANCE: Final = 4096


class Place(NamedTuple):
    """Where one version of an object stands; two equal places hold the same bytes."""

    offset: int
    """Offset of the object, or of the object stream that it is in."""

    within: int = -1
    """Number of the object inside an object stream."""


class Entry(NamedTuple):
    """What one revision says about an object number."""

    revision: int
    generation: int
    place: Place | None
    """None: freed."""

    stream: int = 0
    """Number of the object stream it is in."""


@dataclass(slots=True)
class Objects:
    """The versions of all objects of one file."""

    reader: PdfFileReader
    pdf: bytes = b""
    """The bytes that the reader reads; without them every object is parsed."""

    history: dict[int, list[Entry]] = field(default_factory=dict)
    numbers: list[frozenset[int]] = field(default_factory=list)
    """For each revision the object numbers that it defines or frees."""

    _read: dict[Place, Any] = field(default_factory=dict)
    _streams: dict[int, dict[int, bytes]] = field(default_factory=dict)
    _held: dict[int, set[int]] = field(default_factory=dict)
    _touched: dict[int, frozenset[int]] = field(default_factory=dict)
    _views: dict[int, "View"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for revision in range(self.reader.xrefs.total_revisions):
            entries = dict(_entries(self.reader.xrefs.get_xref_data(revision), revision))
            for number, entry in entries.items():
                self.history.setdefault(number, []).append(entry)
                if entry.stream:
                    self._held.setdefault(entry.stream, set()).add(number)
            self.numbers.append(frozenset(entries))

    def view(self, revision: int) -> "View":
        """What a revision (from 0) sees."""
        if revision not in self._views:
            trailer = self.reader.trailer.flatten(revision)
            self._views[revision] = View(objects=self, revision=revision, trailer=trailer)
        return self._views[revision]

    @property
    def newest(self) -> "View":
        """What the last revision sees."""
        return self.view(len(self.numbers) - 1)

    def touched(self, revision: int) -> frozenset[int]:
        """The numbers that a revision defines or frees, and those in object streams that it defines anew."""
        if revision not in self._touched:
            named = self.numbers[revision]
            held = (self._held[number] for number in named if number in self._held)
            self._touched[revision] = named.union(*held)
        return self._touched[revision]

    def at(self, number: int, entry: Entry, place: Place) -> Any:  # noqa: ANN401 - pyHanko's objects
        """The value that stands at a place.

        Raises:
            READ_ERRORS: it cannot be read.
        """
        if place not in self._read:
            self._read[place] = self._parsed(number, entry, place)
        return self._read[place]

    def lacks(self, number: int, found: tuple[Entry, Place], key: bytes) -> bool:
        """Whether the text of an object shows, without parsing it, that it has no such key.

        Too short a text may be looked at: for callers to whom a missed key does no harm.
        """
        entry, place = found
        if place.within >= 0:
            text = self.stream_parts(place.offset, entry).get(number, b"")
        else:
            text = self.pdf[place.offset : max(0, self.pdf.find(b"endobj", place.offset, place.offset + _GLANCE))]
        return bool(text) and key not in text and b"#" not in text

    def _parsed(self, number: int, entry: Entry, place: Place) -> Any:  # noqa: ANN401 - pyHanko's objects
        if place.within < 0:
            reference = generic.Reference(number, entry.generation, self.reader)
            if self.history[number][-1] is entry:  # the newest version: the reader may have it already
                return self.reader.get_object(reference)  # type: ignore[no-untyped-call]  # pyHanko's
            return self.reader.get_object(reference, revision=entry.revision)  # type: ignore[no-untyped-call]  # pyHanko's
        text = self.stream_parts(place.offset, entry).get(number)
        if text is None:
            return generic.NullObject()
        return generic.read_object(io.BytesIO(text), generic.Reference(number, 0, self.reader))

    def stream_parts(self, offset: int, entry: Entry) -> dict[int, bytes]:
        """The texts of the objects in the object stream at an offset."""
        if offset not in self._streams:
            own = self._holding(entry.stream, offset)
            stream = self.at(entry.stream, own, Place(offset))
            self._streams[offset] = _parts(stream) if isinstance(stream, generic.StreamObject) else {}
        return self._streams[offset]

    def _holding(self, number: int, offset: int) -> Entry:
        return next(entry for entry in self.history[number] if entry.place == Place(offset))


@dataclass(slots=True)
class View:
    """The document as one revision sees it. References are followed here, never by pyHanko."""

    objects: Objects
    revision: int
    trailer: Any
    _places: dict[int, tuple[Entry, Place] | None] = field(default_factory=dict)

    def entry(self, number: int) -> tuple[Entry, Place] | None:
        """The version of an object that counts here; None if it is free or was never defined."""
        if number not in self._places:
            self._places[number] = self._found(number)
        return self._places[number]

    def _found(self, number: int) -> tuple[Entry, Place] | None:
        entries = self.objects.history.get(number)
        if not entries:
            return None
        index = bisect_right(entries, self.revision, key=lambda entry: entry.revision) - 1
        if index < 0 or entries[index].place is None:
            return None
        entry = entries[index]
        if not entry.stream:
            return entry, entry.place  # type: ignore[return-value]  # None is ruled out above
        holder = self.entry(entry.stream) if entry.stream != number else None  # ISO 32000-2 §7.5.7: as it is now
        if holder is None or holder[1].within >= 0:
            return None
        return entry, Place(holder[1].offset, number)

    def number(self, item: Any) -> int | None:  # noqa: ANN401 - pyHanko's objects
        """The number of the object that a reference names; None for direct values."""
        return item.reference.idnum if isinstance(item, generic.IndirectObject) else None

    def object(self, number: int) -> Any:  # noqa: ANN401 - pyHanko's objects
        """The value of a numbered object here; None if there is none."""
        found = self.entry(number)
        return None if found is None else self.value(self.objects.at(number, *found))

    def value(self, item: Any) -> Any:  # noqa: ANN401 - pyHanko's objects
        """A value with references followed; None for null, dangling and looping ones."""
        for _ in range(MAX_HOPS):
            if isinstance(item, generic.DecryptedObjectProxy):
                item = decrypted(item)
            if not isinstance(item, generic.IndirectObject):
                return None if isinstance(item, generic.NullObject) else item
            reference = item.reference
            found = self.entry(reference.idnum)
            if found is None or found[0].generation != reference.generation:
                return None
            item = self.objects.at(reference.idnum, *found)
        return None

    def get(self, holder: Any, key: str, default: Any = None) -> Any:  # noqa: ANN401 - pyHanko's objects
        """The value under a key of a dictionary, references followed."""
        value = self.value(raw_at(holder, key))
        return default if value is None else value

    def dictionary(self, holder: Any, key: str) -> Any:  # noqa: ANN401 - pyHanko's objects
        """The dictionary under a key; an empty one if something else is there."""
        value = self.get(holder, key)
        return value if isinstance(value, generic.DictionaryObject) else {}

    def items(self, holder: Any, key: str) -> list[Any]:  # noqa: ANN401 - pyHanko's objects
        """The entries of the array under a key as they stand there; none for other values."""
        value = self.get(holder, key)
        return list(value) if isinstance(value, generic.ArrayObject) else []

    @property
    def root(self) -> Any:  # noqa: ANN401 - pyHanko's dictionary
        """The catalogue."""
        return self.dictionary(self.trailer, "/Root")


def raw_at(holder: Any, key: str) -> Any:  # noqa: ANN401 - pyHanko's objects
    """The value under a key as it stands there; None if there is none."""
    return dict.get(holder, key) if isinstance(holder, dict) else None


def decrypted(item: Any) -> Any:  # noqa: ANN401 - pyHanko's objects
    """The plain value; the value as stored where it never was encrypted (the container of a signature)."""
    try:
        return item.decrypted
    except READ_ERRORS:
        return item.raw_object


def _entries(data: Any, revision: int) -> Iterator[tuple[int, Entry]]:  # noqa: ANN401 - pyHanko's section
    """What a section says; the table of a hybrid file before its stream (ISO 32000-2 §7.5.8.4)."""
    if data.hybrid is not None:
        yield from _entries(data.hybrid.xref_data, revision)
    stream = None if data.hybrid is None else data.hybrid.xref_data
    hidden = set() if stream is None else {*stream.xrefs_in_objstm, *stream.standard_xrefs}
    for number in data.freed:
        if number not in hidden:
            yield number, Entry(revision, 0, None)
    for number, (generation, offset) in data.standard_xrefs.items():
        yield number, Entry(revision, generation, Place(offset))
    for number, where in data.xrefs_in_objstm.items():
        yield number, Entry(revision, 0, Place(0, number), where.obj_stream_id)


def _parts(stream: Any) -> dict[int, bytes]:  # noqa: ANN401 - pyHanko's stream
    """The objects of an object stream by number; the first of one number counts."""
    data = bytes(stream.read_data(DecodePurpose.OBJECT_STREAM))
    first, count = int(stream["/First"]), min(int(stream["/N"]), MAX_IN_STREAM)
    header = data[:first].split()[: 2 * count]
    pairs = [(int(header[i]), first + int(header[i + 1])) for i in range(0, len(header) - 1, 2)]
    ends = sorted({offset for _, offset in pairs} | {len(data)})
    found: dict[int, bytes] = {}
    for number, offset in pairs:
        end = ends[bisect_right(ends, offset)] if offset < len(data) else len(data)
        found.setdefault(number, data[offset:end] + b"\n")
    return found
