"""Dates as Vietnamese papers write them: 02/10/2019, 2-10-2019, ngày 02 tháng 10 năm 2019.

Knows the three spellings. Must not know which date a paper means, and never replaces a letter by a digit.
"""

import re
from dataclasses import dataclass
from datetime import date

_DIGITLIKE = "0-9oilsbzg|"  # letters that readers put for digits: found so that they can be reported
_PART = rf"([{_DIGITLIKE}]{{1,2}})\s*[/.\-]\s*"
_SLASHED = re.compile(rf"(?<![\w/]){_PART}{_PART}([{_DIGITLIKE}]{{4}})(?!\w)")

_WRITTEN = re.compile(
    rf"ngay\s*([{_DIGITLIKE}]{{1,2}})\s*thang\s*([{_DIGITLIKE}]{{1,2}})\s*,?\s*nam\s*([{_DIGITLIKE}]{{4}})(?!\w)"
)
EARLIEST_YEAR, LATEST_YEAR = 1880, 2199


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A date in a folded line: where it stands and what it says; `day` is None when it says no possible date."""

    start: int
    end: int
    day: date | None
    has_lookalike: bool
    """A letter stands where a digit belongs."""


def find_date(folded: str, start: int = 0) -> FoundDate | None:
    """Return the first date in a folded line at or after `start`."""
    matches = [match for match in (_SLASHED.search(folded, start), _WRITTEN.search(folded, start)) if match]
    if not matches:
        return None
    match = min(matches, key=lambda one: one.start())
    has_lookalike = not all(part.isdigit() for part in match.groups())
    return FoundDate(
        start=match.start(),
        end=match.end(),
        day=None if has_lookalike else _possible(*(int(part) for part in match.groups())),
        has_lookalike=has_lookalike,
    )


def _possible(day: int, month: int, year: int) -> date | None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
