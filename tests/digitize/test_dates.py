"""Dates in three spellings; letters that look like digits are reported."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.extract.dates import EARLIEST_YEAR, find_date

days = st.dates(min_value=date(EARLIEST_YEAR, 1, 1), max_value=date(2199, 12, 31))


@given(days, st.sampled_from(["{:%d/%m/%Y}", "{0.day}/{0.month}/{0.year}", "{:%d-%m-%Y}", "{:%d.%m.%Y}"]))
def test_a_date_is_found_however_it_is_separated(day: date, spelling: str) -> None:
    found = find_date(f"sinh ngay: {spelling.format(day)} tai quang ninh")
    assert found is not None
    assert found.day == day
    assert not found.has_lookalike


@given(days)
def test_a_date_in_words_is_found(day: date) -> None:
    found = find_date(f"quang ninh, ngay {day.day:02d} thang {day.month} nam {day.year}")
    assert found is not None
    assert found.day == day


@pytest.mark.parametrize("text", ["ngay i2 thang 09 nam 2025", "0l/10/2019", "02/1o/2019", "02/10/20l9"])
def test_a_letter_for_a_digit_gives_no_day(text: str) -> None:
    found = find_date(text)
    assert found is not None
    assert found.has_lookalike
    assert found.day is None


@pytest.mark.parametrize("text", ["31/02/2019", "00/10/2019", "12/13/2020", "01/01/1700"])
def test_an_impossible_day_is_no_day(text: str) -> None:
    found = find_date(text)
    assert found is not None
    assert found.day is None
    assert not found.has_lookalike


@pytest.mark.parametrize(
    "text", ["", "so 45/2020/nd-cp", "dien thoai 0203.3965548", "thua dat so 49/2022", "5.000.000.000"]
)
def test_numbers_of_other_kinds_are_no_dates(text: str) -> None:
    assert find_date(text) is None
