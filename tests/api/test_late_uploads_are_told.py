"""I17, S25: of an own document that waits for its time-stamp too long an alarm names the preparation, no more."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.callers import SYSTEM_CALLER, Role
from api.records.demonstration import PEOPLE
from api.records.pending_stamps import PendingStamps
from api.usecases.late_upload import complete_upload
from api.usecases.sweep_preparations import sweep_preparations
from api.usecases.watch_timestamps import watch_timestamps
from signing.errors import TimestampUnavailable
from tests.api.office import official
from tests.api.token_holders import PATH, Holder, holder_of
from tests.fakes import sample_pdf

NAME = "don-cua-Nguyen-Thi-Binh.pdf"


@pytest.fixture(scope="module")
def citizen(installation: Any, softhsm: Any) -> Holder:
    body = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id}
    return holder_of(installation, softhsm, Role.CITIZEN, "mother", body)


@pytest.fixture(scope="module")
def leader(installation: Any, softhsm: Any) -> Holder:
    return holder_of(installation, softhsm, Role.AUTHORISED_SIGNER, "leader", official("leader"))


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No authority answers, until this is undone."""

    def away(*_: object, **__: object) -> Any:
        raise TimestampUnavailable("away")

    monkeypatch.setattr("api.usecases.signed_uploads.time_stamper", lambda *_, **__: away)
    return monkeypatch


def waiting(holder: Holder) -> tuple[str, Callable[[], str]]:
    """A preparation whose file lacks its time-stamp, and one try of the job that adds it."""
    services, content = holder.installation.services, sample_pdf.small()
    data = {"certificate_id": holder.certificate_id}
    sent = {"file": (NAME, content)}
    answer = holder.installation.client.post(PATH, files=sent, data=data, headers=holder.headers())
    done = holder.complete(answer.json()["items"][0]["preparation"])
    assert (done.status_code, done.json()["level"]) == (201, "B-B"), done.text
    preparation_id = done.json()["id"]
    with services.db.reading() as tx:
        row = PendingStamps(tx).find(preparation_id)
        assert row is not None
        payload = dict(services.jobs.find(tx, row.job_id).payload)
    assert payload == {"preparation_id": preparation_id, "base_length": str(len(content))}

    def one_try() -> str:
        try:
            complete_upload(services, payload, lambda *_: None)
        except TimestampUnavailable as err:
            return err.code
        return ""

    return preparation_id, one_try


def notices(holder: Holder, role: Role, figure: str, what: str) -> list[dict[str, Any]]:
    headers = holder.installation.headers(role, figure)
    answer = holder.installation.client.get("/v1/notices?limit=200", headers=headers)
    assert answer.status_code == 200, answer.text
    return [one["payload"] for one in answer.json()["items"] if one["type"] == what]


def naming(preparation_id: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in found if preparation_id in one["documents"].split(",")]


def look(holder: Holder) -> Any:
    services = holder.installation.services
    return watch_timestamps(services, SYSTEM_CALLER, holder.installation.clock.at)


@pytest.mark.parametrize("who", ["leader", "citizen"])
def test_after_three_failures_an_alarm_names_the_preparation_and_its_end_is_told(
    who: str, request: pytest.FixtureRequest, silent: pytest.MonkeyPatch
) -> None:
    holder: Holder = request.getfixturevalue(who)
    preparation_id, one_try = waiting(holder)
    clerk, head = (Role.CLERK, "ward_clerk"), (Role.ADMINISTRATOR, "administrator")
    told = [head, clerk] if who == "leader" else [head]  # of what a citizen signed no agency is told
    assert [one_try() for _ in range(2)] == ["TIMESTAMP_UNAVAILABLE"] * 2
    assert look(holder).alarmed == 0
    assert one_try() == "TIMESTAMP_UNAVAILABLE"
    assert look(holder).alarmed == 1
    assert look(holder).alarmed == 0
    for role, figure in (head, clerk):
        (*found,) = naming(preparation_id, notices(holder, role, figure, "timestamps_missing"))
        assert len(found) == ((role, figure) in told), (role, figure)
        for one in found:
            assert (one["count"], one["reason_code"]) == ("1", "TIMESTAMP_UNAVAILABLE")
            assert "Binh" not in str(one)
            assert PEOPLE["mother"].subject_id not in str(one)
    silent.undo()
    assert one_try() == ""
    assert look(holder).cleared == 1
    done = naming(preparation_id, notices(holder, *head, "timestamps_completed"))
    assert len(done) == 1
    assert holder.fetch(f"{PATH}/{preparation_id}").json()["level"] == "B-LT"


@pytest.mark.parametrize("by", ["sweep", "job"])
def test_a_file_that_is_kept_no_longer_is_waited_for_no_longer_and_not_called_complete(
    by: str, citizen: Holder, silent: pytest.MonkeyPatch
) -> None:
    services, clock = citizen.installation.services, citizen.installation.clock
    preparation_id, one_try = waiting(citizen)
    for _ in range(3):
        one_try()
    assert look(citizen).alarmed == 1
    before = clock.at
    clock.forward(hours=services.settings.signed_file_hours, seconds=1)
    if by == "sweep":
        sweep_preparations(services, clock.at)
    else:
        silent.undo()
        assert one_try() == ""
    with services.db.reading() as tx:
        assert PendingStamps(tx).find(preparation_id) is None
    assert look(citizen).cleared == 0
    clock.at = before
    administrator = (Role.ADMINISTRATOR, "administrator")
    assert naming(preparation_id, notices(citizen, *administrator, "timestamps_completed")) == []
