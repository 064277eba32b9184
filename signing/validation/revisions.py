"""Where the revisions of a file begin and end, byte by byte: nothing may stand between them or behind the last.

ISO 32000-2 §7.5.6: an update is appended to the file as it was, and ends with its own startxref and end-of-file marker.
White space and comments mean nothing (§7.2.4); everything else outside of what cross-reference sections name is seen by
no strict reader and by every reader that repairs files. Knows pyHanko's cross-reference sections, no objects' meaning.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.reader import PdfFileReader

_COMMENT: Final = rb"%(?!%EOF|PDF-)(?:(?!\bobj\b)[^\r\n])*(?:[\r\n]|\Z)"
_NOTHING: Final = re.compile(rb"(?:[\0\t\n\f\r ]|" + _COMMENT + rb")*")
_CLOSING: Final = re.compile(rb"startxref[\0\t\n\f\r ]+(\d{1,12})[\0\t\n\f\r ]+%%EOF")
_BEHIND_STREAM: Final = re.compile(rb"(?:[\0\t\n\f\r ]|endobj|" + _COMMENT + rb")*\Z")
_TRAILER: Final = re.compile(rb"[\0\t\n\f\r ]*(?:trailer)?[\0\t\n\f\r ]*(?=<<)")
_HEADER: Final = re.compile(rb"(?<!\d)\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+obj\b")
_BEFORE_KEYWORD: Final = re.compile(rb"(?<!\d)\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+\Z")
_LONGEST_HEADER: Final = 200
_GLANCE: Final = 4096  # bytes in which the dictionary of an object stream ends
_ENTRY_TYPES: Final = frozenset({0, 1, 2})  # §7.5.8.3, table 18
MAX_TRAILER_BYTES: Final = 64 * 1024


def signed_revision(pdf: bytes, reader: PdfFileReader, end: int) -> int | None:
    """The newest revision (from 0) of what a signature covers; None if its end is not the end of a revision.

    The first revision of a linearised file has two cross-reference sections; both lie in front of its end.
    """
    sections = [reader.xrefs.get_xref_container_info(n) for n in range(reader.xrefs.total_revisions)]
    inside = [section.end_location <= end for section in sections]
    revision = sum(inside) - 1
    if revision < 0 or not all(inside[: revision + 1]) or any(s.start_location < end for s in sections[revision + 1 :]):
        return None
    covered = pdf[max(0, end - MAX_TRAILER_BYTES) : end].rstrip(b"\0\t\n\f\r ")
    if not covered.endswith(b"%%EOF"):
        return None
    # ISO 32000-2 §7.5.5: the last startxref of the covered part must be the one that the reader follows
    declared = covered[covered.rfind(b"startxref") + 9 : -5].split()
    if len(declared) != 1 or not declared[0].isdigit():
        return None
    meant = {reader.xrefs.get_startxref_for_revision(revision), _begin(pdf, sections[revision])}
    return revision if {int(declared[0]), _skipped(pdf, int(declared[0]))} & meant else None


@dataclass(slots=True)
class Boundaries:
    """The ends of the revisions of one file, each looked at once."""

    pdf: bytes
    reader: PdfFileReader
    _known: dict[tuple[int, int], tuple[str | None, int]] = field(default_factory=dict)

    def fault(self, *, signed: int, signed_end: int) -> str | None:
        """What stands behind the signed revision (from 0) without belonging to a later one; None: nothing."""
        end = signed_end
        for number in range(signed + 1, self.reader.xrefs.total_revisions):
            begin = _skipped(self.pdf, end)
            if (number, begin) not in self._known:
                self._known[number, begin] = self._revision(number, begin)
            fault, end = self._known[number, begin]
            if fault is not None:
                return fault
        return None if _skipped(self.pdf, end) == len(self.pdf) else "bytes_behind_last_revision"

    def _revision(self, number: int, begin: int) -> tuple[str | None, int]:
        """What is wrong with a revision that should begin at an offset, and where it ends."""
        pdf, reader = self.pdf, self.reader
        section = reader.xrefs.get_xref_container_info(number)
        offsets = sorted({_skipped(pdf, offset) for offset in _offsets(reader, number) if offset < len(pdf)})
        if begin != _begin(pdf, section) and begin not in offsets:
            return f"bytes_before_revision_{number + 1}", begin
        if _hidden_object(pdf, reader, number, [o for o in offsets if begin <= o < section.end_location]):
            return f"object_hidden_in_revision_{number + 1}", begin
        closing = _CLOSING.search(pdf, section.end_location, section.end_location + MAX_TRAILER_BYTES)
        if closing is None or not _means(pdf, reader, number, int(closing[1])):
            return f"end_of_revision_{number + 1}", begin
        between = pdf[section.end_location : closing.start()]
        is_stream = reader.xrefs.get_xref_data(number).hybrid is None and section.stream_ref is not None
        is_plain = _BEHIND_STREAM.match(between) is not None if is_stream else _is_one_trailer(between, reader)
        if not is_plain or _has_unknown_entries(reader, number):
            return f"end_of_revision_{number + 1}", begin
        return None, closing.end()


def _means(pdf: bytes, reader: PdfFileReader, number: int, declared: int) -> bool:
    """Whether a startxref leads to a section, white space in front of it apart."""
    section = reader.xrefs.get_xref_container_info(number)
    meant = {reader.xrefs.get_startxref_for_revision(number), _begin(pdf, section)}
    return bool({declared, _skipped(pdf, declared)} & meant)


def _is_one_trailer(between: bytes, reader: PdfFileReader) -> bool:
    """Whether one dictionary stands behind a table (§7.5.5): of two, readers take either."""
    start = _TRAILER.match(between)
    if start is None:
        return False
    stream = io.BytesIO(between + b"startxref")
    stream.seek(start.end())
    generic.read_object(stream, generic.TrailerReference(reader))  # type: ignore[no-untyped-call]  # pyHanko's
    return _skipped(between, stream.tell()) == len(between)


def _has_unknown_entries(reader: PdfFileReader, number: int) -> bool:
    """Whether a cross-reference stream has entries of a type that there is not.

    §7.5.8.3: they stand for null. pyHanko and QPDF pass over them and keep the object, others read nothing at all.
    """
    hybrid = reader.xrefs.get_xref_data(number).hybrid
    section = reader.xrefs.get_xref_container_info(number) if hybrid is None else hybrid.meta_info
    if section.stream_ref is None:
        return False
    stream = reader.get_object(section.stream_ref, revision=number)  # type: ignore[no-untyped-call]  # pyHanko's
    if not isinstance(stream, generic.StreamObject):
        return False
    widths, data = [int(width) for width in stream["/W"]], bytes(stream.data)
    if not widths[0]:  # every entry is of type 1
        return False
    return any(int.from_bytes(data[at : at + widths[0]]) not in _ENTRY_TYPES for at in range(0, len(data), sum(widths)))


def _skipped(pdf: bytes, offset: int) -> int:
    """The first byte from an offset on that means anything."""
    found = _NOTHING.match(pdf, offset)
    return offset if found is None else found.end()


def _begin(pdf: bytes, section: Any) -> int:  # noqa: ANN401 - pyHanko's section
    """The first byte of a section; for a table pyHanko gives the byte behind its keyword."""
    start = int(section.start_location)
    return (
        pdf.rfind(b"xref", max(0, start - 8), start) if section.stream_ref is None or _is_table(pdf, start) else start
    )


def _is_table(pdf: bytes, start: int) -> bool:
    return b"xref" in pdf[max(0, start - 5) : start]


def _offsets(reader: PdfFileReader, number: int) -> set[int]:
    """Where the objects of one revision begin."""
    data = reader.xrefs.get_xref_data(number)
    found = {offset for _, offset in data.standard_xrefs.values()}
    if data.hybrid is not None:
        found |= {offset for _, offset in data.hybrid.xref_data.standard_xrefs.values()}
        found.add(data.hybrid.meta_info.start_location)
    return found


def _hidden_object(pdf: bytes, reader: PdfFileReader, number: int, offsets: list[int]) -> bool:
    """Whether an object stands in a revision that its cross-reference section does not name.

    Readers that repair a file take it for the newest version of that object (incremental saving attack).
    """
    section = reader.xrefs.get_xref_container_info(number)
    ends = [*offsets[1:], max(_begin(pdf, section), offsets[-1])] if offsets else []
    for begin, end in zip(offsets, ends, strict=True):
        later = [at for at in _headers(pdf, begin, end) if at != begin]
        if later and later[-1] >= _end_of_object(pdf, reader, begin):
            return True
    return _hidden_member(pdf, reader, number)


def _hidden_member(pdf: bytes, reader: PdfFileReader, number: int) -> bool:
    """Whether an object stream of a revision holds an object that the revision does not name there (§7.5.7)."""
    data = reader.xrefs.get_xref_data(number)
    sections = [data, *([] if data.hybrid is None else [data.hybrid.xref_data])]
    named = {(n, place.obj_stream_id) for one in sections for n, place in one.xrefs_in_objstm.items()}
    for one in sections:
        for stream, (generation, offset) in one.standard_xrefs.items():
            text = pdf[offset : max(offset, pdf.find(b"stream", offset, offset + _GLANCE))]
            if b"/ObjStm" not in text and b"#" not in text:
                continue
            held = reader.get_object(generic.Reference(stream, generation, reader), revision=number)  # type: ignore[no-untyped-call]  # pyHanko's
            if isinstance(held, generic.StreamObject) and any((n, stream) not in named for n in _members(held)):
                return True
    return False


def _members(held: generic.StreamObject) -> list[int]:
    """The numbers of the objects in an object stream; none if it is another stream."""
    if held.get("/Type") != "/ObjStm":
        return []
    pairs = bytes(held.read_data(DecodePurpose.OBJECT_STREAM))[: int(held["/First"])].split()
    return [int(word) for word in pairs[: 2 * int(held["/N"]) : 2]]


def _headers(pdf: bytes, begin: int, end: int) -> Iterator[int]:
    """Where something stands that looks like the beginning of an object."""
    keyword = pdf.find(b"obj", begin, end)
    while keyword >= 0:
        found = _BEFORE_KEYWORD.search(pdf, max(begin, keyword - _LONGEST_HEADER), keyword)
        if found is not None:
            yield found.start()
        keyword = pdf.find(b"obj", keyword + 3, end)


def _end_of_object(pdf: bytes, reader: PdfFileReader, begin: int) -> int:
    """The first byte behind an object, its data included."""
    header = _HEADER.match(pdf, begin)
    if header is None:
        return begin
    words = header[0].split()
    stream = reader.stream
    stream.seek(_skipped(pdf, header.end()))
    generic.read_object(stream, generic.Reference(int(words[0]), int(words[1]), reader))
    return int(stream.tell())
