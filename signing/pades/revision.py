"""Reads a document and appends one more revision: objects, cross-references, trailer; touches nothing else.

ISO 32000-2 §7.5.6. pyHanko reads and writes the objects; what it does for every document whatever is asked of it is
left out here: it rewrites document information and metadata with the machine's clock, raises the version, copies the
file, and makes objects of things that nobody looks at. What is given back is the part behind the file only.
"""

import io
import re
from typing import Any, Final

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.decode_limits import DecodeContext, DecodeLimits, DecodePurpose
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.pdf_utils.xref import XRefCache, read_object_header

from signing.pades.crossrefs import SectionReader
from signing.pades.objects import dictionary, entry, indirect
from signing.pades.page_tree import page_reference

_HEADER: Final = re.compile(rb"%PDF-(\d)\.(\d)")
_CONTAINER: Final = re.compile(rb"/Contents\s*<([0-9A-Fa-f]{512,})>")
_OBJECT: Final = re.compile(rb"(\d{1,10}) (\d{1,5}) obj")
_LONGEST_OBJECT: Final = 1024 * 1024
_MAX_DEPTH: Final = 64
_BEFORE_CONTAINER: Final = 16 * 1024
_BEHIND_CONTAINER: Final = 64 * 1024
_STREAM_READ_ERRORS: Final = (misc.PdfStreamError, misc.PdfReadError)


class RevisionReader(PdfFileReader):
    """pyHanko's strict reader, quick about cross-references, object streams and containers of signatures."""

    def __init__(self, pdf: bytes) -> None:
        """Does what pyHanko's constructor does, with another reader of cross-references.

        Raises pyHanko's errors and those of wrong types where the document cannot be read.
        """
        self.pdf = pdf
        self.stream: Any = io.BytesIO(pdf)  # shares the octets
        self.strict = True
        self._security_handler = None
        self._decode_context = DecodeContext(DecodeLimits(), input_size=len(pdf))
        self.resolved_objects = {}
        self._input_version = None
        self._historical_resolver_cache = {}
        self._embedded_signatures = None
        self._object_streams: dict[int, tuple[tuple[int, ...], int, bytes]] = {}
        header = _HEADER.match(pdf)
        if header is None:
            raise misc.PdfReadError("the file does not begin with its version")
        self._header_version = (int(header[1]), int(header[2]))
        self.stream.seek(-1, io.SEEK_END)
        self.last_startxref: Any = process_data_at_eof(self.stream)
        sections = SectionReader(self, self.stream, pdf, self.last_startxref)
        read: Any = sections.read_xrefs
        self.xrefs = XRefCache(self, read())
        self.trailer = sections.trailer
        self.has_xref_stream = sections.has_xref_stream

    def _read_object(
        self, ref: generic.Reference, marker: Any, never_decrypt: bool = False, as_metadata_stream: bool = False,  # noqa: ANN401, FBT001, FBT002 - pyHanko's signature
    ) -> Any:  # fmt: skip  # noqa: ANN401
        if isinstance(marker, int):
            signature = self._signature_dictionary(ref, marker)
            if signature is not None:
                return signature
        read: Any = super()._read_object
        return read(ref, marker, never_decrypt=never_decrypt, as_metadata_stream=as_metadata_stream)

    def _signature_dictionary(self, ref: generic.Reference, at: int) -> Any:  # noqa: ANN401 - pyHanko's dictionary
        """A signature dictionary, its container decoded at once: pyHanko does that digit by digit. None: no such."""
        key = self.pdf.find(b"/Contents", at, at + _BEFORE_CONTAINER)
        found = _CONTAINER.match(self.pdf, key) if key >= 0 else None
        if found is None:
            return None
        before, behind = self.pdf[at : found.start(1)], self.pdf[found.end(1) : found.end(1) + _BEHIND_CONTAINER]
        behind = behind.partition(b"endobj")[0]
        if b"endobj" in before or b"/ByteRange" not in before + behind:
            return None
        stream = io.BytesIO(before + behind)
        read: Any = read_object_header
        number, generation = read(stream, strict=True)
        if (number, generation) != (ref.idnum, ref.generation):
            raise misc.PdfReadError("the cross-references lead to another object")
        value = generic.read_object(stream, generic.Reference(number, generation, self))
        if not isinstance(value, generic.DictionaryObject) or value.get("/Contents") or "/Contents" not in value:
            return None  # the signature is a part of something else
        if stream.read().strip():
            return None
        digits = found[1].decode()
        make: Any = generic.ByteStringObject
        value[generic.NameObject("/Contents")] = make(bytes.fromhex(digits + "0" * (len(digits) % 2)))
        return value

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:  # noqa: ANN401 - pyHanko's object
        """An object inside an object stream, whose directory is read once (ISO 32000-2 §7.5.7)."""
        if stmnum not in self._object_streams:
            self._object_streams[stmnum] = self._directory(stmnum)
        directory, first, data = self._object_streams[stmnum]
        if not 0 <= idx < len(directory) // 2 or directory[2 * idx] != idnum:
            raise misc.PdfStrictReadError("the object is not where its stream says")
        content = io.BytesIO(data)
        content.seek(first + directory[2 * idx + 1])
        try:
            value = generic.read_object(content, generic.Reference(idnum, 0, self))
        except _STREAM_READ_ERRORS as err:
            raise misc.PdfStrictReadError("an object in an object stream cannot be read") from err
        if isinstance(value, generic.StreamObject | generic.IndirectObject):
            raise misc.PdfStrictReadError("an object stream holds what it must not hold")
        return value

    def octets(self, numbers: tuple[int, int]) -> bytes | None:
        """An object as it is written; None if its place or end cannot be told without reading it."""
        place = self.xrefs[generic.Reference(*numbers, self)]
        if isinstance(place, int):
            end = self.pdf.find(b"endobj", place, place + _LONGEST_OBJECT)
            header = _OBJECT.match(self.pdf, place)
            if end < 0 or header is None or (int(header[1]), int(header[2])) != numbers:
                return None
            return self.pdf[header.end() : end]
        if place is None:
            return None
        if place.obj_stream_id not in self._object_streams:
            self._object_streams[place.obj_stream_id] = self._directory(place.obj_stream_id)
        directory, first, data = self._object_streams[place.obj_stream_id]
        at = 2 * place.ix_in_stream
        if at >= len(directory) or directory[at] != numbers[0]:
            return None
        begin = directory[at + 1]
        end = min((other for other in directory[1::2] if other > begin), default=len(data) - first)
        return data[first + begin : first + end]

    def _directory(self, number: int) -> tuple[tuple[int, ...], int, bytes]:
        stream: Any = generic.Reference(number, 0, self).get_object()
        if not isinstance(stream, generic.StreamObject) or entry(stream, "/Type") != "/ObjStm":
            raise misc.PdfStrictReadError("no object stream is where one should be")
        data = stream.read_data(DecodePurpose.OBJECT_STREAM)
        first, count = int(stream["/First"]), int(stream["/N"])
        pairs = tuple(int(part) for part in data[:first].split()[: 2 * count])
        if len(pairs) != 2 * count:
            raise misc.PdfStrictReadError("the directory of an object stream is too short")
        return pairs, first, data


