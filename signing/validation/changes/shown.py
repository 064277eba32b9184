"""Every visible signature field of one revision, and on which page it stands; knows one revision, compares nothing."""

from dataclasses import replace
from typing import Final

from pyhanko.pdf_utils import generic

from signing.validation.changes.fields import text_of
from signing.validation.changes.objects import View, raw_at
from signing.validation.changes.page_tree import PageTree
from signing.validation.changes.widgets import appearance, area, is_seen, shows_nothing
from signing.validation.overlays import Widget
from signing.validation.reading import MAX_DEPTH

MAX_WIDGETS: Final = 20_000


def shown_widgets(view: View, tree: PageTree) -> tuple[Widget, ...]:
    """Every widget of a signature field, also below /Kids, that takes room on a page; once for each such page.

    Raises:
        READ_ERRORS: a field cannot be read, or there are too many.
    """
    found: list[tuple[int | None, Widget]] = []
    fields = view.items(view.dictionary(view.root, "/AcroForm"), "/Fields")
    stack = [(item, "", "", False, 0) for item in reversed(fields)]
    seen: set[int] = set()
    while stack:
        item, name, kind, filled, depth = stack.pop()
        entry, number = view.value(item), view.number(item)
        if not isinstance(entry, generic.DictionaryObject) or number in seen or depth > MAX_DEPTH:
            continue
        seen.add(number if number is not None else -len(seen))
        if len(seen) > MAX_WIDGETS:
            raise ValueError("more fields than any form has")  # one of the others may lie over the text
        kind, filled = str(view.get(entry, "/FT", kind)), filled or view.get(entry, "/V") is not None
        name = ".".join(part for part in (name, text_of(view, entry, "/T")) if part)
        stack.extend((kid, name, kind, filled, depth + 1) for kid in reversed(view.items(entry, "/Kids")))
        place = area(view, entry)
        if kind == "/Sig" and place is not None and is_seen(view, entry):
            picture = not shows_nothing(view, appearance(view, entry))
            found.append((number, Widget(field=name or "?", page=None, area=place, filled=filled, has_picture=picture)))
    return _placed(view, tree, found)


def _placed(view: View, tree: PageTree, found: list[tuple[int | None, Widget]]) -> tuple[Widget, ...]:
    """The widgets with the pages in whose lists they stand; those in no list are not shown."""
    if not found:
        return ()
    wanted = {number for number, _ in found if number is not None}
    places: dict[int, list[int]] = {}
    for index, leaf in enumerate(tree.leaves):
        page = leaf.value(view)
        if raw_at(page, "/Annots") is not None:
            for number in wanted & {view.number(item) or 0 for item in view.items(page, "/Annots")}:
                places.setdefault(number, []).append(index)
    return tuple(replace(widget, page=index) for number, widget in found for index in places.get(number or 0, ()))
