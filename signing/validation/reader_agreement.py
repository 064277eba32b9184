"""Whether two readers see the same document: the same objects, at the same places, with the same values.

A file that two readers read differently shows different people different things, and a signature over its bytes says
nothing about which of them was meant (incremental saving attack, duplicate keys, broken cross references). Compared
are the places of all objects, and the values of what is shown: catalogue, page tree, contents, resources, annotations,
form, store; the same again for each signed revision, on the bytes that its signature covers. Knows both readers'
objects, nothing about signatures.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import EncryptedObjAccess
from pyhanko.pdf_utils.xref import ObjStreamRef

from signing.validation.reading import READ_ERRORS, followed
from signing.validation.second_reader import Position, SecondReader

MAX_VALUES: Final = 20_000  # compared values of one document: bounds the cost, half a second at most
MAX_VALUES_OF_OBJECT: Final = 8_000  # a table of glyph widths has 60,000
MAX_STREAM_COMPARED: Final = 256 * 1024  # of a larger stream only place, dictionary and length are compared
MAX_STREAMS_COMPARED: Final = 8 * 1024 * 1024  # bytes of all streams together
_MAX_POSITIONS: Final = 300_000
_MAX_NESTING: Final = 64
_NOT_SHOWN: Final = frozenset({
    "/Parent", "/P", "/Prev", "/Next", "/Metadata", "/PieceInfo", "/Thumb", "/StructTreeRoot", "/Outlines", "/Dests",
    "/Names", "/PageLabels", "/B", "/IRT", "/Popup", "/SpiderInfo", "/Threads", "/JT", "/OutputIntents", "/ToUnicode",
})  # fmt: skip
"""What leads back, or to nothing that a page shows."""
_ADDED_TYPES: Final = frozenset({"/Catalog", "/Pages", "/Page"})
"""Types that QPDF adds where a file forgot them."""

_REFERENCE: Final = re.compile(r"(\d{1,10}) (\d{1,5}) R\Z")
_VALUE: Final = re.compile(
    rb"(?:[\0\t\n\f\r ]|%[^\r\n]*)*"
    rb"(?:[<>(){}\[\]/]|(?:true|false|null)\b|(?!\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj)[-+.\d])"
)
_GLANCE: Final = 4096
_Key = tuple[int, int]


@dataclass(slots=True)
class Agreement:
    """The comparison of one document; remembers what was compared, so that revisions cost only what they change."""

    reader: Any
    """pyHanko's reader."""

    is_complete: bool = True
    """False if there was more to compare than is compared."""

    _known: dict[tuple[_Key, Position | None, Position | None], list[_Key]] = field(default_factory=dict)
    """What objects that were compared refer to, by number and place."""

    _values: int = 0
    _bytes: int = 0

    def disagreement(self, second: SecondReader, revision: int | None = None) -> str | None:
        """What both readers see differently in a revision (counted from 0; None: the last); None if nothing."""
        view = self.reader if revision is None else self.reader.get_historical_resolver(revision)
        root = view.root_ref
        if (root.idnum, root.generation) != second.root:
            return "catalogue"
        return (
            self._hidden(revision)
            or self._places(second, revision)
            or self._objects(view, second, (root.idnum, root.generation))
        )

    def _hidden(self, revision: int | None) -> str | None:
        """ISO 32000-2 §7.5.8.4: /XRefStm may only give what the table beside it leaves out; readers prefer either."""
        for section in _sections(self.reader, revision):
            if section.hybrid is not None:
                hidden = section.hybrid.xref_data
                twice = section.standard_xrefs.keys() & (hidden.standard_xrefs.keys() | hidden.xrefs_in_objstm.keys())
                for number in sorted(twice):
                    if section.standard_xrefs[number] != hidden.standard_xrefs.get(number):
                        return f"place of object {number}"
        return None

    def _places(self, second: SecondReader, revision: int | None) -> str | None:
        """Every object that both know lies where the other says."""
        if len(second.positions) > _MAX_POSITIONS:
            return None
        mine = positions(self.reader, revision)
        for key, theirs in second.positions.items():
            if mine.get(key, theirs) != theirs:
                return f"place of object {key[0]}"
        return None

    def _objects(self, view: Any, second: SecondReader, root: _Key) -> str | None:  # noqa: ANN401 - pyHanko's revision
        queue: deque[_Key] = deque([root])
        queued = {root}
        while queue and self._values < MAX_VALUES:
            key = queue.popleft()
            place = second.place(key)
            mark = (key, *place)
            found = self._known.get(mark) if place[0] is not None else None
            if found is None:
                found = [(place[0][0], 0)] if isinstance(place[0], tuple) else []  # the stream that it is in
                if not self._same_object(view, second, key, found):
                    return f"object {key[0]}"
                self._known[mark] = found
            fresh = [reference for reference in dict.fromkeys(found) if reference not in queued]
            queued.update(fresh)
            queue.extend(fresh)
        self.is_complete = self.is_complete and not queue
        mended = second.mended_streams & queued
        if mended:
            return f"length of stream {min(mended)[0]}"
        # of all that was read: what is null by its first value is nothing that is followed
        doubled = [key for key, offset in second.unclosed.items() if self._is_value(offset)]
        return f"second value of object {min(doubled)[0]}" if doubled else None

    def _is_value(self, offset: int) -> bool:
        """Whether a value stands at an offset; the next object or a word of the file's structure is none.

        ISO 32000-2 §7.3.10: an object is one value. Behind a second one, most readers take the first, those that work
        with a stack (as in PostScript) the last.
        """
        self.reader.stream.seek(offset)
        return _VALUE.match(self.reader.stream.read(_GLANCE)) is not None

    def _same_object(self, view: Any, second: SecondReader, key: _Key, found: list[_Key]) -> bool:  # noqa: ANN401 - pyHanko's revision
        size, (theirs, weight) = second.stream_size(key), second.value(key)
        if (size is not None and size > MAX_STREAM_COMPARED) or weight > MAX_VALUES_OF_OBJECT:
            # not read into memory; its place is the same, and a wrong length would have been mended
            self.is_complete = False
            return True
        try:
            mine = view.get_object(generic.Reference(*key, view))
        except READ_ERRORS:
            # pyHanko cannot read it, so nothing is concluded from it anywhere; two readers must not guess differently
            return key not in second.warned
        if not self._same(mine, theirs, found, 0):
            return False
        if not isinstance(mine, generic.StreamObject) or self._bytes > MAX_STREAMS_COMPARED:
            return True
        data = second.stored(key, MAX_STREAM_COMPARED)
        self._bytes += len(data or b"")
        return data is None or data.rstrip(b"\r\n") == bytes(mine.encoded_data).rstrip(b"\r\n")

    def _same(self, mine: Any, theirs: Any, found: list[_Key], depth: int) -> bool:  # noqa: ANN401 - PDF values
        """Whether a value of pyHanko's and one of QPDF's are the same; references are gathered, not followed."""
        self._values += 1
        if isinstance(mine, generic.IndirectObject):
            match = _REFERENCE.match(theirs) if isinstance(theirs, str) else None
            if match is None:  # QPDF shows a reference to nothing as nothing
                return theirs is None and _is_null(followed(mine))
            found.append((mine.idnum, mine.generation))
            return (int(match[1]), int(match[2])) == found[-1]
        if depth > _MAX_NESTING:
            return True
        if isinstance(mine, generic.DictionaryObject):
            return isinstance(theirs, dict) and self._same_entries(mine, theirs, found, depth)
        if isinstance(mine, generic.ArrayObject):
            return (
                isinstance(theirs, list)
                and len(mine) == len(theirs)
                and all(self._same(mine.raw_get(i), theirs[i], found, depth + 1) for i in range(len(theirs)))
            )
        return _same_plain(mine, theirs)

    def _same_entries(self, mine: Any, theirs: dict[str, Any], found: list[_Key], depth: int) -> bool:  # noqa: ANN401
        signature = "/ByteRange" in theirs
        for key in _ascii(mine.keys() | theirs.keys()):
            # ISO 32000-2 §7.6.2: the container of a signature is never encrypted
            access = EncryptedObjAccess.RAW if signature and key == "/Contents" else EncryptedObjAccess.TRANSPARENT
            value = mine.raw_get(key, decrypt=access) if key in mine else generic.NullObject()
            if access is EncryptedObjAccess.RAW and self.reader.encrypted and isinstance(theirs.get(key), str):
                continue  # QPDF undoes an encryption that is none in time-stamps; the octets are those of one place
            gathered: list[_Key] = []
            if key == "/Type" and _is_null(value) and theirs.get(key) in _ADDED_TYPES:
                continue
            if not self._same(value, theirs.get(key), gathered, depth + 1):
                return False
            if key not in _NOT_SHOWN:
                found.extend(gathered)
        return True


