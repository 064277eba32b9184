"""Whether two writings mean one number or date: a format may group and punctuate, it may not change the amount.

Knows digits, signs and separators; no currencies, no languages.
"""

import re
from decimal import Decimal
from typing import Final

_SEPARATORS: Final = re.compile(r"[.,'\u00a0\u202f ]")
_GROUP: Final = 3
_DATE_PARTS: Final = 3
_LONGEST: Final = 60


def is_same_amount(one: str, other: str) -> bool:
    """Whether two texts without letters are one number, or one date, however they are punctuated."""
    if any(c.isalpha() for c in one + other) or max(len(one), len(other)) > _LONGEST:
        return False
    if _is_negative(one) != _is_negative(other):
        return False
    if _amounts(one) & _amounts(other):
        return True
    parts = re.findall(r"\d+", one)
    return len(parts) == _DATE_PARTS and parts == re.findall(r"\d+", other)


def _is_negative(text: str) -> bool:
    return "(" in text or text.lstrip()[:1] in {"-", "\u2212"} or text.rstrip()[-1:] in {"-", "\u2212"}


def _amounts(text: str) -> set[Decimal]:
    """Every number that a text may mean: the last separator is a decimal point, or one between groups."""
    first, last = re.search(r"\d", text), re.search(r"\d(?=\D*\Z)", text)
    if first is None or last is None:
        return set()
    parts = _SEPARATORS.split(text[first.start() : last.end()])
    if not all(part.isdecimal() for part in parts):
        return set()
    *groups, end = parts
    found = set()
    if _are_groups(parts):
        found.add(Decimal("".join(parts)))
    if groups and _are_groups(groups):
        found.add(Decimal(f"{''.join(groups)}.{end}"))
    return found


def _are_groups(parts: list[str]) -> bool:
    return all(len(part) == _GROUP for part in parts[1:]) and (len(parts) == 1 or len(parts[0]) <= _GROUP)
