"""Whether what a form field shows is what it says: the text of an appearance stream held against the value.

Decodes strings with the fonts of the appearance: ToUnicode maps, and simple fonts with a Latin encoding. What cannot be
decoded is not guessed. Knows content streams and fonts, nothing of revisions but the one it looks at.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.amounts import is_same_amount
from signing.validation.changes.objects import View, raw_at
from signing.validation.reading import READ_ERRORS

MAX_CONTENT_BYTES: Final = 512 * 1024
_TOKEN: Final = re.compile(
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|<[0-9A-Fa-f\s]*>|/[^\s/<>\[\]()%{}]+|%[^\r\n]*|[A-Za-z'\"*]+[0-9]?",
    re.DOTALL,
)
_SHOWING: Final = frozenset({b"Tj", b"TJ", b"'", b'"'})
_FOREIGN: Final = frozenset({b"Do", b"BI", b"sh"})
"""Operators that paint what is no text: an appearance with them shows more than its value."""

_LATIN: Final = frozenset({"/WinAnsiEncoding", "/PDFDocEncoding", "/StandardEncoding", "/MacRomanEncoding"})
_OF_SIGNS: Final = ("Symbol", "ZapfDingbats")
"""Standard fonts without Latin letters, whatever encoding they are given (ISO 32000-2 annexes D.5, D.6)."""

_ESCAPE: Final = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPED: Final = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}
_BFCHAR: Final = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_BFRANGE: Final = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_EVERYDAY: Final = ("/Helvetica", "/Times", "/Courier", "/Arial")
_ASCII: Final = bytes(range(48, 123))
_MAX_RANGE: Final = 65_536

_Decoder = Callable[[bytes], str | None]


class Agreement(StrEnum):
    """How appearance and value stand to each other."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNREADABLE = "unreadable"


def shown_text(view: View, appearance: Any, fonts: Any) -> str | Agreement:  # noqa: ANN401 - pyHanko's objects
    """The text that an appearance stream shows, without blanks; how it stands to any value if that cannot be told.

    Args:
        view: the revision.
        appearance: the stream.
        fonts: the form's own fonts, for appearances without resources.
    """
    content = content_of(view, appearance)
    if content is None:
        return Agreement.UNREADABLE
    own = view.dictionary(view.dictionary(appearance, "/Resources"), "/Font")
    pieces: list[str] = []
    for operator, font, strings in _shown(content):
        if operator in _FOREIGN:
            return Agreement.DIFFERS
        decode = _decoder(view, view.get(own if font in own else fonts, font))
        for string in strings:
            text = decode(string)
            if text is None:
                return Agreement.UNREADABLE
            pieces.append(text)
    return bare("".join(pieces))


def agreement(shown: str, value: str) -> Agreement:
    """Whether a text without blanks shows a value and nothing else."""
    wanted = bare(value)
    return Agreement.AGREES if shown == wanted or is_same_amount(shown, wanted) else Agreement.DIFFERS


def content_of(view: View, stream: Any) -> bytes | None:  # noqa: ANN401 - pyHanko's stream
    """The decoded content of a stream; None if it is no stream, too large or not decodable."""
    stream = view.value(stream)
    if not isinstance(stream, generic.StreamObject):
        return None
    try:
        data = bytes(stream.read_data())
    except READ_ERRORS:
        return None
    return data if len(data) <= MAX_CONTENT_BYTES else None


def is_one_sign(view: View, stream: Any) -> bool:  # noqa: ANN401 - pyHanko's stream
    """Whether an appearance is one sign of the font of signs: how every program ticks a box."""
    content = content_of(view, stream)
    if content is None:
        return False
    fonts = view.dictionary(view.dictionary(stream, "/Resources"), "/Font")
    shown = list(_shown(content))
    if len(shown) != 1 or shown[0][0] in _FOREIGN or [len(s) for s in shown[0][2]] != [1]:
        return False
    return bool(view.get(view.get(fonts, shown[0][1]), "/BaseFont") == "/ZapfDingbats")