def _sections(reader: Any, revision: int | None) -> Iterator[Any]:  # noqa: ANN401 - pyHanko's reader
    """The cross-reference sections up to a revision, the oldest first."""
    last = reader.xrefs.total_revisions - 1 if revision is None else revision
    return (reader.xrefs.get_xref_data(number) for number in range(last + 1))


def positions(reader: Any, revision: int | None) -> dict[_Key, Position]:  # noqa: ANN401 - pyHanko's reader
    """Where pyHanko finds the objects of a revision (ISO 32000-2 §7.5.8.4 for the order within a hybrid section)."""
    found: dict[_Key, Position] = {}
    for section in _sections(reader, revision):
        if section.hybrid is not None:
            _add_section(found, section.hybrid.xref_data)
        _add_section(found, section)
    return found


def _add_section(found: dict[_Key, Position], section: Any) -> None:  # noqa: ANN401 - pyHanko's section
    for number, generation in section.freed.items():
        found.pop((number, generation - 1), None)
    for number, (generation, offset) in section.standard_xrefs.items():
        found[number, generation] = offset
    for number, place in section.xrefs_in_objstm.items():
        found[number, 0] = (place.obj_stream_id, place.ix_in_stream) if isinstance(place, ObjStreamRef) else place


def _ascii(keys: Any) -> Iterator[str]:  # noqa: ANN401 - a set of names
    """Names that every reader spells in the same way; for others there is no agreed text."""
    return (key for key in keys if key.isascii() and key.startswith("/"))


