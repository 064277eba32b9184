"""The pages of one revision: their order, and what each inherits. Knows the page tree, nothing of contents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.objects import View, raw_at
from signing.validation.reading import MAX_DEPTH

MAX_PAGES: Final = 50_000
INHERITED: Final = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
"""ISO 32000-2 table 31: attributes that a page takes from the nodes above it."""


class OddPageTreeError(ValueError):
    """The page tree loops, or is larger than any document's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One page."""

    number: int
    """Of its object; 0 if it stands inside its parent, which no writer does."""

    item: Any
    """The reference (or the value) in its parent's list."""

    above: tuple[Any, ...]
    """The nodes above it, the nearest first."""

    parent: int
    """Number of the node right above it; 0 if that has none."""

    def value(self, view: View) -> Any:  # noqa: ANN401 - pyHanko's dictionary
        """The page as a revision sees it."""
        return view.value(self.item)

    def holder(self, view: View, key: str) -> Any:  # noqa: ANN401 - pyHanko's dictionary
        """Where the value of an attribute stands that a page may inherit."""
        page = self.value(view)
        return next((node for node in (page, *self.above) if view.get(node, key) is not None), page)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTree:
    """The pages of one revision in their order."""

    leaves: tuple[Leaf, ...]
    nodes: frozenset[int]
    """Numbers of the objects between catalogue and pages, of their lists, and of what is missing there."""

    declared: Mapping[int, tuple[Any, int]]
    """What nodes (by number) say: how many pages they have; who is above them, if that is somebody else (0: true)."""

    strange: Mapping[int, int]
    """How many entries of a node's list (by its number) are neither a page nor a node (ISO 32000-2 table 30)."""

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers of the pages."""
        return tuple(leaf.number for leaf in self.leaves)


def page_tree(view: View) -> PageTree:
    """The page tree of a revision.

    Raises:
        OddPageTreeError: a loop, or too many nodes.
    """
    leaves: list[Leaf] = []
    nodes: set[int] = set()
    declared: dict[int, tuple[Any, int]] = {}
    strange: dict[int, int] = {}
    stack: list[tuple[Any, tuple[Any, ...], int]] = [(raw_at(view.root, "/Pages"), (), 0)]
    while stack:
        if len(leaves) + len(stack) > MAX_PAGES:
            raise OddPageTreeError("more pages than any document has")
        item, above, parent = stack.pop()
        number = view.number(item) or 0
        is_leaf = bool(number) and _is_surely_leaf(view, number)
        node = None if is_leaf else view.value(item)
        if is_leaf or (isinstance(node, generic.DictionaryObject) and "/Kids" not in node):
            leaves.append(Leaf(number=number, item=item, above=above, parent=parent))
        elif not isinstance(node, generic.DictionaryObject):
            nodes.add(number)
            strange[parent] = strange.get(parent, 0) + 1
        elif number in nodes or len(above) > MAX_DEPTH:
            raise OddPageTreeError("the page tree loops")
        else:
            nodes |= {n for n in (number, view.number(raw_at(node, "/Kids"))) if n}
            said = view.number(raw_at(node, "/Parent")) or 0
            declared[number] = view.get(node, "/Count"), 0 if said == parent else said
            stack.extend((kid, (node, *above), number) for kid in reversed(view.items(node, "/Kids")))
    return PageTree(leaves=tuple(leaves), nodes=frozenset(nodes), declared=declared, strange=strange)


def _is_surely_leaf(view: View, number: int) -> bool:
    """Whether an object has no kids, told from its text: pages are many, and most of them are never looked at.

    A node taken for a page would be compared with everything below it like any other value.
    """
    found = view.entry(number)
    return found is not None and view.objects.lacks(number, found, b"/Kids")
