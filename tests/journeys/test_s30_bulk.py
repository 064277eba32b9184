"""Scenario S30: a file of citizens with 37 bad rows becomes exactly the good requests, through HTTP and the worker.

The small run is the same file with fewer good rows; the whole one of 20,000 runs under `make soak`.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.records.bulk_rows import BatchRows, RowState
from api.records.bulk_tables import BULK_ROWS
from api.records.tables import PEOPLE
from api.usecases.renewal_schedule import notice_day
from signing.registry_sql import RegistrySql
from signing.registry_sql.tables import CERTIFICATE_REQUESTS
from tests.api.bulk import applicants
from tests.api.conftest import Installation, install

pytestmark = pytest.mark.journey
ROOT = Path(__file__).resolve().parents[2]
BAD = 37
RUN_S = 900


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """An installation whose clock stands at the machine's: a worker process reads that one."""
    made = install(tmp_path / "s30")
    made.clock.at = datetime.now(UTC) - timedelta(seconds=5)
    yield made
    made.services.close()


def worker(house: Installation) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.api.brisk_worker", "worker", "--data", str(house.services.settings.data)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stop(process: subprocess.Popen[bytes], with_signal: int = signal.SIGTERM) -> None:
    os.kill(process.pid, with_signal)
    process.wait(timeout=30)


def batch(house: Installation, batch_id: str) -> dict[str, Any]:
    return dict(applicants.read(house, batch_id).json())


def wait(house: Installation, batch_id: str, until: Callable[[dict[RowState, int]], bool]) -> dict[RowState, int]:
    """The rows by state, read past HTTP: making a token is a write, which would wait for the worker's."""
    deadline = time.monotonic() + RUN_S
    while time.monotonic() < deadline:
        with house.services.db.reading() as tx:
            counts = BatchRows(tx, house.services.sealer, batch_id).counts()
        if until(counts):
            return counts
        time.sleep(0.01)
    raise AssertionError(counts)


def wait_for_job(house: Installation, job_id: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with house.services.db.reading() as tx:
            job = house.services.jobs.find(tx, job_id)
        if job is not None and job.state.is_final:
            return
        time.sleep(0.05)
    raise AssertionError(job)


def every_row(house: Installation, batch_id: str, state: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    path = f"{batch_id}/rows?state={state}&limit=200"
    while path:
        page = applicants.read(house, path).json()
        found += page["items"]
        cursor = page["next_cursor"]
        path = f"{batch_id}/rows?state={state}&limit=200&cursor={cursor}" if cursor else ""
    return found


def counted(house: Installation, table: sa.Table) -> int:
    with house.services.db.reading() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def bulk(house: Installation, good: int, *, kill: bool) -> tuple[str, bytes]:
    """Send the file, let a worker do it, kill it on the way if asked, and check every row."""
    content, reasons = applicants.a_file(good, BAD)
    requests, people = counted(house, CERTIFICATE_REQUESTS), counted(house, PEOPLE)
    sent = applicants.send(house, content)
    assert sent.status_code == 202, sent.text
    batch_id = sent.json()["id"]
    process = worker(house)
    if kill:
        half = wait(house, batch_id, lambda counts: counts[RowState.CREATED] >= 50)
        stop(process, signal.SIGKILL)
        assert half[RowState.PENDING] > 0, "the worker was too quick to be killed on its way"
        process = worker(house)
    try:
        wait(house, batch_id, lambda counts: not counts[RowState.PENDING])
        wait_for_job(house, sent.json()["job_id"])
    finally:
        stop(process)
    assert batch(house, batch_id)["counts"] == {"pending": 0, "created": good, "refused": BAD, "duplicate": 0}
    assert counted(house, CERTIFICATE_REQUESTS) - requests == good
    assert counted(house, PEOPLE) - people == good
    refused = every_row(house, batch_id, "refused")
    assert {row["row"]: row["reason_code"] for row in refused} == reasons
    assert all(row["reason_vi"] and row["reason_en"] for row in refused)
    return batch_id, content


def test_a_killed_worker_changes_nothing_and_a_second_run_adds_nothing(house: Installation) -> None:
    batch_id, content = bulk(house, 463, kill=True)
    job = house.client.get(
        f"/v1/jobs/{batch(house, batch_id)['job_id']}", headers=house.headers(Role.RA_OFFICER)
    ).json()
    assert (job["state"], job["done"], job["total"]) == ("succeeded", 500, 500)

    requests = counted(house, CERTIFICATE_REQUESTS)
    again = applicants.send(house, content).json()["id"]
    assert applicants.run(house, again)[-1] == (500, 500, "rows")
    assert batch(house, again)["counts"] == {"pending": 0, "created": 0, "refused": BAD, "duplicate": 463}
    assert counted(house, CERTIFICATE_REQUESTS) == requests
    same = {row["row"]: row["result_id"] for row in every_row(house, batch_id, "created")}
    assert {row["row"]: row["result_id"] for row in every_row(house, again, "duplicate")} == same


def test_an_approved_batch_is_issued_row_by_row_and_its_notices_are_spread(house: Installation) -> None:
    house.clock.forward(hours=6)  # the hierarchy of the test begins today at two
    content, _ = applicants.a_file(80, BAD)
    batch_id = applicants.send(house, content).json()["id"]
    applicants.run(house, batch_id)
    ordered = applicants.approve(house, batch_id)
    assert ordered.status_code == 202, ordered.text
    assert ordered.json()["job_id"] != batch(house, batch_id)["job_id"]
    assert applicants.run_approval(house, batch_id)[-1] == (80, 80, "approvals")
    assert batch(house, batch_id)["approvals"] == {"waiting": 0, "issued": 80, "failed": 0}

    ids = [row["certificate_id"] for row in every_row(house, batch_id, "created")]
    with house.services.db.reading() as tx:
        ends = {one: RegistrySql(tx).get(one).not_after for one in ids}
    assert len(set(ends.values())) == 1  # they end together
    weeks = Counter(notice_day(one, end).isocalendar().week for one, end in ends.items())
    assert len(weeks) >= 8
    assert max(weeks.values()) < 30
    results = applicants.read(house, f"{batch_id}/results")
    assert results.headers["content-type"] == "text/csv; charset=utf-8"
    lines = results.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 80 + BAD
    assert lines[0].startswith("row,state,reason_code,reason_vi,reason_en,result_id")


@pytest.mark.soak
def test_twenty_thousand_applicants_with_37_bad_rows(house: Installation, record_property: Any) -> None:
    begun = time.monotonic()
    batch_id, content = bulk(house, 20_000 - BAD, kill=True)
    first_s = time.monotonic() - begun
    again = applicants.send(house, content).json()["id"]
    applicants.run(house, again)
    assert batch(house, again)["counts"] == {"pending": 0, "created": 0, "refused": BAD, "duplicate": 20_000 - BAD}
    with house.services.db.reading() as tx:
        sealed = tx.execute(BULK_ROWS.select().where(BULK_ROWS.c.sealed.is_not(None)).limit(1)).first()
    assert sealed is None, batch_id
    second_s = time.monotonic() - begun - first_s
    record_property("first run, one kill", f"{first_s:.0f} s")
    record_property("same file again", f"{second_s:.0f} s")
    sys.stderr.write(f"20,000 rows with one kill: {first_s:.0f} s; the same file again: {second_s:.0f} s\n")