class RevisionWriter(IncrementalPdfFileWriter):
    """An incremental writer that leaves metadata and version as they are and gives what it appends."""

    output_version = (1, 0)  # never raised: PDF/A-2 §6.1.2 wants 1.n, and every reader knows signatures anyway

    def __init__(self, pdf: bytes) -> None:
        """Raises pyHanko's errors and those of wrong types where the document cannot be read."""
        self.base, self.reader = pdf, RevisionReader(pdf)
        begin: Any = super().__init__
        begin(self.reader.stream, prev=self.reader)

    def _update_meta(self) -> None:
        """Nothing: neither /Info nor /Metadata belongs to a signature."""

    def page(self, number: int) -> Any:  # noqa: ANN401 - pyHanko's reference
        """The reference of a page, negative numbers from the end; pyHanko's errors where there is none."""
        return indirect(*page_reference(self.reader, number), self)

    def find_page_for_modification(self, page_ix: int) -> tuple[Any, Any]:
        """``page``, and the resources that it has or inherits (ISO 32000-2 §7.7.3.4)."""
        reference = self.page(page_ix)
        node = reference.get_object()
        for _ in range(_MAX_DEPTH):
            if "/Resources" in node:
                return reference, node.raw_get("/Resources")
            if "/Parent" not in node:
                return reference, dictionary({})
            node = node["/Parent"]
        raise misc.PdfReadError("the page tree is too deep")

    def finish(self) -> None:
        """Has fonts and the like write what they know only at the end."""
        prepare: Any = self._prep_dom_for_writing
        prepare()

    def tail(self) -> bytes:
        """What has to stand behind the document for the objects that were added or changed; empty if none were."""
        stream = _Behind(self.base)
        self.finish()
        if not self.objects:
            return b""  # a section without objects would announce one more than there are (ISO 32000-2 §7.5.5: /Size)
        write: Any = self._write
        write(stream, skip_header=True)
        return stream.getvalue()


class _Behind(io.BytesIO):
    """A stream that counts from the beginning of the document and holds what is behind it."""

    def __init__(self, base: bytes) -> None:
        super().__init__()
        self._before = len(base)
        if not base.endswith((b"\n", b"\r")):
            self.write(b"\n")  # the first object begins on a line of its own, not behind %%EOF

    def tell(self) -> int:
        return self._before + super().tell()


def revision_writer(pdf: bytes) -> RevisionWriter:
    """A writer behind the document; raises pyHanko's errors when the document cannot be read."""
    return RevisionWriter(pdf)
