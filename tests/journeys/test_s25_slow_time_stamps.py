"""Scenario S25: a time-stamp authority is slow, dead or lies; nobody waits, and what is missing comes later."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from api.bootstrap import build_authenticator, build_rota
from api.callers import SYSTEM_CALLER, Role
from api.main import create_app
from api.records.pending_stamps import PendingStamps
from api.usecases.late_timestamp import add_late_timestamp
from api.usecases.watch_timestamps import watch_timestamps
from signing.errors import SigningError
from tests.api.conftest import START, Installation, install
from tests.api.office import Office, open_office
from tests.fakes.small_pki import SmallPki
from tests.fakes.tsa_server import TsaServer

pytestmark = pytest.mark.journey

BUDGET_S = 0.6


@pytest.fixture(scope="module")
def stamper() -> SmallPki:
    return SmallPki(at=START, label="Public TSA")


@pytest.fixture(scope="module")
def server(stamper: SmallPki) -> Iterator[TsaServer]:
    with TsaServer(stamper) as running:
        yield running


@pytest.fixture(scope="module")
def second(stamper: SmallPki) -> Iterator[TsaServer]:
    with TsaServer(stamper) as running:
        yield running


@pytest.fixture(scope="module")
def ward(server: TsaServer, stamper: SmallPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The ward with an authority elsewhere; its root is trusted, its lists cannot be had."""
    folder = tmp_path_factory.mktemp("s25")
    (folder / "trust" / "public").mkdir(parents=True)
    (folder / "trust" / "public" / "root.pem").write_bytes(stamper.root.certificate.public_bytes(Encoding.PEM))
    made: Installation = install(
        folder / "data",
        trust=folder / "trust",
        timestamp_authorities=f"public={server.url}",
        timestamp_budget_s=BUDGET_S,
        timestamp_patience_s=1.0,
    )
    yield open_office(made)
    made.services.close()


def with_authorities(ward: Office, text: str | None = None, *, budget_s: float = BUDGET_S) -> Office:
    """The same ward, with authorities of which nothing is known yet."""
    services = ward.installation.services
    settings = services.settings
    if text is not None:
        settings = settings.model_copy(update={"timestamp_authorities": text, "timestamp_budget_s": budget_s})
    fresh = replace(services, settings=settings, timestamps=build_rota(settings, services.db, services.tsa_client))
    app = create_app(fresh, build_authenticator(settings, fresh.db))
    return Office(installation=replace(ward.installation, services=fresh, app=app), certificates=ward.certificates)


@pytest.fixture
def office(ward: Office, server: TsaServer, second: TsaServer) -> Office:
    server.behaves = second.behaves = "good"
    return with_authorities(ward)


def signed(office: Office, result: str) -> tuple[dict[str, Any], float]:
    begun = time.monotonic()
    answer = office.sign(result)
    assert answer.status_code == 201, answer.text
    return answer.json(), time.monotonic() - begun


def view(office: Office, result: str) -> dict[str, Any]:
    return dict(office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json())


def try_late(office: Office, result: str) -> str:
    """One try of the job; what stood in its way."""
    try:
        add_late_timestamp(office.installation.services, {"result_id": result}, lambda *_: None)
    except SigningError as err:
        return err.code
    return ""


@pytest.mark.parametrize("behaves", ["never", 131, "garbage", "wrong_nonce", "wrong_imprint", "drips", "hangs_up"])
def test_whatever_the_authority_does_the_answer_comes_in_its_budget_and_says_what_is_missing(
    office: Office, server: TsaServer, behaves: str | float
) -> None:
    result = office.numbered()
    before, server.behaves = server.asked, behaves
    found, seconds = signed(office, result)
    assert found["signature_level"] == "B-B"
    assert (found["pending"]["attempts"], found["pending"]["reason_code"]) == (0, "TIMESTAMP_UNAVAILABLE")
    assert found["pending"]["since"] == "2026-11-23T02:00:00Z"
    assert found["warnings"] == []
    assert server.asked == before + 1
    assert seconds < BUDGET_S + 1.5


def test_the_next_authority_is_asked_when_the_first_lies(office: Office, server: TsaServer, second: TsaServer) -> None:
    both = with_authorities(office, f"first={server.url}, second={second.url}", budget_s=10.0)
    server.behaves, result = "wrong_nonce", both.numbered()
    found, _ = signed(both, result)
    assert (found["signature_level"], found["pending"]["reason_code"]) == ("B-T", "EVIDENCE_UNAVAILABLE")
    states = [(one.name, one.last_outcome) for one in both.installation.services.timestamps.standings()]
    assert states == [("first", "foreign"), ("second", "ok")]


def test_our_own_authority_behind_a_dead_one_gives_the_whole_level(office: Office, server: TsaServer) -> None:
    both = with_authorities(office, f"public={server.url}, own")
    server.behaves, result = "never", both.numbered()
    found, seconds = signed(both, result)
    assert (found["signature_level"], found["pending"]) == ("B-LT", None)
    assert seconds < 2.0


