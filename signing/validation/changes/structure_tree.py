"""The logical structure of a document after a signature: signing and commenting may add to it.

ISO 32000-2 §14.7. Structure is not painted, so growth is harmless; an element that says something else about the signed
content (another text for readers of the page, another role, another owner of what is on the page) is told, because it
is what is read aloud and what machines read. Knows structure elements in two revisions.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.findings import PERMITTED, STRUCTURE_CHANGED
from signing.validation.changes.objects import View, raw_at
from signing.validation.changes.outcome import Finding
from signing.validation.changes.pairing import Pair
from signing.validation.changes.rewriting import same_as_written
from signing.validation.reading import MAX_DEPTH

_ELEMENT: Final = frozenset({
    "/Type", "/S", "/P", "/ID", "/Ref", "/Pg", "/K", "/A", "/C", "/R", "/T", "/Lang", "/Alt", "/E", "/ActualText",
    "/AF", "/NS", "/PhoneticAlphabet", "/Phoneme",
})  # fmt: skip
_GROWING: Final = frozenset({"/ParentTree", "/ParentTreeNextKey", "/IDTree", "/Type", "/K"})
_KEPT: Final = _ELEMENT - {"/K", "/P", "/Type"}
MAX_PARENTS: Final = 100_000
_MAPS: Final = frozenset({"/RoleMap", "/ClassMap"})
_STANDARD: Final = frozenset({
    "/Document", "/DocumentFragment", "/Part", "/Art", "/Sect", "/Div", "/Aside", "/BlockQuote", "/Caption", "/TOC",
    "/TOCI", "/Index", "/NonStruct", "/Private", "/P", "/H", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6", "/Title", "/Sub",
    "/L", "/LI", "/Lbl", "/LBody", "/Table", "/TR", "/TH", "/TD", "/THead", "/TBody", "/TFoot", "/Span", "/Em",
    "/Strong", "/Quote", "/Note", "/FENote", "/Reference", "/BibEntry", "/Code", "/Link", "/Annot", "/Ruby", "/RB",
    "/RT", "/RP", "/Warichu", "/WT", "/WP", "/Figure", "/Formula", "/Form", "/Artifact",
})  # fmt: skip
"""ISO 32000-2 §14.8.4: types that mean something by themselves; a role that they get later is another one."""


def is_grown_element(old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    """Whether a structure element is what it was, with more below it.

    Where the object is an element and nothing else; the caller knows who names it.
    """
    if not _is_element(old) or not _is_element(new) or not {*old, *new} <= _ELEMENT:
        return False
    if any(not same_as_written(raw_at(old, key), raw_at(new, key)) for key in _ELEMENT - {"/K"}):
        return False
    return _has_grown(_as_list(raw_at(old, "/K")), _as_list(raw_at(new, "/K")))


def structure(pair: Pair) -> Iterator[Finding]:
    """What happened to the structure tree and its elements."""
    old, new = (view.dictionary(view.root, "/StructTreeRoot") for view in (pair.old, pair.new))
    if not old and not new:
        return
    if not pair.same_at(pair.old.root, pair.new.root, "/MarkInfo") and old:
        yield STRUCTURE_CHANGED
    if old and not new:
        yield STRUCTURE_CHANGED
        return
    if (old and _root_changed(pair, old, new)) or _parents_changed(pair, old, new):
        yield STRUCTURE_CHANGED
    if any(_is_told(pair, number) for number in pair.unsettled | pair.beside):
        yield STRUCTURE_CHANGED
    if any(_claims(pair, number) for number in pair.touched | pair.beside):
        yield STRUCTURE_CHANGED
    if pair.differing(old, new):
        yield PERMITTED["structure"]


def _root_changed(pair: Pair, old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionaries
    changed = set(pair.differing(old, new, _GROWING))
    added = _added_parts(pair, old, new)
    if (added is None or any(_is_taken(pair, part) for part in added)) and not pair.same_at(old, new, "/K"):
        return True
    for key in _MAPS & changed:
        mine, theirs = pair.old.dictionary(old, key), pair.new.dictionary(new, key)
        is_redefined = key == "/RoleMap" and not _STANDARD.isdisjoint(theirs.keys() - mine.keys())
        if all(pair.same_at(mine, theirs, name) for name in mine) and not is_redefined:
            changed.discard(key)
    return bool(changed)


def _is_told(pair: Pair, number: int) -> bool:
    """Whether an element that was there says something else now."""
    old, new = pair.old.object(number), pair.new.object(number)
    if not _is_element(old):
        return False
    if not _is_element(new) or any(not pair.same_at(old, new, key) for key in ({*old, *new} - _ELEMENT) | _KEPT):
        return True
    return _added_parts(pair, old, new) is None


def _claims(pair: Pair, number: int) -> bool:
    """Whether an element has got marked content of a page, or another element, that was there before."""
    old, new = pair.old.object(number), pair.new.object(number)
    if not isinstance(new, generic.DictionaryObject) or "/S" not in new or "/K" not in new:
        return False
    added = _added_parts(pair, old if _is_element(old) else {}, new)
    return added is not None and any(_is_taken(pair, part) for part in added)


def _is_taken(pair: Pair, part: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    """Whether something below an element is content that was signed without it (ISO 32000-2 §14.7.5)."""
    number, value = pair.new.number(part), pair.new.value(part)
    if isinstance(value, generic.DictionaryObject):
        if "/MCID" in value:
            stream = pair.new.number(raw_at(value, "/Stm"))  # a face that came with it may be owned by it
            return stream is None or not pair.is_new(stream)
        return pair.new.get(value, "/Type") != "/OBJR" and (number is None or not pair.is_new(number))
    return value is not None


def _parents_changed(pair: Pair, old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's dictionaries
    """Whether signed content has another element, or an earlier element more content, by the tree of parents."""
    if pair.same_at(old, new, "/ParentTree"):
        return False
    before, after = _parents(pair.old, raw_at(old, "/ParentTree")), _parents(pair.new, raw_at(new, "/ParentTree"))
    for key in after.keys() - before.keys():
        value = pair.new.value(after[key])
        if isinstance(value, generic.ArrayObject) and any(_is_taken(pair, part) for part in list.__iter__(value)):
            return True
    return any(not _is_kept(pair, value, after.get(key)) for key, value in before.items())


def _is_kept(pair: Pair, old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    if same_as_written(old, new) and pair.old.number(old) not in pair.unsettled:
        return True
    before, after = pair.old.value(old), pair.new.value(new)
    if not isinstance(before, generic.ArrayObject) or not isinstance(after, generic.ArrayObject):
        return before is None or pair.old.number(old) == pair.new.number(new) is not None
    return len(before) <= len(after) and all(
        same_as_written(a, b) for a, b in zip(list.__iter__(before), list.__iter__(after), strict=False)
    )


def _parents(view: View, tree: Any) -> Mapping[int, Any]:  # noqa: ANN401 - pyHanko's objects
    """The entries of a tree of parents by their keys.

    Raises:
        ValueError: it loops, or is larger than any document's; the caller's answer is then "unknown".
    """
    found: dict[int, Any] = {}
    stack = [(tree, 0)]
    while stack:
        node, depth = stack.pop()
        value = view.value(node)
        numbers = view.items(value, "/Nums")
        for key, item in zip(numbers[::2], numbers[1::2], strict=False):
            if isinstance(name := view.value(key), int):
                found[int(name)] = item
        if depth > MAX_DEPTH or len(found) + len(stack) > MAX_PARENTS:
            raise ValueError("more parents than any document has")
        stack.extend((kid, depth + 1) for kid in view.items(value, "/Kids"))
    return found


def _is_element(value: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    return (
        isinstance(value, generic.DictionaryObject)
        and not isinstance(value, generic.StreamObject)
        and "/S" in value
        and "/P" in value
    )


def _added_parts(pair: Pair, old: Any, new: Any) -> list[Any] | None:  # noqa: ANN401 - pyHanko's dictionaries
    """What came below an element; None if something went or changed its place."""
    before, after = _parts(pair.old, old), _parts(pair.new, new)
    if not _has_grown(before, after):
        return None
    rest = iter(before)
    part = next(rest, None)
    added = []
    for other in after:
        if part is not None and same_as_written(part, other):
            part = next(rest, None)
        else:
            added.append(other)
    return added


def _parts(view: View, holder: Any) -> list[Any]:  # noqa: ANN401 - pyHanko's dictionary
    kids = view.get(holder, "/K")
    return _as_list(kids if isinstance(kids, generic.ArrayObject) else raw_at(holder, "/K"))


def _as_list(kids: Any) -> list[Any]:  # noqa: ANN401 - pyHanko's objects
    if kids is None:
        return []
    return list(list.__iter__(kids)) if isinstance(kids, generic.ArrayObject) else [kids]


def _has_grown(old: list[Any], new: list[Any]) -> bool:
    """Whether the later list has the parts of the earlier one in their order, and perhaps more."""
    rest = iter(new)
    return all(any(same_as_written(part, other) for other in rest) for part in old)
