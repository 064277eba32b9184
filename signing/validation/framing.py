"""What stands around a PDF in the bytes of a file: in front of its header and behind its last end-of-file marker.

ISO 32000-2 §7.5.2: offsets count from the percent sign of the header, so what stands in front is no part of the
document and of no signature. Blanks are harmless there. Anything else may begin another format (an archive
begins with a file name, a web page with any text), and a program that looks at it first shows something that nobody
signed. Knows bytes, no objects.
"""

import io
import re
from dataclasses import dataclass
from typing import Final

HEADER_WITHIN: Final = 1024  # ISO 32000-1 annex H, note 13: where readers look for the header
_END_WITHIN: Final = 1000  # bytes from the end in which both readers look for the last marker
_HEADER: Final = re.compile(rb"%PDF-\d\.\d")
_BLANK: Final = b"\0\t\n\f\r \xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Where the document lies in the file."""

    start: int
    """Offset of the header."""

    end: int
    """First byte behind what the readers get; more than blanks may follow only if ``trailing`` says so."""

    foreign: str | None
    """What makes the file something else, too."""

    trailing: bool
    """Something stands so far behind the last end-of-file marker that a reader would not find that marker."""


def framing(data: bytes) -> Framing | None:
    """Finds the document in a file; None if there is no header where readers look for one."""
    header = _HEADER.search(data, 0, HEADER_WITHIN + 8)
    if header is None:
        return None
    start = header.start()
    end = _last_byte(data)
    trailing = False
    if data.rfind(b"%%EOF", max(start, end - _END_WITHIN), end) < 0:
        marker = data.rfind(b"%%EOF", start, end)
        if marker >= 0:
            end, trailing = marker + len(b"%%EOF"), True
    foreign = "something stands in front of the document" if data[:start].strip(_BLANK) else None
    return Framing(start=start, end=end, foreign=foreign, trailing=trailing)


def _last_byte(data: bytes) -> int:
    """First of the blanks at the end."""
    end = len(data)
    while end:
        begin = max(0, end - 65_536)
        kept = len(data[begin:end].rstrip(b"\0\t\n\f\r "))
        if kept:
            return begin + kept
        end = begin
    return 0


class Window(io.RawIOBase):
    """A part of bytes as a file that cannot be written, without a copy of them."""

    def __init__(self, data: bytes | memoryview, end: int | None = None, *, start: int = 0) -> None:
        super().__init__()
        self._view = memoryview(data)[start:end]
        self._at = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read anywhere."""
        return True

    def tell(self) -> int:
        """The position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to another position.

        Raises:
            ValueError: in front of the beginning.
        """
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._view)}[whence]
        if base + offset < 0:
            raise ValueError("a position in front of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]  # any buffer
        """Fills a buffer as far as there are bytes."""
        part = self._view[self._at : self._at + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)
