"""Durable jobs: after commit, at least once, with one result, whatever is killed in between."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api import migrations
from api.bootstrap import build_services
from api.callers import Role
from api.clock import now
from api.db import DatabaseUnreachable
from api.errors import NotFound, ServiceUnavailable, VersionConflict
from api.jobs import JobState, JobStatus, queue
from api.jobs.leases import Leases
from api.jobs.outbox import JOBS, Jobs
from api.jobs.queue import delay_after
from api.services import Services
from api.settings import Settings
from api.worker import run_worker
from tests.api.conftest import Installation

Progress = Callable[[int, int, str], None]
ROOT = Path(__file__).resolve().parents[2]
TIMES_FASTER = 10


def settings_for(folder: Path, url: str | None) -> Settings:
    values: dict[str, object] = {"data": folder, "database_url": url}
    return Settings(**values)  # type: ignore[arg-type] # pydantic checks them


def wait_for(services: Services, job_ids: list[str], limit_s: float = 60) -> list[JobStatus]:
    deadline = time.monotonic() + limit_s
    while True:
        with services.db.reading() as tx:
            found = [services.jobs.find(tx, job_id) for job_id in job_ids]
        jobs = [job for job in found if job is not None]
        if all(job.state.is_final for job in jobs) or time.monotonic() > deadline:
            return jobs
        time.sleep(0.05)


def wait_until(is_so: Callable[[], bool], limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def enqueue(services: Services, kind: str, **payload: str) -> str:
    with services.db.transaction() as tx:
        return services.jobs.enqueue(tx, kind, payload, now())


# --- one worker in this process ----------------------------------------------------------------------


class Bodies:
    """What the jobs of these tests do, and what they did."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failures = 1
        self.asked: list[str] = []
        self.answer = threading.Event()

    def good(self, _services: Services, payload: Mapping[str, str], progress: Progress) -> None:
        progress(1, 2, "half")
        self.done.append(payload["name"])
        progress(2, 2, "all")

    def outside(self, _services: Services, payload: Mapping[str, str], _progress: Progress) -> None:
        """Waits for somebody else's answer."""
        self.asked.append(payload["name"])
        self.answer.wait(30)

    def refused(self, _services: Services, _payload: Mapping[str, str], _progress: Progress) -> None:
        raise NotFound

    def broken(self, _services: Services, _payload: Mapping[str, str], _progress: Progress) -> None:
        raise RuntimeError("detail of 022193900013")

    def hiccup(self, services: Services, payload: Mapping[str, str], _progress: Progress) -> None:
        """The database fails once in the middle, as its driver says it."""
        with services.db.transaction() as tx:
            tx.exec_driver_sql("SELECT 1")
            if payload["name"] not in self.done:
                self.done.append(payload["name"])
                raise sa.exc.OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    def overtaken(self, _services: Services, payload: Mapping[str, str], _progress: Progress) -> None:
        if payload["name"] not in self.done:
            self.done.append(payload["name"])
            raise VersionConflict

    def foreign(self, _services: Services, _payload: Mapping[str, str], _progress: Progress) -> None:
        raise sa.exc.ProgrammingError("SELECT x", {}, ValueError("of 022193900013"))

    def flaky(self, _services: Services, payload: Mapping[str, str], _progress: Progress) -> None:
        if self.failures:
            self.failures -= 1
            raise ServiceUnavailable
        self.done.append(payload["name"])


