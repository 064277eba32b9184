"""A reception officer with an own token, and the counter where that officer works."""

from dataclasses import replace
from typing import Any

import pytest

from api.callers import Role
from digitize.pipeline import DigitisedDocument
from tests.api.counter import Counter, KnowsThePhoto
from tests.api.office import official
from tests.api.token_holders import Holder, holder_of


@pytest.fixture(scope="module")
def officer(installation: Any, softhsm: Any) -> Holder:
    return holder_of(installation, softhsm, Role.RECEPTION_OFFICER, "reception_officer", official("reception_officer"))


@pytest.fixture(scope="module")
def desk(installation: Any, officer: Holder, reading: DigitisedDocument) -> Counter:
    """Where that officer works."""
    installation.app.state.services = replace(installation.services, digitiser=KnowsThePhoto())
    return Counter(installation=installation, certificate=officer.certificate_id, reading=reading)
