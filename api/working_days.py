"""Working days in Viet Nam: Monday to Friday, without public holidays (Labour Code 45/2019/QH14, Art. 112).

Knows weekends and the holidays with a fixed date of the solar calendar. The others (lunar new year, Hung Kings' day,
the second day of National Day, days moved by decision) are announced every year and come in as a set. Reads no clock.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

_FIXED: Final = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})
_SATURDAY: Final = 5
_LONGEST_BREAK: Final = 30
"""Days without one working day among them: no calendar has that, so bad data ends here."""


def is_working_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Say whether offices work on that day."""
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED and day not in holidays


def working_day_after(day: date, count: int, holidays: Collection[date] = ()) -> date:
    """Return the `count`-th working day after a day, which itself does not count (Civil Code 2015, Art. 147).

    Raises:
        ValueError: the holidays leave no working day.
    """
    idle = 0
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day, holidays):
            count, idle = count - 1, 0
        else:
            idle += 1
        if idle > _LONGEST_BREAK:
            message = "no working day within a month: the list of holidays is wrong"
            raise ValueError(message)
    return day
