"""Reads cross-references in their usual form without making an object of every entry.

pyHanko's strict reader makes several objects for each entry: of a file with thousands of pages that is most of the
time that a signature takes. A section in the usual form (every object once, generation 0, only object 0 free) is kept
as its bytes here and looked up when an object is asked for; whatever is not in that form is left to pyHanko, with its
checks and its errors. Says the same as pyHanko (a test compares both); knows ISO 32000-2 §7.5.4 and §7.5.8.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Final

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.xref import (
    ObjStreamRef,
    XRefBuilder,
    XRefSection,
    XRefSectionData,
    XRefSectionMetaInfo,
    XRefSectionType,
)

_ROW: Final = 20  # §7.5.4: octets of an entry
_HEADER: Final = re.compile(rb"\s*(\d{1,10}) (\d{1,10}) *(?:\r\n|\r|\n)")
_TRAILER: Final = re.compile(rb"\s*trailer\s*")
_FREE_HEAD: Final = b"0000000000 65535 f"
_IN_USE, _IN_STREAM = 1, 2
_MAX_ENTRIES: Final = 8_388_607  # ISO 32000-1 annex C: objects of a file
_SLOW_ENTRIES: Final = 200_000
_UP: Final = 2  # PNG filter of a row
_FLATE: Final = "/FlateDecode"


@dataclass(frozen=True, slots=True)
class _Run:
    """Objects with consecutive numbers."""

    first: int
    count: int
    at: int
    """Where the run's rows begin in the section's bytes."""


class FlatSection(XRefSectionData):
    """One cross-reference section, kept as bytes; every object in it has generation 0 and none is freed."""

    def __init__(self, runs: tuple[_Run, ...], rows: bytes, widths: tuple[int, int, int] | None) -> None:
        """Args: the runs in ascending order; their rows; widths of a stream's fields, None for a table."""
        super().__init__()
        self._runs, self._rows, self._widths = runs, rows, widths
        self.explicit_refs_in_revision = _Explicit(self)  # type: ignore[assignment]  # only ``in`` is asked
        self.standard_xrefs = _Places(self, in_stream=False)  # type: ignore[assignment]  # only looked up
        self.xrefs_in_objstm = _Places(self, in_stream=True)  # type: ignore[assignment]  # only looked up

    def try_resolve(self, ref: generic.Reference | generic.IndirectObject) -> int | ObjStreamRef | None:
        """Where an object is; KeyError if this section does not say."""
        place = None if ref.generation else self.place(ref.idnum)
        if place is None:
            raise KeyError(ref)
        return place

    def higher_generation_refs(self) -> Iterator[tuple[int, int]]:
        """None: every object has generation 0."""
        return iter(())

    def place(self, number: int) -> int | ObjStreamRef | None:
        """Where an object of generation 0 is, None if the section does not have it."""
        for run in self._runs:
            if run.first <= number < run.first + run.count and number:
                return self._row(run.at, number - run.first)
        return None

    def _row(self, at: int, index: int) -> int | ObjStreamRef:
        if self._widths is None:
            start = at + index * _ROW
            return int(self._rows[start : start + 10])
        kind, place, more = self._widths
        start = at + index * (kind + place + more)
        number = int.from_bytes(self._rows[start + kind : start + kind + place], "big")
        if self._rows[start : start + kind] == b"\x01":
            return number
        return ObjStreamRef(
            number, int.from_bytes(self._rows[start + kind + place : start + kind + place + more], "big")
        )


class _Explicit:
    """The references of a section, for the question whether one is among them."""

    def __init__(self, section: FlatSection) -> None:
        self._section = section

    def __contains__(self, reference: tuple[int, int]) -> bool:
        number, generation = reference
        return not generation and self._section.place(number) is not None


class _Places:
    """The objects of one kind in a section, for pyHanko's checks of one section against another."""

    def __init__(self, section: FlatSection, *, in_stream: bool) -> None:
        self._section, self._in_stream = section, in_stream

    def __contains__(self, number: int) -> bool:
        place = self._section.place(number)
        return place is not None and isinstance(place, ObjStreamRef) is self._in_stream

    def __getitem__(self, number: int) -> Any:  # noqa: ANN401 - as in pyHanko's dictionaries
        if number not in self:
            raise KeyError(number)
        place = self._section.place(number)
        return place if self._in_stream else (0, place)


