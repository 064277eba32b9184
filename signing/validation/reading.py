"""How pyHanko's values are read when nothing about a file can be relied on.

Every access may raise, and may lead anywhere: missing, null, unreadable and looping things become defaults here. Knows
pyHanko's objects, nothing about signatures.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic, misc

MAX_FIELDS: Final = 5_000
MAX_DEPTH: Final = 32
_MAX_ITEMS: Final = 100_000  # of one array; a flat page tree of 50,000 pages
_MAX_PAGE_NODES: Final = 100_000  # more pages than any document has; stops loops

READ_ERRORS: Final = (
    misc.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, RecursionError,
    OverflowError, NotImplementedError, EOFError, ArithmeticError, struct.error, zlib.error,
)  # fmt: skip
"""What pyHanko raises on crafted or odd files (measured: 29 of 310 public files)."""


def get(holder: Any, key: str, default: Any = None) -> Any:  # noqa: ANN401 - pyHanko's objects
    """The value under a key with references followed; the default if it is missing, null or unreadable."""
    try:
        value = holder[key]
    except READ_ERRORS:
        return default
    return default if value is None or isinstance(value, generic.NullObject) else value


def raw(holder: Any, key: str) -> Any:  # noqa: ANN401 - pyHanko's objects
    """The value under a key as it stands there, references not followed; None if there is none."""
    try:
        return holder.raw_get(key)
    except READ_ERRORS:
        return None


def followed(item: Any) -> Any:  # noqa: ANN401 - pyHanko's objects
    """What a reference leads to; None if that cannot be read."""
    try:
        return item.get_object()
    except READ_ERRORS:
        return None


def array_items(array: Any) -> Iterator[Any]:  # noqa: ANN401 - pyHanko's arrays
    """The entries of an array as they are (references are not followed), a bounded number; nothing for other values."""
    if not isinstance(array, generic.ArrayObject):
        return
    for index in range(min(len(array), _MAX_ITEMS)):
        yield array.raw_get(index)


def page_nodes(root: Any) -> Iterator[Any]:  # noqa: ANN401 - pyHanko's catalogue
    """The pages of a catalogue in their order."""
    stack = [(get(root, "/Pages", {}), 0)]
    seen = 0
    while stack and seen < _MAX_PAGE_NODES:
        node, depth = stack.pop()
        seen += 1
        kids = get(node, "/Kids")
        if kids is None:
            yield node
        elif depth < MAX_DEPTH:
            stack.extend((followed(kid), depth + 1) for kid in reversed(list(array_items(kids))))
