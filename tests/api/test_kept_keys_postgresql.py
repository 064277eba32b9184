"""`anso sign --url` with keys that the service keeps, on PostgreSQL: authorisations over many hashes at once."""

from typing import Any

import pytest

from tests.api.test_sign_command_kept import (
    _time_stands_still,
    _workers,
    desk,
    lasting,
    office,
    papers,
    test_more_files_than_one_authorisation_covers_are_signed_under_several,
)

__all__ = [
    "_time_stands_still",
    "_workers",
    "desk",
    "lasting",
    "office",
    "papers",
    "test_more_files_than_one_authorisation_covers_are_signed_under_several",
]

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def installation(postgres_installation: Any) -> Any:
    """What the fixtures beside their tests build on."""
    assert postgres_installation.services.db.dialect == "postgresql"
    return postgres_installation
