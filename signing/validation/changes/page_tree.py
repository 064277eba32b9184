"""The pages of one revision: their order, and what each inherits. Knows the page tree, nothing of contents."""

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
    """Numbers of the objects between catalogue and pages, and of their lists."""

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
    stack: list[tuple[Any, tuple[Any, ...]]] = [(raw_at(view.root, "/Pages"), ())]
    while stack:
        if len(leaves) + len(stack) > MAX_PAGES:
            raise OddPageTreeError("more pages than any document has")
        item, above = stack.pop()
        number = view.number(item) or 0
        if number and _is_surely_leaf(view, number):
            leaves.append(Leaf(number=number, item=item, above=above))
            continue
        node = view.value(item)
        if not isinstance(node, generic.DictionaryObject):
            continue
        if "/Kids" not in node:
            leaves.append(Leaf(number=number, item=item, above=above))
        elif number in nodes or len(above) > MAX_DEPTH:
            raise OddPageTreeError("the page tree loops")
        else:
            nodes |= {n for n in (number, view.number(raw_at(node, "/Kids"))) if n}
            stack.extend((kid, (node, *above)) for kid in reversed(view.items(node, "/Kids")))
    return PageTree(leaves=tuple(leaves), nodes=frozenset(nodes))


def _is_surely_leaf(view: View, number: int) -> bool:
    """Whether an object has no kids, told from its text: pages are many, and most of them are never looked at.

    A node taken for a page would be compared with everything below it like any other value.
    """
    found = view.entry(number)
    return found is not None and view.objects.lacks(number, found, b"/Kids")