@pytest.fixture(scope="module")
def hurry() -> Iterator[None]:
    """The queue of this process looks, beats and tries again ten times as often as one in service."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DISPATCH_S", "POLL_S", "BEAT_S", "PATIENCE_S"):
            patch.setattr(queue, name, getattr(queue, name) / TIMES_FASTER)
        patch.setattr(queue, "delay_after", lambda attempts: delay_after(attempts) / TIMES_FASTER)
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def working(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, hurry: None
) -> Iterator[tuple[Services, Bodies]]:
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_server").new_database()
    settings = settings_for(tmp_path_factory.mktemp("jobs"), url)
    services = build_services(settings)
    migrations.upgrade(services.db)
    bodies, stop = Bodies(), threading.Event()
    table = {name: getattr(bodies, name) for name in vars(Bodies) if not name.startswith("_")}
    options = {"bodies": table, "outside": frozenset({"outside"}), "stop": stop}
    worker = threading.Thread(target=run_worker, args=(settings,), kwargs=options)
    worker.start()
    # it has begun when it has done something: a test that takes the database away must not hit its start
    [ready] = wait_for(services, [enqueue(services, "good", name="ready")])
    assert ready.state is JobState.SUCCEEDED
    yield services, bodies
    stop.set()
    worker.join()
    services.db.close()


def test_a_job_runs_after_its_transaction_and_tells_its_progress(working: tuple[Services, Bodies]) -> None:
    services, bodies = working
    [job] = wait_for(services, [enqueue(services, "good", name="a")])
    assert (job.state, job.done, job.total, job.label, job.error_code) == (JobState.SUCCEEDED, 2, 2, "all", None)
    assert "a" in bodies.done


def test_a_job_of_a_transaction_that_failed_never_runs(working: tuple[Services, Bodies]) -> None:
    services, bodies = working

    def fail() -> None:
        with services.db.transaction() as tx:
            services.jobs.enqueue(tx, "good", {"name": "ghost"}, now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    wait_for(services, [enqueue(services, "good", name="after")])
    assert "ghost" not in bodies.done


def test_a_refused_job_fails_with_its_code_and_is_not_tried_again(working: tuple[Services, Bodies]) -> None:
    services, _ = working
    [job] = wait_for(services, [enqueue(services, "refused")])
    assert (job.state, job.error_code, job.attempts) == (JobState.FAILED, "NOT_FOUND", 1)


def test_a_crash_in_a_body_fails_the_job_and_keeps_the_detail_out_of_the_row(
    working: tuple[Services, Bodies],
) -> None:
    services, _ = working
    [job] = wait_for(services, [enqueue(services, "broken")])
    assert (job.state, job.error_code) == (JobState.FAILED, "INTERNAL")


def test_a_job_whose_outside_service_was_away_is_tried_again(working: tuple[Services, Bodies]) -> None:
    services, bodies = working
    [job] = wait_for(services, [enqueue(services, "flaky", name="patient")])
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)
    assert bodies.done.count("patient") == 1


@pytest.mark.parametrize("kind", ["hiccup", "overtaken"])
def test_a_passing_failure_of_the_database_or_a_lost_race_is_tried_again(
    working: tuple[Services, Bodies], kind: str
) -> None:
    services, _ = working
    [job] = wait_for(services, [enqueue(services, kind, name=kind)])
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 2)


def test_a_librarys_own_code_is_never_taken_for_one_of_ours(working: tuple[Services, Bodies]) -> None:
    services, _ = working
    [job] = wait_for(services, [enqueue(services, "foreign")])
    assert (job.state, job.error_code) == (JobState.FAILED, "INTERNAL")


def test_the_end_of_a_job_waits_for_a_database_that_is_away(
    working: tuple[Services, Bodies], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, _ = working
    end, refusals = Jobs.end, [1, 1]

    def sometimes(*values: Any) -> None:
        if refusals:
            refusals.pop()
            raise DatabaseUnreachable
        end(*values)

    monkeypatch.setattr(Jobs, "end", sometimes)
    [job] = wait_for(services, [enqueue(services, "good", name="late-end")])
    assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)


def test_a_wrong_statement_is_no_absent_database(installation: Installation) -> None:
    with pytest.raises(sa.exc.OperationalError), installation.services.db.reading() as tx:
        tx.exec_driver_sql("SELECT x FROM nowhere")


def test_a_kind_that_nobody_knows_fails(working: tuple[Services, Bodies]) -> None:
    services, _ = working
    [job] = wait_for(services, [enqueue(services, "unheard_of")])
    assert (job.state, job.error_code) == (JobState.FAILED, "JOB_KIND_UNKNOWN")


def test_a_job_that_was_worked_on_when_many_workers_died_is_given_up(working: tuple[Services, Bodies]) -> None:
    services, bodies = working
    with services.db.transaction() as tx:
        job_id = services.jobs.enqueue(tx, "good", {"name": "killer"}, now())
        tx.execute(JOBS.update().where(JOBS.c.job_id == job_id).values(deaths=5))
    [job] = wait_for(services, [job_id])
    assert (job.state, job.error_code) == (JobState.FAILED, "JOB_KILLS_WORKERS")
    assert "killer" not in bodies.done


def test_a_hiccup_of_the_database_does_not_end_the_worker(
    working: tuple[Services, Bodies], monkeypatch: pytest.MonkeyPatch
) -> None:
    services, _ = working
    turned_away: list[str] = []

    def away(name: str) -> Callable[..., None]:
        def refuse(*_: object) -> None:
            turned_away.append(name)
            raise ServiceUnavailable

        return refuse

    with monkeypatch.context() as patch:
        patch.setattr(Leases, "extend", away("beat"))
        patch.setattr(Jobs, "waiting", away("dispatch"))
        wait_until(lambda: min(turned_away.count("beat"), turned_away.count("dispatch")) >= 2)
    [job] = wait_for(services, [enqueue(services, "good", name="back")])
    assert job.state is JobState.SUCCEEDED


def test_many_jobs_all_end_once(working: tuple[Services, Bodies]) -> None:
    services, bodies = working
    names = [f"n{n}" for n in range(25)]
    jobs = wait_for(services, [enqueue(services, "good", name=name) for name in names])
    assert all(job.state is JobState.SUCCEEDED for job in jobs)
    assert sorted(name for name in bodies.done if name.startswith("n")) == sorted(names)


# --- rows and leases ---------------------------------------------------------------------------------


def test_jobs_that_wait_for_somebody_elses_service_keep_no_other_job_waiting(working: tuple[Services, Bodies]) -> None:
    services, bodies = working
    places = services.settings.worker_concurrency
    held = [enqueue(services, "outside", name=str(number)) for number in range(places + 1)]
    wait_until(lambda: len(bodies.asked) == places)
    ours = [enqueue(services, "good", name=f"ours {number}") for number in range(places + 1)]
    assert {job.state for job in wait_for(services, ours, limit_s=15)} == {JobState.SUCCEEDED}
    assert len(bodies.asked) == places  # they themselves wait for a place
    bodies.answer.set()
    assert {job.state for job in wait_for(services, held)} == {JobState.SUCCEEDED}


def test_delays_grow_to_an_hour() -> None:
    assert delay_after(1) == timedelta(seconds=2)
    assert delay_after(5) == timedelta(seconds=32)
    assert delay_after(40) == timedelta(hours=1)


def test_an_ended_job_does_not_begin_again(installation: Installation) -> None:
    services, at = installation.services, installation.clock.at
    with services.db.transaction() as tx:
        job_id = services.jobs.enqueue(tx, "x", {}, at)
        assert services.jobs.begin(tx, job_id, at) is not None
        services.jobs.end(tx, job_id, JobState.SUCCEEDED, None, at)
        assert services.jobs.begin(tx, job_id, at) is None
        services.jobs.end(tx, job_id, JobState.FAILED, "LATE", at)
        assert services.jobs.begin(tx, "job_none", at) is None
        found = services.jobs.find(tx, job_id)
    assert found is not None
    assert found.state is JobState.SUCCEEDED


def test_an_attempt_that_was_made_before_its_hand_over_was_noted_is_not_lost(installation: Installation) -> None:
    services, at = installation.services, installation.clock.at
    with services.db.transaction() as tx:
        job_id = services.jobs.enqueue(tx, "x", {}, at)
        services.jobs.begin(tx, job_id, at)
        services.jobs.postpone(tx, job_id, "AWAY", due_at=at, at=at)
        services.jobs.handed_over(tx, job_id, 0, at)  # the dispatcher is late
        assert (job_id, "x", 1) in services.jobs.waiting(tx, at)
        services.jobs.handed_over(tx, job_id, 1, at)
        assert (job_id, "x", 1) not in services.jobs.waiting(tx, at)
        services.jobs.end(tx, job_id, JobState.FAILED, "AWAY", at)


def test_an_expired_lease_is_claimed_by_one_and_left_to_the_next_if_that_one_dies(
    installation: Installation,
) -> None:
    at = installation.clock.at
    later = at + timedelta(seconds=10)
    with installation.services.db.transaction() as tx:
        leases = Leases(tx)
        leases.extend("a", at)
        leases.extend("b", later)
        assert leases.claim_expired(at, until=later, but="b") == ("a",)
        assert leases.claim_expired(at, until=later, but="c") == ()
        assert set(leases.claim_expired(later, until=later, but="c")) == {"a", "b"}
        leases.drop("a")
        leases.drop("b")
        assert leases.claim_expired(later, until=later, but="c") == ()


# --- following a job over HTTP -----------------------------------------------------------------------


def test_a_job_is_followed_by_polling_and_as_events(installation: Installation) -> None:
    services, at = installation.services, installation.clock.at
    headers = installation.headers(Role.RECEPTION_OFFICER)
    with services.db.transaction() as tx:
        job_id = services.jobs.enqueue(tx, "x", {}, at)
    waiting = installation.client.get(f"/v1/jobs/{job_id}", headers=headers)
    assert waiting.json()["state"] == "queued"
    assert waiting.headers["retry-after"] == "1"

    def work() -> None:
        time.sleep(0.8)
        with services.db.transaction() as tx:
            services.jobs.begin(tx, job_id, at)
            services.jobs.progress(tx, job_id, done=1, total=3, label="reading", at=at)
        time.sleep(1.2)
        with services.db.transaction() as tx:
            services.jobs.end(tx, job_id, JobState.SUCCEEDED, None, at)

    worker = threading.Thread(target=work)
    worker.start()
    answer = installation.client.get(f"/v1/jobs/{job_id}/events", headers=headers)
    worker.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert "event:" not in answer.text  # unnamed: a page swaps unnamed messages only
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.splitlines() if line.startswith("data:")]
    assert [event["state"] for event in events] == ["queued", "running", "succeeded"]
    assert events[1]["label"] == "reading"


def test_an_owned_job_is_followed_by_its_owner_and_looks_absent_to_others(installation: Installation) -> None:
    services = installation.services
    caller = installation.app.state.authenticator.authenticate(
        f"Bearer {installation.token(Role.CITIZEN)}", (Role.CITIZEN,), installation.clock.at
    )
    with services.db.transaction() as tx:
        owned = services.jobs.enqueue(tx, "x", {}, installation.clock.at, owner=caller.account_id)
        common = services.jobs.enqueue(tx, "x", {}, installation.clock.at)
    cases = (
        (owned, Role.CITIZEN, 200),
        (owned, Role.CLERK, 404),
        (owned, Role.ADMINISTRATOR, 200),
        (common, Role.CLERK, 200),
        (common, Role.CITIZEN, 404),
        (common, Role.RELYING_SYSTEM, 404),
    )
    for job_id, role, status in cases:
        for suffix in ("", "/events") if status == 404 else ("",):
            answer = installation.client.get(f"/v1/jobs/{job_id}{suffix}", headers=installation.headers(role))
            assert answer.status_code == status, (job_id, role)


# --- a worker that is killed -------------------------------------------------------------------------

SHORT_LEASE_S = 2
WORKER = f"""
import sys, time
from datetime import timedelta
from pathlib import Path
from api.jobs import queue
from api.settings import Settings
from api.worker import run_worker

