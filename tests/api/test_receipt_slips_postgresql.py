"""Receipt slips on PostgreSQL: tests of `test_receipt_slips` in which two write at once, or one thing is repeated."""

from typing import Any

import pytest

from tests.api.test_receipt_slips import (
    desk,
    test_a_later_slip_takes_the_place_of_the_one_that_it_names,
    test_a_repeated_request_draws_and_signs_nothing_twice,
    test_a_slip_without_time_stamp_counts_at_once_and_is_completed_behind_its_signature,
    test_an_officers_own_token_signs_the_slip_in_two_steps,
    test_of_one_slip_signed_twice_at_once_one_counts,
    test_two_slips_of_a_dossier_never_take_one_place,
    token,
)

__all__ = [
    "desk",
    "test_a_later_slip_takes_the_place_of_the_one_that_it_names",
    "test_a_repeated_request_draws_and_signs_nothing_twice",
    "test_a_slip_without_time_stamp_counts_at_once_and_is_completed_behind_its_signature",
    "test_an_officers_own_token_signs_the_slip_in_two_steps",
    "test_of_one_slip_signed_twice_at_once_one_counts",
    "test_two_slips_of_a_dossier_never_take_one_place",
    "token",
]

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def installation(postgres_installation: Any) -> Any:
    """What the fixtures beside their tests build on."""
    assert postgres_installation.services.db.dialect == "postgresql"
    return postgres_installation
