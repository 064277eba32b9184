"""A small language for "which values does this page need", and the check against it.

Knows texts, dates, lists and groups. Must not know which page they are for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from api.errors import ContentNotPrintable
from api.rendering.dates import PartialDate
from api.rendering.printable import printable

Json = str | None | list["Json"] | dict[str, "Json"]
"""What goes to the typesetter: texts, lists and dictionaries, nothing that could be code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line or paragraph."""

    limit: int
    """Longest text in characters after NFC."""
    pattern: str = ""
    """Regular expression for the whole text; empty: any printable text."""
    required: bool = True
    """Absent optional values reach the page as null and are left out or shown as a rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date of the calendar, ISO 8601; older registers know only the month or the year."""

    partial: bool = False
    """Whether YYYY and YYYY-MM are dates too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list of equal things."""

    of: "Shape"
    """What each item is."""
    least: int = 0
    """Fewest items."""
    most: int = 40
    """Most items: a result of a procedure has a handful of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Named values; a name that is not listed is refused, so that nothing is silently left off the page."""

    fields: Mapping[str, "Shape"]
    """Name → shape."""
    required: bool = True
    """An absent optional group reaches the page as null."""


Shape = Text | Day | Items | Group


def checked(value: object, shape: Shape, field: str) -> Json:
    """Give the value as the page needs it, or refuse it by name.

    Raises:
        ContentNotPrintable: a value is missing, unknown, of the wrong kind, too long or not printable.
    """
    match shape:
        case Text():
            return _text(value, shape, field)
        case Day():
            return _day(value, shape, field)
        case Items():
            return _items(value, shape, field)
        case Group():
            return _group(value, shape, field)


def _text(value: object, shape: Text, field: str) -> Json:
    if value is None and not shape.required:
        return None
    text = printable(value, field, limit=shape.limit)
    if shape.pattern and not re.fullmatch(shape.pattern, text):
        raise ContentNotPrintable(f"{field}: sai cấu trúc.", f"{field}: has the wrong structure.")
    return text


def _day(value: object, shape: Day, field: str) -> Json:
    day = PartialDate.parse(value) if isinstance(value, str | date) else None
    if day is None or (day.day is None and not shape.partial):
        raise ContentNotPrintable(f"{field}: không phải ngày có thật.", f"{field}: not a real date.")
    return {"iso": day.iso(), "line": day.on_the_date_line(), "figures": day.in_figures(), "words": day.in_words()}


def _items(value: object, shape: Items, field: str) -> Json:
    if not isinstance(value, list | tuple) or not shape.least <= len(value) <= shape.most:
        raise ContentNotPrintable(
            f"{field}: phải là danh sách từ {shape.least} đến {shape.most} mục.",
            f"{field}: must be a list of {shape.least} to {shape.most} items.",
        )
    return [checked(item, shape.of, f"{field}.{number}") for number, item in enumerate(value)]


def _group(value: object, shape: Group, field: str) -> Json:
    if value is None and not shape.required:
        return None
    if not isinstance(value, Mapping):
        raise ContentNotPrintable(f"{field}: phải là nhóm trường.", f"{field}: must be an object.")
    if not set(value) <= set(shape.fields):
        # the unknown names themselves are not repeated: they come from outside and end in answers and logs
        raise ContentNotPrintable(f"{field}: có trường lạ.", f"{field}: has a field that this page does not know.")
    prefix = f"{field}." if field else ""
    return {name: checked(value.get(name), part, prefix + name) for name, part in shape.fields.items()}
