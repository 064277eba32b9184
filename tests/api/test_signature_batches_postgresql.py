"""The course of a batch on PostgreSQL, where two workers write side by side and only row locks keep them apart."""

import contextlib
import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from pyhanko.pdf_utils.reader import PdfFileReader

from api.bootstrap import build_services
from api.records.signature_batch_items import BatchItems, ItemState
from api.records.signature_batches import SignatureBatches
from api.services import Services
from api.usecases import authorise_signature_batch, sign_signature_batch, signature_batch_work
from api.usecases.signature_batch_work import PREPARE_JOB, SIGN_JOB
from tests.api.batch_office import BatchOffice, batch_office, run_job, run_jobs
from tests.api.test_signature_batches_guarded import uses_of

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def ward(postgres_installation: Any) -> BatchOffice:
    assert postgres_installation.services.db.dialect == "postgresql"
    return batch_office(postgres_installation)


@pytest.fixture(scope="module")
def workers(ward: BatchOffice) -> Iterator[tuple[Services, Services]]:
    """Two workers, each with connections of its own."""
    made = [build_services(ward.services.settings, clock=ward.services.clock) for _ in range(2)]
    yield made[0], made[1]
    for services in made:
        services.close()


@pytest.fixture(autouse=True)
def _short_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few documents are shared by two workers already."""
    monkeypatch.setattr(signature_batch_work, "_ITEMS_FOR_A_LANE", 2)


def side_by_side(workers: tuple[Services, Services], kind: str) -> None:
    """Both lanes of a batch at once, each by a worker of its own."""
    services = workers[0]
    with services.db.reading() as tx:
        due = [one for one, *_ in services.jobs.waiting(tx, services.clock())]
        lanes = [one for one in due if (found := services.jobs.find(tx, one)) and found.kind == kind]
    assert len(lanes) == 2
    failed: list[list[str]] = [[], []]
    threads = [
        threading.Thread(target=run_job, args=(worker, job, failed[number]))
        for number, (worker, job) in enumerate(zip(workers, lanes, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == [[], []]


def change_numbers(ward: BatchOffice, batch: str) -> list[int]:
    with ward.services.db.reading() as tx:
        return [item.seq for item in BatchItems(tx, batch).in_states(tuple(ItemState))]


def test_two_workers_prepare_and_sign_one_batch_and_what_failed_is_tried_again(
    ward: BatchOffice, workers: tuple[Services, Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = ward.results(5)
    batch = str(ward.opened(results).json()["id"])
    side_by_side(workers, PREPARE_JOB)
    assert ward.states(batch) == ["prepared"] * 5, ward.items(batch)
    before = uses_of(ward, "leader")
    assert ward.authorised(batch).status_code == 202
    plan = sign_signature_batch.plan_item

    def breaks(work: Any, item: Any, at: Any) -> Any:
        if item.result_id == results[2]:
            raise RuntimeError("a defect")
        return plan(work, item, at)

    with monkeypatch.context() as patch:
        patch.setattr(sign_signature_batch, "plan_item", breaks)
        side_by_side(workers, SIGN_JOB)
    assert ward.states(batch) == ["signed", "signed", "failed", "signed", "signed"], ward.items(batch)
    numbers = change_numbers(ward, batch)
    assert len(set(numbers)) == 5  # each change was told under a number of its own

    assert ward.post(f"/{batch}/retry").status_code == 202
    run_jobs(ward.services, kinds=frozenset({PREPARE_JOB}))
    assert ward.states(batch)[2] == "prepared"
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services, kinds=frozenset({SIGN_JOB}))
    assert ward.get(f"/{batch}").json()["state"] == "finished"
    assert ward.states(batch) == ["signed"] * 5
    used = uses_of(ward, "leader")[len(before) :]
    assert len(used) == len(set(used)) == 5
    for result in results:
        assert len(PdfFileReader(io.BytesIO(ward.office.content(result))).embedded_regular_signatures) == 1


def waiting_for_locks(services: Services) -> int:
    with services.db.reading() as tx:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return int(tx.execute(sa.text(query)).scalar_one())


def test_who_cancels_waits_for_who_holds_the_batch_and_nothing_is_signed_afterwards(
    ward: BatchOffice, workers: tuple[Services, Services]
) -> None:
    results = ward.results(2)
    batch = ward.prepared(results)
    before = uses_of(ward, "leader")
    assert ward.authorised(batch).status_code == 202
    answers: list[int] = []
    cancelling = threading.Thread(target=lambda: answers.append(ward.post(f"/{batch}/cancellation").status_code))
    with workers[0].db.transaction() as tx:
        SignatureBatches(tx).take(batch)  # as a lane does before it takes documents in hand
        cancelling.start()
        deadline = time.monotonic() + 20
        while not waiting_for_locks(workers[1]) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert waiting_for_locks(workers[1]) == 1
        assert answers == []
    cancelling.join(30)
    assert answers == [202]
    run_jobs(ward.services)
    assert ward.states(batch) == ["cancelled"] * 2
    assert ward.get(f"/{batch}").json()["state"] == "cancelled"
    assert uses_of(ward, "leader") == before


def test_of_two_authorisations_at_once_one_begins_the_batch(ward: BatchOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = ward.prepared(ward.results(2))
    before = uses_of(ward, "leader")
    both = threading.Barrier(2)
    confirm, bind = authorise_signature_batch.confirm_authorisation, BatchItems.bind

    def confirmed_by_both(*arguments: Any, **named: Any) -> Any:
        made = confirm(*arguments, **named)
        both.wait(20)
        return made

    together = threading.Barrier(2)

    def bound(items: BatchItems, authorisation_id: str) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.5)  # the other one comes here only if nothing keeps it out
        bind(items, authorisation_id)

    monkeypatch.setattr(authorise_signature_batch, "confirm_authorisation", confirmed_by_both)
    monkeypatch.setattr(BatchItems, "bind", bound)
    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(ward.authorised(batch))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(one.status_code for one in answers) == [202, 409]
    begun = next(one for one in answers if one.status_code == 202).json()["authorisation_id"]
    assert {one["authorisation_id"] for one in ward.items(batch)} == {begun}
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2
    assert len(uses_of(ward, "leader")) == len(before) + 2
