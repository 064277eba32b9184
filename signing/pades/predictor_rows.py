"""Does a document have rows of a predictor so long that a reader fills its memory before it reads one?

QPDF makes room for a row twice before it decodes (up to 8 GB) while it opens a file: for cross-reference and object
streams. Looked for in the octets, because nothing may be opened before. Knows names and numbers (ISO 32000-2 §7.3,
table 8). Must not know what a document is signed for.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.pades.refusals import DocumentEncrypted
from signing.pades.revision import revision_writer
from signing.validation.reading import READ_ERRORS

MAX_SAMPLES: Final = 10_000_000
_MAX_REFERENCES: Final = 1_000
_ROW_WORDS: Final = (b"/Columns", b"/Colors")
_PARAMETERS: Final = b"/DecodeParms"
_GAP: Final = rb"(?:[\s\0]|%[^\r\n]*[\r\n])"
_REFERENCE: Final = re.compile(rb"(\d{1,10})" + _GAP + rb"+(\d{1,5})" + _GAP + rb"+R")
_LONG_ROW: Final = re.compile(rb"/\w+" + _GAP + rb"*\+?0*(?:[1-9]\d{7}|\d+" + _GAP + rb"+\d+" + _GAP + rb"+R)")
"""As many samples or more, or as many as another object says."""
_ELSEWHERE: Final = re.compile(rb"/\w+" + _GAP + rb"*(\[[^\]]{0,4096}|" + _REFERENCE.pattern + rb")")
_LETTER: Final = re.compile(rb"#(?:4[34]|50|6[1-9a-f]|7[235])", re.IGNORECASE)
"""One of their letters as §7.3.5 lets a name hide it."""
_LONGEST_HIDDEN: Final = 3 * len(_PARAMETERS)
_NAME: Final = re.compile(rb"/(?:[^\s\0/<>()\[\]{}%#]|#[0-9a-f]{2}){1,24}", re.IGNORECASE)


def has_long_rows(pdf: bytes) -> bool:
    """Whether a predictor's rows are longer than any document has, or their length is written so that nobody sees it.

    Where the parameters of a filter are an object of their own, which may lie packed, that object is read: by pyHanko,
    which makes no room beforehand. Parameters that it cannot read are none that a document has.

    Raises:
        DocumentEncrypted: met on the way, and no such object can be read.
    """
    if any(_LONG_ROW.match(pdf, at) for word in _ROW_WORDS for at in _places(pdf, word)):
        return True
    hidden = (_name_around(pdf, letter.start()) for letter in _LETTER.finditer(pdf))
    if any(name in (*_ROW_WORDS, _PARAMETERS) for name in hidden):
        return True
    elsewhere = {(int(number), int(version)) for number, version in _elsewhere(pdf)}
    return len(elsewhere) > _MAX_REFERENCES or (bool(elsewhere) and _any_is_long(pdf, elsewhere))


def _places(pdf: bytes, word: bytes) -> Iterator[int]:
    at = pdf.find(word)
    while at >= 0:
        yield at
        at = pdf.find(word, at + len(word))


def _name_around(pdf: bytes, at: int) -> bytes:
    """The name that a hidden letter stands in, with its letters shown; empty if it stands in none."""
    start = pdf.rfind(b"/", max(at - _LONGEST_HIDDEN, 0), at)
    name = _NAME.match(pdf, start) if start >= 0 else None
    return b"" if name is None else re.sub(rb"#(..)", lambda letter: bytes.fromhex(letter[1].decode()), name[0])


def _elsewhere(pdf: bytes) -> Iterator[tuple[bytes, bytes]]:
    for at in _places(pdf, _PARAMETERS):
        if found := _ELSEWHERE.match(pdf, at):
            yield from _REFERENCE.findall(found[1])


def _any_is_long(pdf: bytes, references: set[tuple[int, int]]) -> bool:
    try:
        reader: Any = revision_writer(pdf).prev
        if reader.encrypted:
            raise DocumentEncrypted("the document is encrypted")
        return any(_is_long(reader, number, version) for number, version in references)
    except READ_ERRORS:
        return True


def _is_long(reader: Any, number: int, version: int) -> bool:  # noqa: ANN401 - pyHanko's reader
    value = reader.get_object(generic.Reference(number, version, reader))
    if not isinstance(value, dict):
        return False
    return any(int(value.get(word.decode(), 0)) >= MAX_SAMPLES for word in _ROW_WORDS)
