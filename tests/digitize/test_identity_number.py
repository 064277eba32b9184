"""The 12-digit number: structure, conflicts, look-alikes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.extract.identity_number import PROVINCES, check_number, is_female, year_of_birth
from digitize.model import Finding

provinces = st.sampled_from(sorted(PROVINCES))
years = st.integers(min_value=1900, max_value=2399)


@given(provinces, years, st.booleans(), st.integers(min_value=0, max_value=999_999))
def test_a_number_built_by_the_rule_says_what_it_was_built_from(
    province: str,
    year: int,
    female: bool,  # noqa: FBT001 - a drawn value
    rest: int,
) -> None:
    digit = 2 * ((year - 1900) // 100) + female
    number = f"{province}{digit}{year % 100:02d}{rest:06d}"
    assert year_of_birth(number) == year
    assert is_female(number) is female
    assert check_number(number, born=date(year, 1, 1), sex="Nữ" if female else "Nam").is_plausible


@pytest.mark.parametrize("number", ["", "02222090001", "0222209000144", "0222O4900014", "٠٢٢٢٢٠٩٠٠٠١٤", "022220 90014"])
def test_what_is_not_twelve_digits_is_reported_and_not_mended(number: str) -> None:
    assert check_number(number).findings == (Finding.ID_FORMAT,)


def test_an_unknown_place_of_registration_is_reported() -> None:
    assert Finding.ID_FORMAT in check_number("003220900014").findings


def test_a_number_of_another_year_conflicts_with_the_date_of_birth() -> None:
    assert check_number("022220900014", born=date(2021, 6, 1)).findings == (Finding.ID_DOB_CONFLICT,)


def test_a_number_of_the_other_sex_is_reported() -> None:
    assert check_number("022220900014", sex="Nữ").findings == (Finding.ID_FORMAT,)
    assert check_number("022220900014", sex="Nam").is_plausible
