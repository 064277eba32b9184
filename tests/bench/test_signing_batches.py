"""What a batch costs beside the same signatures made in one process, and what a dead time-stamp authority delays.

The batch goes over HTTP and through a worker process; the other side plans, prepares, signs, completes and keeps one
document after the other with the same parts, without batch, authorisation, queue or second check.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from api.clock import now
from api.records.employments import SigningCapacity
from api.records.signature_batch_items import BatchItems, ItemState
from api.records.signature_batches import BatchState, SignatureBatches
from api.usecases import sign_signature_batch
from api.usecases.result_signing import complete_step, prepare_step
from api.usecases.sign_result import SignResult, keep_signature, plan_signature
from api.usecases.signature_batch_work import SIGN_JOB
from tests.api.batch_office import BatchOffice, batch_office, leader_of, run_jobs
from tests.api.conftest import install
from tests.bench.conftest import Board

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1500)]  # most of it makes the documents

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = 200
_LIMIT_S = 300.0


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchOffice]:
    made = install(tmp_path_factory.mktemp("batches"))
    made.clock.at = now()
    yield batch_office(made)
    made.services.close()


def in_process(ward: BatchOffice, results: list[str]) -> float:
    """CPU seconds of the same signatures, one after the other."""
    services, caller, at = ward.services, leader_of(ward), ward.services.clock()
    before = time.process_time()
    for result_id in results:
        command = SignResult(
            result_id=result_id,
            certificate_id=ward.office.certificates["leader"],
            capacity=SigningCapacity.KT,
        )
        planned = plan_signature(command, services, caller, at)
        prepared = prepare_step(planned, services, at)
        credential = prepared.credential
        value = services.keys.sign(credential.key_id, prepared.attributes, credential.algorithm)
        signed = complete_step(planned.pdf, prepared, value, services, at)
        keep_signature(planned, signed, services, caller, at)
    return time.process_time() - before


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(fields[place]) for place in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def seen(ward: BatchOffice, batch: str) -> tuple[BatchState, dict[ItemState, int]]:
    with ward.services.db.reading() as tx:
        return SignatureBatches(tx).get(batch).state, BatchItems(tx, batch).counts()


def wait_for(ward: BatchOffice, batch: str, state: BatchState) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while seen(ward, batch)[0] is not state:
        assert time.monotonic() < deadline, seen(ward, batch)
        time.sleep(1.0)


def sign_through(ward: BatchOffice, results: list[str]) -> str:
    """A batch of these, worked on by whatever worker there is, to its end."""
    clock = ward.office.installation.clock
    clock.at = now()
    batch = str(ward.opened(results).json()["id"])
    wait_for(ward, batch, BatchState.PREPARED)
    clock.at = now()
    assert ward.authorised(batch).status_code == 202
    wait_for(ward, batch, BatchState.FINISHED)
    return batch


def through_the_batch(ward: BatchOffice, results: list[str]) -> tuple[float, float, float]:
    """CPU seconds of service and worker, wall seconds of the whole, and the worker's largest memory in MB."""
    settings = ward.services.settings
    environment = {**os.environ, "ANSO_DATA": str(settings.data)}
    worker = subprocess.Popen([sys.executable, "-m", "api.cli", "worker"], cwd=ROOT, env=environment)
    try:
        sign_through(ward, ward.results(4))  # it has started and everything is loaded, as on the other side
        own, its, wall = time.process_time(), cpu_of(worker.pid), time.monotonic()
        batch = sign_through(ward, results)
        cost, took = time.process_time() - own + cpu_of(worker.pid) - its, time.monotonic() - wall
        assert seen(ward, batch)[1][ItemState.SIGNED] == len(results)
        status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
        return cost, took, peak / 1024
    finally:
        worker.terminate()
        worker.wait(timeout=30)


def test_two_hundred_documents_cost_little_more_than_signed_one_by_one(ward: BatchOffice, board: Board) -> None:
    first, second = ward.results(DOCUMENTS), ward.results(DOCUMENTS)
    in_process(ward, ward.results(3))  # everything is loaded
    half = DOCUMENTS // 2
    alone = in_process(ward, first[:half])
    batch, took, peak = through_the_batch(ward, second)
    alone += in_process(ward, first[half:])  # before and after: the machine is not always equally quick
    board.add(f"{DOCUMENTS} documents in a batch: CPU beside in-process", batch / alone, "x", aim="<= 1.3")
    board.add(
        "in-process signature with its checks and its storing: CPU", alone / DOCUMENTS * 1000, "ms", aim="reported"
    )
    board.add("signature in a batch, both processes: CPU", batch / DOCUMENTS * 1000, "ms", aim="reported")
    board.add(f"{DOCUMENTS} documents in a batch: wall", took, "s", aim="reported")
    board.add("worker at its largest", peak, "MB", aim="reported")
    assert batch <= 1.3 * alone, (batch, alone)


@contextmanager
def silent_authority() -> Iterator[str]:
    """A time-stamp authority that takes every connection and never answers."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/tsa"
    finally:
        listener.close()


def test_a_dead_authority_delays_no_document_by_more_than_two_seconds(
    tmp_path_factory: pytest.TempPathFactory, board: Board
) -> None:
    with silent_authority() as url:
        made = install(tmp_path_factory.mktemp("silent"), timestamp_authorities=f"silent={url}")
        made.clock.at = now()
        ward = batch_office(made)
        batch = ward.prepared(ward.results(6))
        assert ward.authorised(batch).status_code == 202
        signed: list[float] = []
        keep = sign_signature_batch.keep_signature

        def noting(*arguments: Any, **named: Any) -> Any:
            record = keep(*arguments, **named)
            signed.append(time.monotonic())
            return record

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sign_signature_batch, "keep_signature", noting)
            signed.append(time.monotonic())
            run_jobs(ward.services, kinds=frozenset({SIGN_JOB}))
        assert ward.states(batch) == ["signed"] * 6
        assert {one["signature_level"] for one in ward.items(batch)} == {"B-B"}
        longest = max(later - earlier for earlier, later in pairwise(signed))
        board.add("a dead time-stamp authority: longest delay of one document in a batch", longest, "s", aim="<= 2")
        made.services.close()
    assert longest <= 2.0, signed
