"""The first reader: pyHanko's, with bounds, and with each object stream taken apart only once.

pyHanko looks an object of a stream up by walking the stream's whole directory each time; a stream with many objects
would cost their number squared. It also corrects small faults quietly; QPDF beside it says so. Knows pyHanko only.
"""

import io
import re
from typing import Any, Final

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import read_object_header

from signing.validation.geometry import MAX_CONTENTS_BYTES
from signing.validation.reading import READ_ERRORS

_MIB: Final = 1024 * 1024
MAX_XREF_BYTES: Final = 4 * _MIB  # a cross-reference stream of 600,000 objects
MAX_OBJECT_STREAM_BYTES: Final = 16 * _MIB
MAX_REVISIONS_READ: Final = 2_500
LIMITS: Final = DecodeLimits(
    per_purpose={
        **DEFAULT_PURPOSE_LIMITS,
        DecodePurpose.XREF_STREAM: StreamDecodeLimits(max_output_size=MAX_XREF_BYTES),
        DecodePurpose.OBJECT_STREAM: StreamDecodeLimits(max_ratio=200, max_output_size=MAX_OBJECT_STREAM_BYTES),
    }
)  # fmt: skip


_HEAD: Final = 8 * 1024
_LONG: Final = 8 * _MIB
_SHORT: Final = 64  # digits
_CONTAINER: Final = re.compile(rb"/Contents[\0\t\n\f\r ]{0,16}<(?=[0-9A-Fa-f]{512})")
_DIGITS: Final = re.compile(rb"([0-9A-Fa-f]+)>")
_NOTHING: Final = re.compile(rb"(?<![\d.+-])0{1,10}[\0\t\n\f\r ]{1,4}\d{1,5}[\0\t\n\f\r ]{1,4}R(?=[\0\t\n\f\r />\]])")
_NAME: Final = re.compile(rb"/[^\0\t\n\f\r /<>\[\](){}%]*[^\x21-\x7e\0\t\n\f\r ][^\0\t\n\f\r /<>\[\](){}%]*")
_ESCAPED: Final = re.compile(rb"[^\x21-\x7e]")


def _escape(match: re.Match[bytes]) -> bytes:
    return b"#%02X" % match[0][0]


