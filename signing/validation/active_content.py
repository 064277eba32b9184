"""Which actions a viewer could run in a document, wherever they hang: also direct values inside other objects.

Knows QPDF's objects.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

from signing.validation.reading import MAX_DEPTH
from signing.validation.second_reader import QPDF_ERRORS

MAX_OBJECTS_SEARCHED: Final = 50_000
_ACTIONS: Final = frozenset({"/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/RichMediaExecute"})
_TRACE: Final = re.compile(rb"/(?:JavaScript|JS|Launch|ImportData|SubmitForm|GoToE|RichMediaExecute)\b")


def active_content(document: pikepdf.Pdf) -> tuple[str, ...]:
    """The kinds of actions in a document, sorted; an object that cannot be read has none."""
    found: set[str] = set()
    for number, item in enumerate(document.objects):
        if number >= MAX_OBJECTS_SEARCHED:
            break
        try:
            text = (item.stream_dict if isinstance(item, pikepdf.Stream) else item).unparse(resolved=True)
            if _TRACE.search(text):
                found.update(kind for dictionary in _dictionaries(item) for kind in _kinds(dictionary))
        except QPDF_ERRORS:
            continue
    return tuple(sorted(found))


def _kinds(dictionary: pikepdf.Object) -> Iterator[str]:
    kind = str(dictionary.get("/S", ""))
    if kind == "/JavaScript" or "/JS" in dictionary or "/JavaScript" in dictionary:
        yield "javascript"
    if kind in _ACTIONS:
        yield kind.removeprefix("/").lower()


def _dictionaries(item: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The dictionaries of one indirect object, without following references (those are objects of their own)."""
    stack: list[tuple[Any, int]] = [(item, 0)]
    while stack:
        value, depth = stack.pop()
        if depth > MAX_DEPTH or not isinstance(value, pikepdf.Dictionary | pikepdf.Array | pikepdf.Stream):
            continue
        if isinstance(value, pikepdf.Array):
            inner: list[Any] = list(value)
        else:
            yield value
            inner = [value.get(key) for key in value.keys()]  # noqa: SIM118 - a PDF dictionary iterates otherwise
        stack.extend((part, depth + 1) for part in inner if not getattr(part, "is_indirect", True))