def is_everyday_font(view: View, font: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether a font is one that readers take anyway where none is found: Latin, of every reader's own set."""
    if not isinstance(font, generic.DictionaryObject) or raw_at(font, "/FontDescriptor") is not None:
        return False
    name = str(view.get(font, "/BaseFont"))
    return name == "/ZapfDingbats" or (name.startswith(_EVERYDAY) and _decoder(view, font)(_ASCII) == _ASCII.decode())


def names_in(content: bytes) -> set[str]:
    """The names that a content stream uses."""
    return {token.decode("latin-1") for token in _TOKEN.findall(content) if token[:1] == b"/"}


def operators(content: bytes) -> set[bytes]:
    """The operators of a content stream (and perhaps words that are none)."""
    return {token for token in _TOKEN.findall(content) if token[:1].isalpha() or token in _SHOWING}


def _shown(content: bytes) -> Iterator[tuple[bytes, str, list[bytes]]]:
    """Each operator that shows text or paints something foreign, with its font and strings."""
    font, last, strings = "", "", list[bytes]()
    for match in _TOKEN.finditer(content):
        token = match[0]
        if token[:1] in b"(<":
            strings.append(_string(token))
        elif token[:1] == b"/":
            last = token.decode("latin-1")
        elif token[:1] != b"%":
            if token == b"Tf":
                font = last
            elif token in _SHOWING or token in _FOREIGN:
                yield token, font, strings
            strings = []


def _string(token: bytes) -> bytes:
    if token[:1] == b"<":
        digits = b"".join(token[1:-1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return _ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code[:1].isdigit():
        return bytes([int(code, 8) & 0xFF])
    return _ESCAPED.get(code, code)


def _decoder(view: View, font: Any) -> _Decoder:  # noqa: ANN401 - pyHanko's dictionary
    if not isinstance(font, generic.DictionaryObject):
        return lambda _: None
    if view.get(font, "/Subtype") == "/Type3":
        return lambda _: None  # glyphs that are drawings show whatever they like
    to_unicode = view.get(font, "/ToUnicode")
    if to_unicode is not None:
        return _mapped(content_of(view, to_unicode) or b"", 2 if view.get(font, "/Subtype") == "/Type0" else 1)
    encoding = view.get(font, "/Encoding")
    if view.get(font, "/Subtype") == "/Type0" or isinstance(encoding, generic.StreamObject):
        return lambda _: None
    if str(view.get(font, "/BaseFont")).rpartition("+")[2].lstrip("/").startswith(_OF_SIGNS):
        return lambda _: None
    if isinstance(encoding, generic.DictionaryObject):
        plain = not view.items(encoding, "/Differences") or _differs_as_pdf_doc(view, encoding)
        return _latin if plain else lambda _: None
    if encoding is None:
        embedded = raw_at(font, "/FontDescriptor") is not None
        return (lambda _: None) if embedded else _latin
    return _latin if str(encoding) in _LATIN else lambda _: None


def _differs_as_pdf_doc(view: View, encoding: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionary
    """Whether the differences are Acrobat's PDFDocEncoding: nothing below the upper half is exchanged."""
    code = 0
    for item in view.items(encoding, "/Differences"):
        if isinstance(item, generic.NumberObject):
            code = int(item)
        else:
            if 32 < code < 127 and str(item) not in {"/quotesingle", "/grave"}:  # noqa: PLR2004 - printable ASCII
                return False
            code += 1
    return True


def _latin(data: bytes) -> str | None:
    return data.decode("cp1252", errors="replace")


def _mapped(cmap: bytes, width: int) -> _Decoder:
    """A ToUnicode map as a decoder."""
    table: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in _BFCHAR.findall(block):
            table[int(code, 16)] = _utf16(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in _BFRANGE.findall(block):
            begin, end, start = int(first, 16), int(last, 16), _utf16(text)
            for code in range(begin, min(end, begin + _MAX_RANGE) + 1):
                table[code] = start[:-1] + chr(min(ord(start[-1]) + code - begin, 0x10FFFF)) if start else ""

    def decode(data: bytes) -> str | None:
        codes = [int.from_bytes(data[i : i + width]) for i in range(0, len(data), width)]
        return None if any(code not in table for code in codes) else "".join(table[code] for code in codes)

    return decode


def _utf16(digits: bytes) -> str:
    return bytes.fromhex((b"0" * (len(digits) % 2) + digits).decode()).decode("utf-16-be", errors="replace")


def bare(text: str) -> str:
    """A text without its blanks; a letter with its marks is the same in one sign or in several (UAX 15)."""
    return unicodedata.normalize("NFC", "".join(text.split()))
