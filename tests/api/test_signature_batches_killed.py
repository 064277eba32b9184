"""Workers that are killed in the middle of a batch: every document is signed once, and the register has no gap.

The keys are in a real signer process, the workers are real processes that get SIGKILL at random moments.
"""

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from api.records.demonstration import WARD
from api.records.numbers import NUMBER_ENTRIES, NumberState
from api.records.signature_batch_items import BatchItems, ItemState
from api.records.signature_batches import BatchState, SignatureBatches
from tests.api.batch_office import BatchOffice
from tests.api.office import Office
from tests.api.signer_bench import GuardedOffice, guarded_office, unb64
from tests.api.test_signature_batches_guarded import uses_of

ROOT = Path(__file__).resolve().parents[2]
_LIMIT_S = 900.0
_WORK_S = 0.1  # between two kills: some documents, not a quarter of them


class Workers:
    """One worker at a time; another follows each that was killed."""

    def __init__(self, guarded: GuardedOffice) -> None:
        self._environment = guarded.signer.environment()
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.api.brisk_worker", "worker"], cwd=ROOT, env=self._environment
        )

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = self._start()

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


@contextmanager
def working(guarded: GuardedOffice) -> Iterator[Workers]:
    workers = Workers(guarded)
    try:
        yield workers
    finally:
        workers.end()


def seen(ward: BatchOffice, batch: str) -> tuple[BatchState, int]:
    """Where the batch stands and how many items moved on, read beside the workers."""
    with ward.services.db.reading() as tx:
        counts = BatchItems(tx, batch).counts()
        return SignatureBatches(tx).get(batch).state, counts[ItemState.SIGNED] + counts[ItemState.FAILED]


def wait_for(ward: BatchOffice, batch: str, *states: BatchState) -> BatchState:
    deadline = time.monotonic() + _LIMIT_S
    while (state := seen(ward, batch)[0]) not in states and time.monotonic() < deadline:
        time.sleep(0.2)
    return state


def kill_on_the_way(workers: Workers, ward: BatchOffice, batch: str, kills: int) -> int:
    """Kill the worker at random moments, each but the first after it got on with something; how often at its work."""
    chance = random.Random(kills)  # noqa: S311 - moments, not secrets; the same in every run
    for killed in range(kills):
        before, deadline = seen(ward, batch)[1], time.monotonic() + 120
        while killed and seen(ward, batch) == (BatchState.SIGNING, before) and time.monotonic() < deadline:
            time.sleep(0.03)
        time.sleep(chance.uniform(0.0, _WORK_S))
        if seen(ward, batch)[0] is not BatchState.SIGNING:
            return killed
        workers.kill()
    return kills


def require_signed_once(ward: BatchOffice, results: list[str], batch: str) -> None:
    items = ward.items(batch)
    assert [one["state"] for one in items] == ["signed"] * len(results), items
    for result in results:
        signatures = PdfFileReader(io.BytesIO(ward.office.content(result))).embedded_regular_signatures
        assert len(signatures) == 1
    used = uses_of(ward, "leader")
    assert len(used) == len(set(used)) == len(results)


def require_register_without_gap(ward: BatchOffice, results: list[str]) -> None:
    with ward.services.db.reading() as tx:
        rows = tx.execute(NUMBER_ENTRIES.select().where(NUMBER_ENTRIES.c.org_code == WARD)).all()
    assert sorted(row.number for row in rows) == list(range(1, len(results) + 1))
    assert {row.result_id for row in rows} == set(results)
    assert {row.state for row in rows} == {NumberState.RESERVED.value}


def sign_under_fire(folder: Path, documents: int, kills: int, **settings: object) -> int:
    with guarded_office(folder, **settings) as guarded:
        guarded.tick()
        ward = BatchOffice(office=Office(installation=guarded.installation, certificates=guarded.certificates))
        results = ward.results(documents)
        guarded.tick()
        with working(guarded) as workers:
            batch = str(ward.opened(results).json()["id"])
            assert wait_for(ward, batch, BatchState.PREPARED) is BatchState.PREPARED
            guarded.tick()
            asked = ward.post(f"/{batch}/challenge").json()
            answer = guarded.passkeys["leader"].answer_json(unb64(asked["challenge"]))
            assert ward.authorised(batch, {"assertion": answer}).status_code == 202
            killed = kill_on_the_way(workers, ward, batch, kills)
            assert wait_for(ward, batch, BatchState.FINISHED, BatchState.PREPARED) is BatchState.FINISHED
        guarded.tick()
        require_signed_once(ward, results, batch)
        require_register_without_gap(ward, results)
    return killed


@pytest.mark.service
def test_a_batch_whose_workers_are_killed_is_signed_document_by_document_exactly_once(tmp_path: Path) -> None:
    assert sign_under_fire(tmp_path, documents=8, kills=2, batch_lanes=1) >= 1  # eight may be kept at one stroke


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_documents_survive_twenty_killed_workers(tmp_path: Path) -> None:
    assert sign_under_fire(tmp_path, documents=100, kills=20) == 20
