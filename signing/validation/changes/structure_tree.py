"""The logical structure of a document after a signature: signing and commenting may add to it.

ISO 32000-2 §14.7. Structure is not painted, so growth is harmless; an element that says something else about the signed
content (another text for readers of the page, another role) is told. Knows structure elements in two revisions.
"""

from collections.abc import Iterator
from typing import Any, Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.findings import PERMITTED, STRUCTURE_CHANGED
from signing.validation.changes.objects import raw_at
from signing.validation.changes.outcome import Finding
from signing.validation.changes.pairing import Pair
from signing.validation.changes.rewriting import same_as_written

_ELEMENT: Final = frozenset({
    "/Type", "/S", "/P", "/ID", "/Ref", "/Pg", "/K", "/A", "/C", "/R", "/T", "/Lang", "/Alt", "/E", "/ActualText",
    "/AF", "/NS", "/PhoneticAlphabet", "/Phoneme",
})  # fmt: skip
_GROWING: Final = frozenset({"/ParentTree", "/ParentTreeNextKey", "/IDTree", "/Type", "/K"})
_MAPS: Final = frozenset({"/RoleMap", "/ClassMap"})


def is_grown_element(old: Any, new: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    """Whether a structure element is what it was, with more below it.

    Where the object is an element and nothing else; the caller knows who names it.
    """
    if not _is_element(old) or not _is_element(new):
        return False
    if any(not same_as_written(raw_at(old, key), raw_at(new, key)) for key in _ELEMENT - {"/K"}):
        return False
    return _has_grown(_parts(raw_at(old, "/K")), _parts(raw_at(new, "/K")))


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
    changed = set(pair.differing(old, new, _GROWING))
    before, after = _parts(raw_at(old, "/K")), _parts(raw_at(new, "/K"))
    if not _has_grown(before, after) and not pair.same_at(old, new, "/K"):
        changed.add("/K")
    for key in _MAPS & changed:
        mine, theirs = pair.old.dictionary(old, key), pair.new.dictionary(new, key)
        if all(pair.same_at(mine, theirs, name) for name in mine):
            changed.discard(key)
    if changed and old:
        yield STRUCTURE_CHANGED
    if any(_is_told(pair, number) for number in pair.unsettled):
        yield STRUCTURE_CHANGED
    if pair.differing(old, new):
        yield PERMITTED["structure"]


def _is_told(pair: Pair, number: int) -> bool:
    """Whether an element that was there says something else now."""
    old, new = pair.old.object(number), pair.new.object(number)
    if not _is_element(old):
        return False
    if not _is_element(new) or pair.differing(*_kept(old, new)):
        return True
    return not _has_grown(_parts(raw_at(old, "/K")), _parts(raw_at(new, "/K")))


def _kept(old: Any, new: Any) -> tuple[Any, Any]:  # noqa: ANN401 - pyHanko's dictionaries
    keys = _ELEMENT - {"/K", "/P", "/Pg", "/Type"}
    return {k: v for k, v in dict.items(old) if k in keys}, {k: v for k, v in dict.items(new) if k in keys}


def _is_element(value: Any) -> bool:  # noqa: ANN401 - pyHanko's objects
    return (
        isinstance(value, generic.DictionaryObject)
        and not isinstance(value, generic.StreamObject)
        and "/S" in value
        and "/P" in value
        and set(value) <= _ELEMENT
    )


def _parts(kids: Any) -> list[Any]:  # noqa: ANN401 - pyHanko's objects
    if kids is None:
        return []
    return list(list.__iter__(kids)) if isinstance(kids, generic.ArrayObject) else [kids]


def _has_grown(old: list[Any], new: list[Any]) -> bool:
    """Whether the later list has the parts of the earlier one in their order, and perhaps more."""
    rest = iter(new)
    return all(any(same_as_written(part, other) for other in rest) for part in old)