class SectionReader(XRefBuilder):
    """pyHanko's reader of sections in strict mode, quick about those in the usual form."""

    def __init__(self, handler: Any, stream: Any, data: bytes, last_startxref: int) -> None:  # noqa: ANN401
        super().__init__(handler, stream, strict=True, last_startxref=last_startxref)
        self._file = data

    def _read_xref_table(self, declared_startxref: int) -> Any:  # noqa: ANN401 - pyHanko's number or None
        start = self.stream.tell()
        found = _flat_table(self._file, start)
        if found is None:
            _require_small(self._file.find(b"trailer", start) - start, _ROW)
            return super()._read_xref_table(declared_startxref)
        section, highest, end = found
        self.stream.seek(end)
        holder: Any = generic.TrailerReference
        trailer: Any = generic.DictionaryObject.read_from_stream(self.stream, holder(self.handler))
        size = int(trailer.raw_get("/Size"))
        if highest >= size or "/XRefStm" in trailer:
            self.stream.seek(start)
            return super()._read_xref_table(declared_startxref)
        self._keep(section, size, declared_startxref, (start, end), None)
        self.trailer.add_trailer_revision(trailer)
        return _previous(trailer)

    def _read_xref_stream(self, declared_startxref: int) -> Any:  # noqa: ANN401 - pyHanko's number or None
        start = self.stream.tell()
        read: Any = self._read_xref_stream_object
        reference, stream = read()
        end = self.stream.tell()
        section = _flat_stream(stream)
        if section is None:
            _require_small(_declared(stream), 1)
            self.stream.seek(start)
            return super()._read_xref_stream(declared_startxref)
        size = int(stream.raw_get("/Size"))
        self._keep(section, size, declared_startxref, (start, end), reference)
        self.trailer.add_trailer_revision(stream)
        return _previous(stream)

    def _keep(
        self, section: FlatSection, size: int, declared: int, span: tuple[int, int], stream: generic.Reference | None
    ) -> None:
        about = XRefSectionMetaInfo(
            xref_section_type=XRefSectionType.STANDARD if stream is None else XRefSectionType.STREAM,
            size=size, declared_startxref=declared, start_location=span[0], end_location=span[1], stream_ref=stream,
        )  # fmt: skip
        self.sections.append(XRefSection(about, section))


def _require_small(octets: int, row: int) -> None:
    """What is not in the usual form has to be small: pyHanko takes some ten microseconds for an entry."""
    if octets > _SLOW_ENTRIES * row:
        raise misc.PdfReadError("the cross-references are unusual and too many to be read one by one")


def _declared(stream: Any) -> int:  # noqa: ANN401 - pyHanko's stream
    """How many entries a stream says it has: without widths they need no octets."""
    return sum(int(count) for count in list(stream.get("/Index", (0, stream.raw_get("/Size"))))[1::2])


def _previous(trailer: Any) -> Any:  # noqa: ANN401 - pyHanko's dictionary and number
    previous = trailer.get("/Prev")
    if previous is not None and not isinstance(previous, generic.NumberObject):
        message = "the place of the section before this one is no number"
        raise ValueError(message)
    return previous


def _flat_table(data: bytes, at: int) -> tuple[FlatSection, int, int] | None:
    """The table behind the word ``xref``, its highest object number, and where its trailer's dictionary begins."""
    runs: list[_Run] = []
    while (header := _HEADER.match(data, at)) is not None:
        run = _Run(int(header[1]), int(header[2]), header.end())
        at = run.at + run.count * _ROW
        if run.count > _MAX_ENTRIES or not _is_usual(data[run.at : at], run):
            return None
        runs.append(run)
    trailer = _TRAILER.match(data, at)
    if trailer is None or not runs or not _ascending(runs):
        return None
    highest = max(run.first + run.count - 1 for run in runs)
    return FlatSection(tuple(runs), data, None), highest, trailer.end()


def _is_usual(rows: bytes, run: _Run) -> bool:
    """Whether every row is one of an object in use with generation 0; object 0 heads the list of free ones."""
    if len(rows) != run.count * _ROW:
        return False
    if run.first == 0 and run.count:
        if not rows.startswith(_FREE_HEAD):
            return False
        rows = rows[_ROW:]
    count = len(rows) // _ROW
    columns = [rows[column::_ROW] for column in range(_ROW)]
    return (
        (not count or all(column.isdigit() for column in columns[:10]))
        and all(column == b"0" * count for column in columns[11:16])
        and columns[10] == columns[16] == b" " * count
        and columns[17] == b"n" * count
        and not columns[18].strip(b" \r")
        and not columns[19].strip(b"\r\n")
    )


