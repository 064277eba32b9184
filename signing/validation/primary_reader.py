"""The first reader: pyHanko's, with bounds, and with each object stream taken apart only once.

pyHanko looks an object of a stream up by walking the stream's whole directory each time; a stream with many objects
would cost their number squared. It also corrects small faults quietly; QPDF beside it says so. Knows pyHanko only.
"""

import io
from typing import Any, Final

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.decode_limits import (
    DEFAULT_PURPOSE_LIMITS,
    DecodeLimits,
    DecodePurpose,
    StreamDecodeLimits,
)
from pyhanko.pdf_utils.reader import PdfFileReader

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


class PrimaryReader(PdfFileReader):
    """pyHanko's reader of a file that may be hostile."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - any binary stream
        self._directories: dict[int, tuple[Any, dict[int, int], io.BytesIO]] = {}
        self.ends: dict[int, int] = {}
        """Where the objects end that were read, by their offsets."""

        super().__init__(stream, strict=False, decode_limits=LIMITS)

    def _read_object(self, ref: Any, marker: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - pyHanko's
        found = super()._read_object(ref, marker, *args, **more)  # type: ignore[no-untyped-call]  # pyHanko
        if isinstance(marker, int):
            self.ends[marker] = self.stream.tell()
        return found

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
