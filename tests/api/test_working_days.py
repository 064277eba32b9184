"""Working days: weekends and holidays do not count, the first day does not count."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.working_days import is_working_day, working_day_after


@pytest.mark.parametrize(
    ("day", "count", "holidays", "expected"),
    [
        (date(2026, 11, 23), 5, (), date(2026, 11, 30)),  # Monday to Monday
        (date(2026, 11, 27), 1, (), date(2026, 11, 30)),  # Friday to Monday
        (date(2026, 11, 28), 1, (), date(2026, 11, 30)),  # a Saturday is no first day either
        (date(2026, 12, 31), 1, (), date(2027, 1, 4)),  # 1 January is a Friday and off
        (date(2026, 4, 29), 1, (), date(2026, 5, 4)),  # 30 April and 1 May, then a weekend
        (date(2026, 2, 13), 1, tuple(date(2026, 2, d) for d in range(16, 21)), date(2026, 2, 23)),  # lunar new year
        (date(2026, 11, 23), 0, (), date(2026, 11, 23)),
    ],
)
def test_the_last_day_of_a_deadline(day: date, count: int, holidays: tuple[date, ...], expected: date) -> None:
    assert working_day_after(day, count, holidays) == expected


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 30))
def test_a_deadline_ends_on_a_working_day_and_holds_exactly_so_many(day: date, count: int) -> None:
    end = working_day_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (end - day).days + 1)]
    assert is_working_day(end)
    assert sum(map(is_working_day, between)) == count


def test_a_calendar_without_working_days_is_refused() -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    with pytest.raises(ValueError, match="holidays"):
        working_day_after(date(2026, 1, 1), 1, year)