class _Views:
    """The file as a stream whose long reads are views: a stream of 300 MB is not held a second time."""

    def __init__(self, data: bytes) -> None:
        self._view, self._at = memoryview(data), 0

    def read(self, size: int = -1) -> bytes | memoryview:
        """The next bytes; a view if they are many."""
        end = len(self._view) if size < 0 else min(len(self._view), self._at + size)
        found = self._view[self._at : end]
        self._at = max(self._at, end)
        return found if len(found) > _LONG else bytes(found)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """The new place."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        if start + offset < 0:
            raise ValueError("a place before the file")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at


class PrimaryReader(PdfFileReader):
    """pyHanko's reader of a file that may be hostile."""

    def __init__(self, stream: Any, data: bytes | None = None) -> None:  # noqa: ANN401 - any binary stream
        """A stream; if it is a whole file in memory, that too: long objects are then read without a copy."""
        self._data = data
        self._directories: dict[int, tuple[Any, dict[int, int], io.BytesIO]] = {}
        self.ends: dict[int, int] = {}
        """Where the objects end that were read, by their offsets."""

        super().__init__(stream, strict=False, decode_limits=LIMITS)

    def _read_object(self, ref: Any, marker: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - pyHanko's
        if not isinstance(marker, int):
            return super()._read_object(ref, marker, *args, **more)
        if self._data is not None and self._data.find(b"endobj", marker, marker + _LONG) < 0:
            source, self.stream = self.stream, _Views(self._data)
            try:
                return super()._read_object(ref, marker, *args, **more)
            finally:
                self.stream = source
        found = None if "/Encrypt" in self.trailer else self._with_short_container(ref, marker)
        if found is None:
            try:
                found = super()._read_object(ref, marker, *args, **more)
            except misc.PdfReadError:
                found = self._respelled(ref, marker)
                if found is None:
                    raise
            else:
                self.ends[marker] = self.stream.tell()
        return found

    def _with_short_container(self, ref: Any, marker: int) -> Any:  # noqa: ANN401 - pyHanko's
        """A signature dictionary, its long container decoded at once; None if the object looks otherwise.

        pyHanko reads a hexadecimal string digit by digit, 13 ms for an ordinary container. It gets the first digits
        only; if it did not find exactly those under /Contents, the object is read in the ordinary way.
        """
        head = self._bytes_at(marker, _HEAD)
        opening = _CONTAINER.search(head)
        if opening is None:
            return None
        start = opening.end()
        digits = _DIGITS.match(self._bytes_at(marker + start, 2 * MAX_CONTENTS_BYTES))
        if digits is None or len(digits[1]) % 2:
            return None
        short, rest = digits[1][:_SHORT], marker + start + digits.end()
        data = head[:start] + short + b">" + self._bytes_at(rest, _HEAD)
        found, end = self._parsed(ref, data)
        if found is None or getattr(found.get("/Contents"), "original_bytes", None) != bytes.fromhex(short.decode()):
            return None
        found["/Contents"] = generic.ByteStringObject(bytes.fromhex(digits[1].decode()))
        self.ends[marker] = rest + end - start - len(short) - 1
        return found

    def _respelled(self, ref: Any, marker: int) -> Any:  # noqa: ANN401 - pyHanko's
        """An object that pyHanko refuses for a spelling that other readers accept; None if it is refused for more.

        A reference to object 0 is null (ISO 32000-2 §7.3.10), and a name may hold any octets (§7.3.5).
        """
        data = self._bytes_at(marker, _HEAD)
        data = data[: data.find(b"endobj") + len(b"endobj")]
        plain = _NOTHING.sub(lambda match: b"null".ljust(len(match[0])), data)
        found, _ = self._parsed(ref, _NAME.sub(lambda match: _ESCAPED.sub(_escape, match[0]), plain))
        if found is not None:
            self.ends[marker] = marker + len(data)
        return found

    def _parsed(self, ref: Any, data: bytes) -> tuple[Any, int]:  # noqa: ANN401 - pyHanko's
        """The dictionary that is written there as an object of this number, and where it ends; None if it is none."""
        source = io.BytesIO(data)
        try:
            header = read_object_header(source, strict=False)  # type: ignore[no-untyped-call]  # pyHanko
            found = generic.read_object(source, generic.Reference(ref.idnum, ref.generation, self))
        except READ_ERRORS:
            return None, 0
        is_it = header == (ref.idnum, ref.generation) and type(found) is generic.DictionaryObject
        return (found, source.tell()) if is_it else (None, 0)

    def _bytes_at(self, offset: int, count: int) -> bytes:
        self.stream.seek(offset)
        return bytes(self.stream.read(count))

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:  # noqa: ANN401 - a PDF object
        """One object of an object stream (ISO 32000-2 §7.5.7); null if the stream does not have it."""
        offsets, data = self._directory(stmnum)
        offset = offsets.get(idnum)
        if offset is None or idx < 0:
            return generic.NullObject()
        data.seek(offset)
        try:
            return generic.read_object(data, generic.Reference(idnum, 0, self))
        except (misc.PdfStreamError, misc.PdfReadError):
            return generic.NullObject()

    def _directory(self, number: int) -> tuple[dict[int, int], io.BytesIO]:
        """Where the objects of a stream begin, by their numbers; the first of two counts."""
        stream = generic.Reference(number, 0, self).get_object()
        known = self._directories.get(number)
        if known is not None and known[0] is stream:
            return known[1], known[2]
        if not isinstance(stream, generic.StreamObject) or stream["/Type"] != "/ObjStm":
            raise misc.PdfReadError("an object is said to be in a stream that holds none")
        data, first, count = stream.read_data(DecodePurpose.OBJECT_STREAM), int(stream["/First"]), int(stream["/N"])
        numbers = [int(word) for word in data[:first].split()[: 2 * count]]
        offsets: dict[int, int] = {}
        for place in range(0, len(numbers) - 1, 2):
            offsets.setdefault(numbers[place], first + numbers[place + 1])
        self._directories[number] = (stream, offsets, io.BytesIO(data))
        return offsets, self._directories[number][2]