queue.LEASE, queue.BEAT_S = timedelta(seconds={SHORT_LEASE_S}), {SHORT_LEASE_S} / 4
queue.POLL_S = 0.1

def slow(services, payload, progress):
    out = Path(payload["folder"])
    with (out / "begun").open("a") as file:
        file.write("x")
    progress(1, 2, "begun")
    while not (out / "go").exists():
        time.sleep(0.05)
    with (out / "results").open("x") as file:  # fails when there is a result already
        file.write("result")
    progress(2, 2, "done")

run_worker(Settings(), bodies={{"slow": slow}})
"""


def start_worker(environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env={**os.environ, **environment})


@pytest.mark.service
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_job_of_a_killed_worker_is_finished_by_another_with_exactly_one_result(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    url = None if kind == "sqlite" else request.getfixturevalue("postgres_server").new_database()
    services = build_services(settings_for(tmp_path, url))
    migrations.upgrade(services.db)
    environment = {"ANSO_DATA": str(tmp_path), **({} if url is None else {"ANSO_DATABASE_URL": url})}
    out = tmp_path / "out"
    out.mkdir()
    job_id = enqueue(services, "slow", folder=str(out))
    first = start_worker(environment)
    deadline = time.monotonic() + 90
    while not (out / "begun").exists() and time.monotonic() < deadline:
        assert first.poll() is None, "the worker did not start"
        time.sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    (out / "go").touch()
    if kind == "sqlite":
        time.sleep(SHORT_LEASE_S + 0.5)  # a worker that starts when the dead one's lease has run out
    second = start_worker(environment)
    deadline = time.monotonic() + 90
    while not (out / "results").exists() and time.monotonic() < deadline:
        assert second.poll() is None, "the second worker ended"
        time.sleep(0.05)
    [job] = wait_for(services, [job_id])
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=30) == 0
    assert (job.state, job.deaths) == (JobState.SUCCEEDED, 1)
    assert (out / "begun").read_text() == "xx"
    assert (out / "results").read_text() == "result"
    services.db.close()
