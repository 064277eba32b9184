"""Copies and annexes that tokens sign, on PostgreSQL: the tests of `test_own_token_*` that end in several tables.

There two requests write side by side, and only row locks and unique keys keep them apart.
"""

from typing import Any

import pytest

from tests.api.test_own_token_annexes import (
    test_of_two_requests_at_once_one_seals_and_none_half,
    test_one_wrong_value_seals_nothing_and_leaves_all_usable,
    test_the_sweep_comes_while_a_result_is_being_sealed,
    ward,
)
from tests.api.test_own_token_copies import (
    desk,
    officer,
    reading,
    test_of_two_preparations_of_one_paper_one_counts,
    test_of_two_values_at_once_one_is_stored_and_both_are_told_of_it,
    test_the_sweep_comes_while_a_copy_is_being_signed,
    test_without_a_time_stamp_the_copy_is_signed_and_stored_when_it_has_one,
    without_time,
)

__all__ = [
    "desk",
    "officer",
    "reading",
    "test_of_two_preparations_of_one_paper_one_counts",
    "test_of_two_requests_at_once_one_seals_and_none_half",
    "test_of_two_values_at_once_one_is_stored_and_both_are_told_of_it",
    "test_one_wrong_value_seals_nothing_and_leaves_all_usable",
    "test_the_sweep_comes_while_a_copy_is_being_signed",
    "test_the_sweep_comes_while_a_result_is_being_sealed",
    "test_without_a_time_stamp_the_copy_is_signed_and_stored_when_it_has_one",
    "ward",
    "without_time",
]

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def installation(postgres_installation: Any) -> Any:
    """What the fixtures beside their tests build on."""
    assert postgres_installation.services.db.dialect == "postgresql"
    return postgres_installation
