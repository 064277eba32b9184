"""Workers shared out: a bounded queue, and what takes long makes room for others."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from signing.isolation import Isolation, IsolationError, WorkCrashed, WorkersBusy

FAKES = Path(__file__).parents[2] / "fakes"


@pytest.fixture(autouse=True)
def _importable() -> Iterator[None]:
    sys.path.append(str(FAKES))
    yield
    sys.path.remove(str(FAKES))


def pool(**settings: Any) -> Isolation:
    return Isolation(packages=("misbehaviour",), **settings)


def in_background(workers: Isolation, function: str, argument: object) -> tuple[threading.Thread, list[BaseException]]:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            workers.call(f"misbehaviour:{function}", argument, timeout_s=60.0)
        except IsolationError as err:
            failures.append(err)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, failures


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30.0
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_call_that_takes_long_makes_room_for_others_and_ends_as_it_would(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with pool(workers=1, spare=1, long_s=0.1, wait_s=30.0) as workers:
        slow, failures = in_background(workers, "wait_for", str(gate))
        assert workers.call("misbehaviour:echo", b"12", timeout_s=30.0) == 2
        assert slow.is_alive()
        gate.touch()
        slow.join()
        assert failures == []


def test_room_is_given_back_so_that_there_are_never_more_workers_than_allowed(tmp_path: Path) -> None:
    with pool(workers=1, spare=1, long_s=0.1, wait_s=0.3) as workers:
        for number in range(3):
            gate = tmp_path / str(number)
            slow, failures = in_background(workers, "wait_for", str(gate))
            until(lambda: workers._spare == 0)
            other, more = in_background(workers, "wait_for", str(gate))
            until(workers._slots.empty)
            with pytest.raises(WorkersBusy):
                workers.call("misbehaviour:echo", b"", timeout_s=5.0)
            gate.touch()
            slow.join()
            other.join()
            assert failures == more == []
        assert workers.call("misbehaviour:echo", b"1", timeout_s=5.0) == 1
        assert workers._spare == 1
        assert workers._slots.qsize() == 1


def test_what_takes_long_has_the_processor_last(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with pool(workers=1, spare=1, long_s=0.1) as workers:
        workers.warm()
        (worker,) = workers._started
        slow, _ = in_background(workers, "wait_for", str(gate))
        until(lambda: os.getpriority(os.PRIO_PROCESS, worker._process.pid) > os.getpriority(os.PRIO_PROCESS, 0))
        gate.touch()
        slow.join()
        assert workers.call("misbehaviour:echo", b"", timeout_s=5.0) == 0
        assert all(one._process.pid != worker._process.pid for one in workers._started if one.is_usable())


def test_beyond_the_queue_a_caller_is_told_at_once(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with pool(workers=1, max_waiting=1, wait_s=30.0) as workers:
        slow, _ = in_background(workers, "wait_for", str(gate))
        until(workers._slots.empty)
        waiting, failures = in_background(workers, "sleep", 0.0)
        until(lambda: workers._places._value == 0)
        begun = time.monotonic()
        with pytest.raises(WorkersBusy) as caught:
            workers.call("misbehaviour:echo", b"", timeout_s=5.0)
        assert time.monotonic() - begun < 10.0
        assert caught.value.retry_after_s >= 1
        gate.touch()
        slow.join()
        waiting.join()
        assert failures == []


def test_stopping_ends_busy_workers_too() -> None:
    workers = pool(workers=1)
    workers.warm()
    slow, failures = in_background(workers, "sleep", 50.0)
    until(workers._slots.empty)
    time.sleep(0.2)
    workers.stop()
    slow.join(timeout=20)
    assert not slow.is_alive()
    assert [type(one) for one in failures] == [WorkCrashed]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 3_000_000])
def test_bytes_of_any_size_arrive_whole(size: int) -> None:
    with pool(workers=1) as workers:
        assert workers.call("misbehaviour:echo", bytes(size), timeout_s=10.0) == size


def test_loading_the_libraries_counts_neither_as_work_nor_as_work_that_takes_long() -> None:
    with pool(workers=1, spare=1, long_s=1.2, preload=("misbehaviour.slow_to_load",)) as workers:
        assert workers.call("misbehaviour:echo", b"12", timeout_s=1.2) == 2
        (worker,) = workers._started
        assert workers._spare == 1
        assert os.getpriority(os.PRIO_PROCESS, worker._process.pid) == os.getpriority(os.PRIO_PROCESS, 0)
        assert workers.call("misbehaviour:echo", b"123", timeout_s=1.2) == 3
        assert {worker} == workers._started


def test_a_worker_that_cannot_load_its_libraries_is_a_crash_and_the_place_stays_free() -> None:
    with pool(workers=1, preload=("misbehaviour.nowhere",), wait_s=1.0) as workers:
        for _ in range(2):
            with pytest.raises(WorkCrashed):
                workers.call("misbehaviour:echo", b"", timeout_s=5.0)
        assert workers._slots.qsize() == 1
