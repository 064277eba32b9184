"""The second reader: QPDF, which repairs what is broken, and says so.

Gives the objects of a file as plain values, where each one lies, and which warnings mean that the structure was
repaired. Knows QPDF only.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

import pikepdf

from signing.validation.reading import READ_ERRORS

QPDF_ERRORS: Final = (
    pikepdf.PdfError, pikepdf.PasswordError, pikepdf.DataDecodingError, pikepdf.ForeignObjectError, RuntimeError,
    *READ_ERRORS,
)  # fmt: skip
_STRUCTURE: Final = re.compile(
    r"file is damaged|reconstruct|recovered trailer|loop detected following xref|error reading xref|xref not found"
    r"|unable to find|can't find startxref|expected n n obj|object stream \d+ has wrong type"
)
"""Warnings of a repair that concerns every object: another reader repairs in another way and shows something else.

Left out on purpose, because good files have them: a missing "endobj", superfluous white space, loops in the outline,
unknown tokens read as null. What they may do to an object shows where the objects themselves are compared.
"""
_LENGTH: Final = re.compile(
    r"\(object (\d+) (\d+), offset \d+\): (?:attempting to recover stream length|recovered stream)"
)
_PLUS: Final = re.compile(rb'^(\s*(?:"(?:[^"\\]|\\.)*": )?)\+(\.?)(?=\d)', re.MULTILINE)
"""A real number with a plus sign (ISO 32000-2 §7.3.3: +123.6), which QPDF copies and JSON does not have."""

_OBJECT: Final = re.compile(r"\(object (\d+) (\d+), offset \d+\): (?!expected endobj)")
_BEHIND: Final = re.compile(r"\(object (\d+) (\d+), offset (\d+)\): expected endobj")
MAX_WARNINGS: Final = 10_000

Position = tuple[int, int] | int
"""The offset of an object, or the number of its object stream and its place there."""


class SecondReader:
    """QPDF on one file or on its beginning."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self.document = document
        self._told: list[str] = []
        self._positions: dict[tuple[int, int], Position] | None = None

    @property
    def root(self) -> tuple[int, int]:
        """Number and generation of the catalogue."""
        return self.document.Root.objgen

    @property
    def positions(self) -> dict[tuple[int, int], Position]:
        """Where each object lies."""
        if self._positions is None:
            self._positions = {}
            for key, entry in self.document.get_xref_table().items():
                if entry.offset is not None:
                    self._positions[key] = entry.offset
                elif entry.obj_stream_number is not None and entry.obj_stream_index is not None:
                    self._positions[key] = (entry.obj_stream_number, entry.obj_stream_index)
        return self._positions

    def place(self, key: tuple[int, int]) -> tuple[Position | None, Position | None]:
        """Where an object lies, and where the stream lies that it is in."""
        own = self.positions.get(key)
        return own, self.positions.get((own[0], 0)) if isinstance(own, tuple) else None

    def value(self, key: tuple[int, int]) -> tuple[Any, int]:
        """An object as plain values, references inside as text, and about how many they are; None if it is null."""
        try:
            found = self.document.get_object(*key)
            if isinstance(found, pikepdf.Stream):
                found = found.stream_dict
            if not isinstance(found, pikepdf.Object):
                return found, 1
            text = found.to_json(dereference=True, schema_version=2)
            text = _PLUS.sub(lambda sign: sign[1] + (b"0." if sign[2] else b""), text)
            return json.loads(text, parse_float=Decimal), text.count(b"\n")  # one value a line
        except QPDF_ERRORS:
            return None, 1

    def stored(self, key: tuple[int, int], limit: int) -> bytes | None:
        """The data of a stream as stored, filters not undone; None if it is none, or larger than the limit."""
        try:
            found = self.document.get_object(*key)
            if not isinstance(found, pikepdf.Stream) or int(found.stream_dict.get("/Length", 0)) > limit:
                return None
            return found.read_raw_bytes()
        except QPDF_ERRORS:
            return None

    def stream_size(self, key: tuple[int, int]) -> int | None:
        """The /Length that a stream states; None if it is no stream."""
        try:
            found = self.document.get_object(*key)
            return int(found.stream_dict.get("/Length", 0)) if isinstance(found, pikepdf.Stream) else None
        except QPDF_ERRORS:
            return None

    @property
    def is_repaired(self) -> bool:
        """Whether the structure of the file had to be repaired, as far as it was read."""
        warnings = self._warnings()
        return len(warnings) >= MAX_WARNINGS or any(_STRUCTURE.search(warning) for warning in warnings)

    @property
    def warned(self) -> frozenset[tuple[int, int]]:
        """Objects that QPDF found something wrong with."""
        found = (_OBJECT.search(warning) for warning in self._warnings())
        return frozenset((int(match[1]), int(match[2])) for match in found if match)

    @property
    def unclosed(self) -> dict[tuple[int, int], int]:
        """Objects behind whose value something else stands than their end; where that begins."""
        found = (_BEHIND.search(warning) for warning in self._warnings())
        return {(int(match[1]), int(match[2])): int(match[3]) for match in found if match}

    @property
    def mended_streams(self) -> frozenset[tuple[int, int]]:
        """Streams whose end is elsewhere than they say."""
        found = (_LENGTH.search(warning) for warning in self._warnings())
        return frozenset((int(match[1]), int(match[2])) for match in found if match)

    def _warnings(self) -> list[str]:
        """Every warning so far; QPDF tells each only once."""
        fresh = self.document.get_warnings()[: MAX_WARNINGS - len(self._told)]
        self._told.extend(str(warning) for warning in fresh)
        return self._told


@contextmanager
def second_reader(source: io.IOBase, *, key: bytes | None = None) -> Iterator[SecondReader]:
    """QPDF on a file; the file key opens an encrypted one.

    Raises:
        pikepdf.PdfError, pikepdf.PasswordError: QPDF cannot read it.
    """
    lock: dict[str, Any] = {"password": key.hex(), "hex_password": True} if key else {}
    with pikepdf.open(source, suppress_warnings=True, inherit_page_attributes=False, **lock) as document:  # type: ignore[arg-type]  # any binary stream
        yield SecondReader(document)