def _ascending(runs: list[_Run]) -> bool:
    return all(one.first + one.count <= other.first for one, other in pairwise(runs))


def _flat_stream(stream: Any) -> FlatSection | None:  # noqa: ANN401 - pyHanko's stream
    """A cross-reference stream in the usual form; None if pyHanko has to look at it."""
    try:
        widths = tuple(int(number) for number in stream.raw_get("/W"))
        size = int(stream.raw_get("/Size"))
        index = [int(number) for number in stream.get("/Index", (0, size))]
    except (KeyError, TypeError, ValueError):
        return None
    if len(widths) != 3 or widths[0] != 1 or not 0 < widths[1] <= 8 or not 0 <= widths[2] <= 2 or len(index) % 2:  # noqa: PLR2004 - §7.5.8.2: type, place, generation
        return None
    width, runs, at = sum(widths), [], 0
    for first, count in zip(index[::2], index[1::2], strict=True):
        if first < 0 or not 0 <= count <= _MAX_ENTRIES:
            return None
        runs.append(_Run(first, count, at))
        at += count * width
    rows = _decoded(stream, at, width)
    if rows is None or not _ascending(runs) or not _is_usual_stream(rows, runs, widths):
        return None
    return FlatSection(tuple(runs), rows, (widths[0], widths[1], widths[2]))


def _is_usual_stream(rows: bytes, runs: list[_Run], widths: tuple[int, ...]) -> bool:
    """Whether every object is in use with generation 0 or inside a stream; object 0 may be free."""
    width = sum(widths)
    if runs and runs[0].first == 0 and runs[0].count and rows[0] == 0:
        rows = rows[width:]
    kinds = rows[::width]
    if kinds.strip(bytes((_IN_USE, _IN_STREAM))):
        return False
    generations = [rows[column::width] for column in range(width - widths[2], width)]
    return not any(
        kind == _IN_USE and value for column in generations for kind, value in zip(kinds, column, strict=True)
    )


def _decoded(stream: Any, size: int, width: int) -> bytes | None:  # noqa: ANN401 - pyHanko's stream
    """The rows of a stream that is plain or deflated, with the predictor that every writer uses, or none."""
    filters, parameters = _single(stream.get("/Filter")), _single(stream.get("/DecodeParms"))
    predictor = 1 if parameters is None else int(parameters.get("/Predictor", 1))
    has_rows = predictor >= 10  # noqa: PLR2004 - ISO 32000-2 table 10: PNG predictors begin there
    if filters not in {None, _FLATE} or (predictor != 1 and not has_rows):
        return None
    if has_rows and [int(parameters.get(key, other)) for key, other in _SHAPE] != [1, 8, width]:
        return None
    expected = size // width * (width + 1) if has_rows else size
    data = stream.encoded_data
    if filters == _FLATE:
        engine = zlib.decompressobj()
        try:
            data = engine.decompress(data, expected + 1)
        except zlib.error:
            return None
    if len(data) != expected:
        return None
    return _without_predictor(data, width) if has_rows else bytes(data)


_SHAPE: Final = (("/Colors", 1), ("/BitsPerComponent", 8), ("/Columns", 1))


def _single(value: Any) -> Any:  # noqa: ANN401 - an entry of a dictionary
    """A filter or its parameters, alone or the only one of an array."""
    if isinstance(value, generic.ArrayObject):
        return value[0].get_object() if len(value) == 1 else value
    return None if isinstance(value, generic.NullObject) else value


def _without_predictor(data: bytes, width: int) -> bytes | None:
    """Rows whose octets are differences to the row above (PNG filter "up"), or rows as they are."""
    filters = data[:: width + 1]
    if not filters.strip(b"\0"):
        return b"".join(data[at + 1 : at + 1 + width] for at in range(0, len(data), width + 1))
    if filters.strip(bytes((_UP,))):
        return None
    rows = bytearray(len(data) // (width + 1) * width)
    for column in range(width):
        rows[column::width] = bytes(map((255).__and__, accumulate(data[column + 1 :: width + 1])))
    return bytes(rows)
