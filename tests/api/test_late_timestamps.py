"""A time-stamp unit that is away delays nobody; what is missing comes later and changes no byte (I17, S25)."""

from dataclasses import replace
from typing import Any

import pytest

from api.bootstrap import build_authenticator
from api.main import create_app
from api.records.pending_stamps import PendingStamps
from api.records.results import Results, ResultState
from api.usecases.late_timestamp import JOB_KIND, add_late_timestamp
from api.worker import BODIES
from signing.ca import TIMESTAMP, service_credential
from signing.errors import TimestampUnavailable
from signing.registry_sql import RegistrySql
from tests.api.office import Office, open_office
from tests.fakes.failing_keys import FailingKeys


@pytest.fixture
def away(installation: Any) -> tuple[Office, FailingKeys]:
    """The office, with a time-stamp unit whose key can be taken away."""
    services = installation.services
    with services.db.reading() as tx:
        unit = service_credential(TIMESTAMP, RegistrySql(tx), at=installation.clock.at).key_id
    office = open_office(installation) if not hasattr(installation, "office") else installation.office
    installation.office = office
    keys = FailingKeys(services.keys, lambda key_id: key_id == unit)
    slow = replace(services, keys=keys)
    app = create_app(slow, build_authenticator(services.settings, services.db))
    return Office(installation=replace(installation, services=slow, app=app), certificates=office.certificates), keys


def progress(_done: int, _total: int, _label: str) -> None:
    """Nobody watches."""


def test_signing_goes_on_without_a_time_stamp_and_says_so(away: tuple[Office, FailingKeys]) -> None:
    office, _ = away
    result = office.numbered()
    signed = office.sign(result)
    assert signed.status_code == 201, signed.text
    assert signed.json()["signature_level"] == "B-B"
    sealed = office.seal(result)
    assert sealed.status_code == 201, sealed.text
    assert sealed.json()["signature_level"] == "B-B"
    refused = office.send_issue(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_TSA_PENDING")


def test_the_job_adds_what_was_missing_behind_the_signatures_and_then_the_result_is_issued(
    away: tuple[Office, FailingKeys],
) -> None:
    office, keys = away
    services = office.installation.services
    result = office.numbered()
    office.sign(result)
    office.seal(result)
    before = office.content(result)
    with pytest.raises(TimestampUnavailable):
        add_late_timestamp(services, {"result_id": result}, progress)
    assert office.content(result) == before
    keys.refuses = lambda _key_id: False
    add_late_timestamp(services, {"result_id": result}, progress)
    after = office.content(result)
    assert after.startswith(before)
    assert len(after) > len(before)
    add_late_timestamp(services, {"result_id": result}, progress)
    assert office.content(result) == after
    issued = office.send_issue(result)
    assert issued.status_code == 201, issued.text


def test_a_pending_result_leaves_a_job_that_the_worker_knows(away: tuple[Office, FailingKeys]) -> None:
    office, _ = away
    services = office.installation.services
    result = office.numbered()
    office.sign(result)
    assert JOB_KIND in BODIES
    with services.db.reading() as tx:
        waiting = [
            services.jobs.find(tx, job_id) for job_id, *_ in services.jobs.waiting(tx, office.installation.clock.at)
        ]
    assert (JOB_KIND, {"result_id": result}) in [(job.kind, dict(job.payload)) for job in waiting]


def test_what_was_given_up_meanwhile_waits_for_nothing(away: tuple[Office, FailingKeys]) -> None:
    office, _ = away
    services = office.installation.services
    result = office.numbered()
    office.sign(result)
    with services.db.transaction() as tx:
        record = Results(tx).get(result)
        Results(tx).change(record, at=office.installation.clock.at, state=ResultState.VOIDED)
    add_late_timestamp(services, {"result_id": result}, progress)
    with services.db.reading() as tx:
        assert PendingStamps(tx).find(result) is None


def test_a_seal_with_a_time_stamp_does_not_hide_that_the_leaders_is_still_missing(
    away: tuple[Office, FailingKeys],
) -> None:
    office, keys = away
    result = office.numbered()
    assert office.sign(result).json()["signature_level"] == "B-B"
    keys.refuses = lambda _key_id: False
    assert office.seal(result).json()["signature_level"] == "B-B"
    refused = office.send_issue(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_TSA_PENDING")
    add_late_timestamp(office.installation.services, {"result_id": result}, progress)
    issued = office.send_issue(result)
    assert issued.status_code == 201, issued.text
