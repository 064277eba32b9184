"""Certified copies that tokens seal, on PostgreSQL: the tests of them in which two write at once.

There only row locks and unique keys keep two requests apart.
"""

from typing import Any

import pytest

from tests.api.test_own_token_certified_copies import (
    counter,
    desk,
    reading,
    test_a_wrong_value_seals_nothing_and_leaves_the_preparation_usable,
    test_of_two_values_at_once_one_is_stored_and_both_are_told_of_it,
    test_the_sweep_comes_while_a_copy_is_being_sealed,
    test_what_expires_or_is_withdrawn_takes_no_number_and_no_value,
    test_without_a_time_stamp_the_copy_is_sealed_and_stored_when_it_has_one,
    without_time,
)

__all__ = [
    "counter",
    "desk",
    "reading",
    "test_a_wrong_value_seals_nothing_and_leaves_the_preparation_usable",
    "test_of_two_values_at_once_one_is_stored_and_both_are_told_of_it",
    "test_the_sweep_comes_while_a_copy_is_being_sealed",
    "test_what_expires_or_is_withdrawn_takes_no_number_and_no_value",
    "test_without_a_time_stamp_the_copy_is_sealed_and_stored_when_it_has_one",
    "without_time",
]

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def installation(postgres_installation: Any) -> Any:
    """What the fixtures beside their tests build on."""
    assert postgres_installation.services.db.dialect == "postgresql"
    return postgres_installation
