"""A reception officer with an own token, the counter where that officer works, and papers confirmed there."""

from dataclasses import replace
from typing import Any

import pytest

from api.callers import Role
from digitize.pipeline import DigitisedDocument
from tests.api.counter import TRUTH, Counter, KnowsThePhoto
from tests.api.office import official
from tests.api.token_holders import Holder, holder_of

MANDATORY = ("number", "date", "agency", "person_name", "dob")


@pytest.fixture(scope="module")
def officer(installation: Any, softhsm: Any) -> Holder:
    return holder_of(installation, softhsm, Role.RECEPTION_OFFICER, "reception_officer", official("reception_officer"))


@pytest.fixture(scope="module")
def desk(installation: Any, officer: Holder, reading: DigitisedDocument) -> Counter:
    """Where that officer works."""
    installation.app.state.services = replace(installation.services, digitiser=KnowsThePhoto())
    return Counter(installation=installation, certificate=officer.certificate_id, reading=reading)


def confirmed(desk: Counter, number: str) -> str:
    """A digitised paper of that number, all of whose fields the officer confirmed."""
    digitisation = desk.read()
    answer = desk.patch(digitisation, {name: TRUTH[name] for name in MANDATORY} | {"number": number})
    assert answer.status_code == 200, answer.text
    return digitisation
