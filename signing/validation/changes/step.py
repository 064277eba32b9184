"""One step from a revision to the next: everything that happened, whatever any signer permitted.

The catalogue is walked key by key; each key has a rule, and a key without one must mean the same. What no rule reaches
is used by nothing: objects written again, left-overs, entries that free what nobody used. ISO 32000-2 §12.8.2.2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.annotations import FormWidgets
from signing.validation.changes.findings import HIDE, HIDE_AND_REPLACE, PERMITTED, forbidden
from signing.validation.changes.forms import FormComparison
from signing.validation.changes.metadata import metadata
from signing.validation.changes.objects import Objects, raw_at
from signing.validation.changes.outcome import Finding
from signing.validation.changes.page_tree import PageTree, page_tree
from signing.validation.changes.pages import Covers, PageComparison
from signing.validation.changes.pairing import Pair
from signing.validation.changes.references import References
from signing.validation.changes.rewriting import same_as_written
from signing.validation.changes.structure_tree import is_grown_element, structure
from signing.validation.overlays import Area
from signing.validation.reading import READ_ERRORS

_OWN_RULES: Final = frozenset({
    "/AcroForm", "/DSS", "/Extensions", "/MarkInfo", "/Metadata", "/Pages", "/Perms", "/StructTreeRoot", "/Version",
})  # fmt: skip
_HARMLESS: Final = frozenset({"/PieceInfo", "/Type"})
_DATA: Final = frozenset({"/Data"})
_PARENT: Final = frozenset({"/P"})
_STRUCTURE: Final = frozenset({"/K", "/P"})
_HIDING: Final = frozenset({"/OCProperties"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened between two revisions."""

    findings: tuple[Finding, ...]
    areas: tuple[tuple[int, Area], ...] = ()
    """Pages (by index) and places where annotations and fields came, or may show something else."""


@dataclass(slots=True)
class Steps:
    """The steps of one document; the tree of pages is walked again only where it changed."""

    objects: Objects
    references: References
    _trees: dict[int, PageTree]

    @classmethod
    def of(cls, objects: Objects, pdf: bytes) -> "Steps":
        """The steps of a file."""
        return cls(objects, References(objects, pdf), {})

    def step(self, revision: int, covers: Covers) -> Step:
        """Compares a revision (from 0) with the next.

        Raises:
            READ_ERRORS: something that has to be compared cannot be read.
        """
        pair, old_tree, new_tree = self._pair(revision)
        form = FormComparison(pair)
        form.compare()
        widgets = FormWidgets(kept=frozenset(form.kept), told=frozenset(form.added | form.signing))
        areas: set[tuple[int, Area]] = set()
        pages = PageComparison(pair=pair, old=old_tree, new=new_tree, form=widgets, covers=covers, areas=areas)
        found = [*_document(pair), *form.findings, *pages.findings(), *metadata(pair)]
        found.extend(structure(pair))
        return Step(findings=tuple(dict.fromkeys(found)), areas=tuple(areas))

    def tree(self, revision: int) -> PageTree:
        """The pages of a revision."""
        if revision not in self._trees:
            before = self._trees.get(revision - 1)
            touched = self.objects.touched(revision)
            if before is not None and not before.nodes & touched and _same_top(self.objects, revision):
                self._trees[revision] = before
            else:
                self._trees[revision] = page_tree(self.objects.view(revision))
        return self._trees[revision]

    def _pair(self, revision: int) -> tuple[Pair, PageTree, PageTree]:
        old_tree, new_tree = self.tree(revision), self.tree(revision + 1)
        pages = frozenset(old_tree.order) & frozenset(new_tree.order)
        pair = Pair(old=self.objects.view(revision), new=self.objects.view(revision + 1), pages=pages)
        settled = {number for number in pair.touched if _is_settled(pair, self.references, number)}
        pair.find_dirty(self.references, settled, self._placed(pair))
        return pair, old_tree, new_tree

    def _placed(self, pair: Pair) -> set[int]:
        """Catalogue and structure tree: compared in their own place, if they are used for nothing else.

        Signatures name the catalogue (/Data), structure elements their parent (/P); neither takes a value from there.
        """
        found = set()
        for view in (pair.old, pair.new):
            root, tree = view.number(raw_at(view.trailer, "/Root")), view.number(raw_at(view.root, "/StructTreeRoot"))
            if root is not None and self.references.only_under(view, root, _DATA):
                found.add(root)
            if tree is not None and self.references.only_under(view, tree, _PARENT, but={root}):
                found.add(tree)
        return found


def _same_top(objects: Objects, revision: int) -> bool:
    tops = [raw_at(objects.view(r).root, "/Pages") for r in (revision - 1, revision)]
    return same_as_written(*tops) and isinstance(tops[0], generic.IndirectObject)


def _is_settled(pair: Pair, references: References, number: int) -> bool:
    """Whether a touched object certainly means what it meant, whoever uses it."""
    if (pair.old.entry(number) is None) != (pair.new.entry(number) is None):
        return False
    try:
        old, new = pair.old.object(number), pair.new.object(number)
    except READ_ERRORS:
        return False
    if same_as_written(old, new):
        return True
    return is_grown_element(old, new) and all(
        references.only_under(view, number, _STRUCTURE) for view in (pair.old, pair.new)
    )


def _document(pair: Pair) -> Iterator[Finding]:
    """Trailer and catalogue."""
    old, new = pair.old.root, pair.new.root
    if not isinstance(new, generic.DictionaryObject) or not new:
        yield forbidden("content_changed", HIDE)
        return
    if not pair.same_at(pair.old.trailer, pair.new.trailer, "/Encrypt"):
        yield forbidden("content_changed")
    was, now = (view.number(raw_at(view.trailer, "/Root")) for view in (pair.old, pair.new))
    prepared = was != now and now is not None and not pair.is_new(now)
    for key in pair.differing(old, new, _OWN_RULES | _HARMLESS):
        yield forbidden("catalogue", HIDE if key in _HIDING else HIDE_AND_REPLACE if prepared else None)
    if not pair.same_at(old, new, "/DSS"):
        # EN 319 142-1 §5.4: validation data comes, grows and is written anew; what it is worth is judged elsewhere
        yield PERMITTED["validation_data"]
    if not pair.same_at(old, new, "/Perms") and not _is_first_certification(pair):
        yield forbidden("certification_changed")
    if set(pair.touched):
        yield PERMITTED["rewritten"]


def _is_first_certification(pair: Pair) -> bool:
    """Whether the later revision certifies a document that was not certified, and changes no other permission."""
    before, after = pair.old.dictionary(pair.old.root, "/Perms"), pair.new.dictionary(pair.new.root, "/Perms")
    changed = pair.differing(before, after)
    if changed == ["/UR3"]:  # usage rights of one reader; they permit nothing to a signer
        return True
    number = pair.new.number(raw_at(after, "/DocMDP"))
    return changed == ["/DocMDP"] and "/DocMDP" not in before and number is not None and number in pair.touched
