"""Of several jobs with long lists in one process one computes at a time; who waits for others steps aside."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from api.jobs import Turns
from api.records.signature_batches import BatchState, SignatureBatches
from api.timestamping import TsaClient
from signing.tsa import Question
from tests.api.batch_office import BatchOffice, batch_office, run_batch_jobs
from tests.api.conftest import Installation
from tests.fakes.small_pki import SmallPki
from tests.fakes.tsa_server import TsaServer

QUESTION = Question.over(bytes(32), "sha256")


def test_two_never_compute_at_once() -> None:
    turns, inside, most = Turns(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.taken():
                inside += 1
                most = max(most, inside)
                with turns.aside():
                    inside -= 1
                inside += 1
                most = max(most, inside)
                inside -= 1

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result(30)
    assert (most, inside) == (1, 0)


def test_who_asks_first_gets_the_turn_first() -> None:
    turns, order = Turns(), list[int]()
    asking = [threading.Event() for _ in range(3)]

    def work(number: int) -> None:
        asking[number].set()
        with turns.taken():
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    with turns.taken():
        for number, thread in enumerate(threads):
            thread.start()
            asking[number].wait(5)
            while len(turns._waiting) <= number:  # it stands in the line
                thread.join(0.001)
    for thread in threads:
        thread.join(5)
    assert order == [0, 1, 2]


def test_a_failure_leaves_the_turn_to_the_next() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broken"), turns.taken():
        raise ValueError("broken")
    with pytest.raises(ValueError, match="away"), turns.taken(), turns.aside():
        raise ValueError("away")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: turns.taken().__enter__()).exception(5) is None


def test_a_turn_is_not_taken_twice_by_the_same_thread() -> None:
    turns = Turns()
    with turns.taken():
        with pytest.raises(RuntimeError, match="twice"), turns.taken():
            pass
        with turns.aside(), turns.taken():
            assert turns._is_taken


def test_who_has_no_turn_steps_aside_from_nothing() -> None:
    turns = Turns()
    with turns.taken(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: turns.aside().__enter__()).exception(5) is None
        assert turns._is_taken


def test_two_that_wait_for_an_authority_wait_at_the_same_time() -> None:
    turns = Turns()
    client = TsaClient(tls_roots=None, at_once=4, aside=turns.aside)

    def ask(url: str) -> bytes:
        with turns.taken():
            return client.ask(url, QUESTION.request(), seconds=5)

    try:
        with TsaServer(SmallPki(), 0.3) as server, ThreadPoolExecutor(2) as pool:
            assert all(done.result(10) for done in [pool.submit(ask, server.url) for _ in range(2)])
            assert server.most_at_once == 2
    finally:
        client.close()


def test_a_lane_that_prepares_or_signs_waits_for_its_turn(installation: Installation) -> None:
    ward: BatchOffice = batch_office(installation)
    assert ward.services.tsa_client._aside == ward.services.turns.aside
    batch = str(ward.opened(ward.results(2)).json()["id"])

    def state() -> BatchState:
        with ward.services.db.reading() as tx:
            return SignatureBatches(tx).get(batch).state

    def worked_while(expected: BatchState) -> None:
        """The jobs' round; before its turn came, the batch stood so."""
        with ThreadPoolExecutor(1) as pool:
            with ward.services.turns.taken():
                working = pool.submit(run_batch_jobs, ward.services)
                while not ward.services.turns._waiting:
                    assert not wait([working], 0.01).done
                assert state() is expected
            assert working.result(30) == []

    worked_while(BatchState.PREPARING)
    assert state() is BatchState.PREPARED
    assert ward.authorised(batch).status_code == 202
    worked_while(BatchState.SIGNING)
    assert state() is BatchState.FINISHED
