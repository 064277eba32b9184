"""Does a document have rows of a predictor so long that a reader fills its memory before it reads one?

QPDF makes room for a row twice before it decodes (up to 8 GB) while it opens a file: for cross-reference and object
streams. Looked for in the octets, because nothing may be opened before. Knows names and numbers (ISO 32000-2 §7.3,
table 8). Must not know what a document is signed for.

What no writer of documents writes is not understood but refused: comments between a key and its value, letters hidden
in a key, strings and arrays among the parameters. Every pattern takes time linear in the file.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.pades.refusals import DocumentEncrypted
from signing.pades.revision import revision_writer
from signing.validation.reading import READ_ERRORS

_COLUMN_DIGITS: Final = 7
_COLOR_DIGITS: Final = 3
"""Numbers of so many digits are too many: a row below has at most 10^6 × 100 samples of two octets (table 8)."""
_MAX_PLACES: Final = 300_000
"""Of parameters in other objects: a file has 5,000 pages at most."""
_MAX_OBJECTS: Final = 10_000
_REFERENCE_DIGITS: Final = 20
_REST: Final = rb"[\s\0]++[+-]?+(\d++)[\s\0]++R"
"""What makes a number a reference; QPDF takes signs and any zeros for a part of both numbers."""


def _too_many(key: bytes, digits: int) -> re.Pattern[bytes]:
    """The key with so many samples or more, with as many as another object says, or with a comment there."""
    number = rb"[\s\0]*+[+-]?+0*+(?:[1-9]\d{%d}|\d*+%b)" % (digits - 1, _REST)
    return re.compile(rb"%b(?:[\s\0\d+-]*+%%|%b)" % (key, number))


def _hidden(key: bytes) -> bytes:
    """The key with each letter as it is or as §7.3.5 lets a name hide it."""
    return b"".join(rb"(?:%c|#(?i:%02x))" % (letter, letter) for letter in key)


_LONG_ROWS: Final = (_too_many(b"/Columns", _COLUMN_DIGITS), _too_many(b"/Colors", _COLOR_DIGITS))
_SAMPLES: Final = ((b"/Columns", 10 ** (_COLUMN_DIGITS - 1)), (b"/Colors", 10 ** (_COLOR_DIGITS - 1)))
_HIDDEN_KEY: Final = re.compile(
    rb"/(?=[A-Za-z]{0,10}#)(?:%b)" % b"|".join(map(_hidden, (b"Columns", b"Colors", b"DecodeParms")))
)
_UNREADABLE: Final = re.compile(rb"/DecodeParms(?:[\s\0\d+-]*+%|[\s\0]*+\[(?![^\[\]()%]*+\]))")
_ELSEWHERE: Final = re.compile(rb"/DecodeParms[\s\0]*+(?:\[([^\[\]]*+)|([+-]?+\d++%b))" % _REST)
_REFERENCE: Final = re.compile(rb"(\d++)%b" % _REST)


def has_long_rows(pdf: bytes) -> bool:
    """Whether a predictor's rows are longer than any document has, or their length is written so that nobody sees it.

    Where the parameters of a filter are an object of their own, which may lie packed, that object is read: by pyHanko,
    which makes no room beforehand. Parameters that it cannot read are none that a document has.

    Raises:
        DocumentEncrypted: met on the way, and no such object can be read.
    """
    if any(pattern.search(pdf) for pattern in (*_LONG_ROWS, _HIDDEN_KEY, _UNREADABLE)):
        return True
    found = list(islice(_elsewhere(pdf), _MAX_PLACES + 1))
    objects = set(found)
    if len(found) > _MAX_PLACES or len(objects) > _MAX_OBJECTS:
        return True
    return bool(objects) and _any_is_long(pdf, objects)


def _elsewhere(pdf: bytes) -> Iterator[tuple[int, int]]:
    """The objects in which parameters stand."""
    for place in _ELSEWHERE.finditer(pdf):
        for number, version in _REFERENCE.findall(place[1] or place[2] or b""):
            yield int(number[-_REFERENCE_DIGITS:]), int(version[-_REFERENCE_DIGITS:])


def _any_is_long(pdf: bytes, references: set[tuple[int, int]]) -> bool:
    try:
        reader: Any = revision_writer(pdf).prev
        if reader.encrypted:
            raise DocumentEncrypted("the document is encrypted")
        values = (generic.Reference(*one, reader).get_object() for one in references)
        return any(_is_long(parameters) for value in values for parameters in _each(value))
    except READ_ERRORS:
        return True


def _each(value: object) -> Iterator[object]:
    """Parameters of one filter or, in an array, of several; no reader looks for them deeper (§7.3.8.2, table 5)."""
    if isinstance(value, generic.ArrayObject):
        yield from (value[at] for at in range(len(value)))
    else:
        yield value


def _is_long(parameters: object) -> bool:
    return isinstance(parameters, generic.DictionaryObject) and any(
        not 0 < int(parameters.get(key.decode(), 1)) < limit for key, limit in _SAMPLES
    )