def test_an_authority_whose_root_is_unknown_or_whose_certificate_is_over_gives_no_time_stamp(office: Office) -> None:
    services = office.installation.services
    stranger = SmallPki(at=START, label="Stranger")
    with TsaServer(stranger) as running:
        unknown = with_authorities(office, f"unknown={running.url}", budget_s=10.0)
        found, _ = signed(unknown, unknown.numbered())
        assert found["signature_level"] == "B-B"
        (standing,) = unknown.installation.services.timestamps.standings()
        assert (standing.last_outcome, standing.is_resting) == ("untrusted", True)
    assert services.timestamps is not unknown.installation.services.timestamps


def test_many_signers_at_once_make_at_most_four_calls_and_none_waits_longer_than_the_budget(
    office: Office, server: TsaServer
) -> None:
    results = [office.numbered() for _ in range(8)]
    server.behaves, server.most_at_once = "never", 0
    with ThreadPoolExecutor(len(results)) as pool:
        answers = list(pool.map(lambda result: signed(office, result), results))
    assert {found["signature_level"] for found, _ in answers} == {"B-B"}
    assert server.most_at_once <= 4


def test_retries_bring_the_time_stamp_later_behind_the_signature_and_then_everything_is_said_to_be_there(
    office: Office, server: TsaServer
) -> None:
    result = office.numbered()
    server.behaves = "never"
    signed(office, result)
    before = office.content(result)
    assert try_late(office, result) == "TIMESTAMP_UNAVAILABLE"
    assert view(office, result)["pending"]["attempts"] == 1
    server.behaves = "good"
    back = with_authorities(office, f"public={server.url}, own")
    # the authority's own status cannot be had: the time-stamp is kept, and not asked for again
    assert try_late(back, result) == "EVIDENCE_UNAVAILABLE"
    halfway, asked = back.content(result), server.asked
    assert halfway.startswith(before)
    found = view(back, result)
    assert (found["signature_level"], found["warnings"]) == ("B-T", ["STATUS_UNKNOWN"])
    assert try_late(back, result) == "EVIDENCE_UNAVAILABLE"
    assert (back.content(result), server.asked) == (halfway, asked)
    assert halfway.count(b"/ETSI.RFC3161") == 1


def test_after_three_failures_an_alarm_names_the_documents_and_its_end_is_told(
    office: Office, server: TsaServer
) -> None:
    services, at = office.installation.services, office.installation.clock.at
    results = [office.numbered() for _ in range(2)]
    server.behaves = "never"
    for result in results:
        signed(office, result)
        assert [try_late(office, result) for _ in range(2)] == ["TIMESTAMP_UNAVAILABLE"] * 2
    watch_timestamps(services, SYSTEM_CALLER, at)
    assert not any(result in one["payload"].get("documents", "") for one in notices(office) for result in results)
    for result in results:
        assert try_late(office, result) == "TIMESTAMP_UNAVAILABLE"
    assert watch_timestamps(services, SYSTEM_CALLER, at).alarmed == 2
    assert watch_timestamps(services, SYSTEM_CALLER, at).alarmed == 0
    assert named(office, "timestamps_missing", results[0]) == set(results)
    back = with_authorities(office, "own")
    for result in results:
        assert try_late(back, result) == ""
        assert view(back, result)["signature_level"] == "B-LT"
        assert view(back, result)["pending"] is None
    assert watch_timestamps(services, SYSTEM_CALLER, at).cleared == 2
    assert named(office, "timestamps_completed", results[0]) == set(results)
    assert watch_timestamps(services, SYSTEM_CALLER, at).cleared == 0


def named(office: Office, kind: str, result: str) -> set[str]:
    """The documents in the one notice of this kind that names this one."""
    lists = [one["payload"]["documents"].split(",") for one in notices(office) if one["type"] == kind]
    (found,) = [documents for documents in lists if result in documents]
    return set(found)


def notices(office: Office) -> list[dict[str, Any]]:
    answer = office.fetch(Role.CLERK, "clerk", "/v1/notices")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_what_the_queue_gave_up_is_begun_again(office: Office, server: TsaServer) -> None:
    from api.jobs import JobState  # noqa: PLC0415 - only here

    services, at = office.installation.services, office.installation.clock.at
    result = office.numbered()
    server.behaves = "never"
    signed(office, result)
    with services.db.transaction() as tx:
        job = PendingStamps(tx).find(result).job_id
        services.jobs.end(tx, job, JobState.FAILED, "TIMESTAMP_UNAVAILABLE", at)
    assert watch_timestamps(services, SYSTEM_CALLER, at).restarted == 1
    with services.db.reading() as tx:
        again = PendingStamps(tx).find(result).job_id
        assert again != job
        assert dict(services.jobs.find(tx, again).payload) == {"result_id": result}


def test_a_worker_that_dies_after_the_answer_leaves_one_time_stamp_in_the_file(
    office: Office, server: TsaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.usecases import late_timestamp  # noqa: PLC0415 - patched here only

    result = office.numbered()
    server.behaves = "never"
    signed(office, result)
    back = with_authorities(office, "own")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(late_timestamp, "store_revision", killed)
        with pytest.raises(KeyboardInterrupt):
            try_late(back, result)
    assert try_late(back, result) == ""
    assert try_late(back, result) == ""
    assert back.content(result).count(b"/ETSI.RFC3161") == 1
