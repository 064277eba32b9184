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
_STARTXREF: Final = re.compile(rb"startxref[\0\t\n\f\r ]+(\d{1,12})")
_SECTION: Final = re.compile(rb"[\0\t\n\f\r ]{0,8}(?:xref[\0\t\n\f\r ]|\d{1,10} \d{1,5} obj)")
_OTHER_FORMATS: Final = (
    b"PK", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ", b"BZh", b"GIF8", b"\x89PNG", b"\xff\xd8\xff", b"BM",
    b"II*\0", b"MM\0*", b"RIFF", b"8BPS", b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!", b"%!",
    b"\xd0\xcf\x11\xe0", b"{\\rtf", b"ID3", b"OggS", b"\0\0\0",
)  # fmt: skip
"""How other formats begin that a person opens by a click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """Where the document lies in the file."""

    start: int
    """Where offsets count from: the header, or the first byte if the file's own cross references count from there."""

    header: int
    """Offset of the header from there."""

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
    if start and _counts_from_first_byte(data, start, end):
        # The bytes in front are inside the byte range then, and signed like the rest.
        foreign = foreign if data[:start].lstrip(_BLANK).startswith(_OTHER_FORMATS) or b"<" in data[:start] else None
        return Framing(start=0, header=start, end=end, foreign=foreign, trailing=trailing)
    return Framing(start=start, header=0, end=end, foreign=foreign, trailing=trailing)


def _counts_from_first_byte(data: bytes, start: int, end: int) -> bool:
    """Whether the last startxref leads to a section counted from the first byte, and not from the header."""
    declared = _STARTXREF.findall(data, max(0, end - HEADER_WITHIN), end)
    if not declared or _SECTION.match(data, start + int(declared[-1])) is not None:
        return False
    return _SECTION.match(data, int(declared[-1])) is not None


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
    """A part of bytes as a file that cannot be written, without a copy of them.

    Other bytes may stand for the first ones, and behind the last.
    """

    def __init__(
        self, data: bytes | memoryview, end: int | None = None, *, front: bytes = b"", tail: bytes = b""
    ) -> None:
        super().__init__()
        view = memoryview(data)[:end]
        self._parts = [part for part in (memoryview(front), view[len(front) :], memoryview(tail)) if len(part)]
        self._size = sum(map(len, self._parts))
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
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("a position in front of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]  # any buffer
        """Fills a buffer as far as there are bytes."""
        begin, done = 0, 0
        for part in self._parts:
            if begin <= self._at < begin + len(part) and done < len(buffer):
                piece = part[self._at - begin : self._at - begin + len(buffer) - done]
                buffer[done : done + len(piece)] = piece
                done += len(piece)
                self._at += len(piece)
            begin += len(part)
        return done