def _is_null(value: Any) -> bool:  # noqa: ANN401 - a PDF value
    return value is None or isinstance(value, generic.NullObject)


def _same_plain(mine: Any, theirs: Any) -> bool:  # noqa: ANN401 - PDF values
    match mine:
        case generic.NullObject() | None:
            return theirs is None
        case generic.BooleanObject():
            return isinstance(theirs, bool) and theirs is bool(mine)
        case generic.NumberObject() | generic.FloatObject():
            return (
                not isinstance(theirs, bool) and isinstance(theirs, int | Decimal) and Decimal(mine) == Decimal(theirs)
            )
        case generic.NameObject():
            if not isinstance(theirs, str):
                return False
            if theirs.isascii() and theirs.startswith("/"):
                return str(mine) == theirs
            return theirs.startswith(("/", "n:/")) and not str(mine).isascii()
        case generic.TextStringObject() | generic.ByteStringObject():
            return isinstance(theirs, str) and _same_text(mine.original_bytes, theirs)
        case _:
            return False


def _same_text(mine: bytes, theirs: str) -> bool:
    kind, _, text = theirs.partition(":")
    if kind == "b":
        return _one_line_end(mine) == _one_line_end(bytes.fromhex(text))
    if kind != "u":
        return False
    spellings = [
        b"\xfe\xff" + text.encode("utf-16-be"),
        b"\xff\xfe" + text.encode("utf-16-le"),
        b"\xef\xbb\xbf" + text.encode(),
    ]
    return _one_line_end(mine) in {_one_line_end(s) for s in (*spellings, text.encode("pdfdoc", "replace"))}


def _one_line_end(text: bytes) -> bytes:
    """ISO 32000-2 §7.3.4.2: an end of line inside a literal string is one line feed, however it was written."""
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
