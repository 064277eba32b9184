"""Finds one page of a document without making an object of every other one.

ISO 32000-2 §7.7.3. A flat page tree of thousands is one array of references, which pyHanko reads one by one; here its
octets are read as they stand, and pyHanko is asked only where they are written in an unusual way.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pyhanko.pdf_utils import generic, misc

from signing.pades.objects import entry

_KIDS: Final = re.compile(rb"/Kids\s*\[([\d\sR]*)\]")
_COUNT: Final = re.compile(rb"/Count\s+(\d{1,9})(?![\d.])(?!\s+\d+\s+R)")
_MAX_DEPTH: Final = 64

Numbers = tuple[int, int]
"""Of an object: number and generation."""


class ObjectOctets(Protocol):
    """A reader of pyHanko's that also gives objects as they are written."""

    @property
    def root(self) -> generic.DictionaryObject:
        """The catalogue."""

    def octets(self, numbers: Numbers) -> bytes | None:
        """An object as it is written; None if that cannot be told."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A node of the page tree; a page has no kids."""

    count: int
    kids: tuple[bytes, ...] | tuple[Numbers, ...] | None
    """As octets 'number generation R …' or as numbers."""

    def __len__(self) -> int:
        if not self.kids:
            return 0
        return len(self.kids) // 3 if isinstance(self.kids[0], bytes) else len(self.kids)

    def kid(self, index: int) -> Numbers:
        """The numbers of a kid."""
        kids: Any = self.kids
        if isinstance(kids[0], bytes):
            return int(kids[3 * index]), int(kids[3 * index + 1])
        number, generation = kids[index]
        return number, generation


def page_reference(reader: ObjectOctets, page: int) -> Numbers:
    """The object of a page, negative numbers from the end.

    A node with as many kids as pages has nothing but pages below it. Raises pyHanko's errors where there is no such
    page or the tree cannot be followed.
    """
    root = reader.root.raw_get("/Pages")
    if not isinstance(root, generic.IndirectObject):
        raise misc.PdfReadError("the page tree is no object of its own")
    at: Numbers = (root.idnum, root.generation)
    node = _node(reader, at)
    left = page + node.count if page < 0 else page
    if node.kids is None or not 0 <= left < node.count:
        raise misc.PdfReadError("the document has no such page")
    for _ in range(_MAX_DEPTH):
        if node.kids is None:
            return at
        at, left = _kid_with(reader, node, left)
        node = _node(reader, at)
    raise misc.PdfReadError("the page tree is too deep")


def _kid_with(reader: ObjectOctets, node: _Node, left: int) -> tuple[Numbers, int]:
    """The kid that holds the page, and the page's number within it."""
    if len(node) == node.count:
        return node.kid(left), 0
    for index in range(len(node)):
        at = node.kid(index)
        below = _node(reader, at)
        if left < below.count:
            return at, left
        left -= below.count
    raise misc.PdfReadError("the page tree has fewer pages than it says")


def _node(reader: ObjectOctets, at: Numbers) -> _Node:
    octets = reader.octets(at)
    if octets is not None and b"(" not in octets and b"%" not in octets:
        kids, counts = _KIDS.findall(octets), _COUNT.findall(octets)
        if len(kids) == len(counts) == octets.count(b"/Kids") == octets.count(b"/Count") == 1:
            numbers = kids[0].split()
            if len(numbers) % 3 == 0 and numbers[2::3] == [b"R"] * (len(numbers) // 3):
                return _Node(int(counts[0]), tuple(numbers))
        elif b"/Kids" not in octets and b"#" not in octets:
            return _Node(1, None)
    return _read(reader, at)


def _read(reader: ObjectOctets, at: Numbers) -> _Node:
    """The same by pyHanko."""
    handler: Any = reader
    node: Any = generic.Reference(*at, handler).get_object()
    kids = entry(node, "/Kids")
    if kids is None:
        return _Node(1, None)
    references = [kid for kid in kids if isinstance(kid, generic.IndirectObject)]
    if len(references) != len(kids):
        raise misc.PdfReadError("a page is no object of its own")
    return _Node(int(node["/Count"]), tuple((kid.idnum, kid.generation) for kid in references))
