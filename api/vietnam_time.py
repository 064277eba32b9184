"""The official time of Viet Nam: inside we keep UTC, on documents and in calendar days +07:00 counts.

Knows the offset. Must not read any clock.
"""

from datetime import date, datetime, timedelta, timezone
from typing import Final

VIETNAM: Final = timezone(timedelta(hours=7))
"""No daylight saving since 1975: a fixed offset is right for every document that we handle."""


def vietnam_day(at: datetime) -> date:
    """The calendar day in Viet Nam of a moment."""
    return at.astimezone(VIETNAM).date()
