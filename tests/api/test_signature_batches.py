"""Batches of signatures over HTTP: prepared, agreed to once, signed document by document."""

import hashlib

import pytest

from tests.api.batch_office import BatchOffice, batch_office, run_jobs
from tests.api.conftest import Installation


@pytest.fixture(scope="module")
def ward(installation: Installation) -> BatchOffice:
    return batch_office(installation)


def test_documents_are_prepared_agreed_to_once_and_signed(ward: BatchOffice) -> None:
    results = ward.results(2)
    made = ward.opened(results)
    assert made.status_code == 202, made.text
    batch = made.json()["id"]
    assert made.headers["location"] == f"/v1/signature-batches/{batch}"
    assert made.json()["counts"]["waiting"] == 2
    run_jobs(ward.services)
    seen = ward.get(f"/{batch}").json()
    assert (seen["state"], seen["counts"]["prepared"]) == ("prepared", 2), ward.items(batch)
    digests = [one["digest"] for one in ward.items(batch)]
    assert seen["list_sha256"] == hashlib.sha256("\n".join(digests).encode()).hexdigest()
    agreed = ward.authorised(batch, {"list_sha256": seen["list_sha256"]})
    assert (agreed.status_code, agreed.json()["state"]) == (202, "signing")
    run_jobs(ward.services)
    over = ward.get(f"/{batch}").json()
    assert (over["state"], over["counts"]["signed"]) == ("finished", 2), ward.items(batch)
    for item, result in zip(ward.items(batch), results, strict=True):
        content = ward.office.content(result)
        assert item["result_id"] == result
        assert item["sha256"] == hashlib.sha256(content).hexdigest()
        assert item["signature_level"] == "B-LT"


def test_everything_that_waits_for_its_seal_is_sealed_by_one_act(ward: BatchOffice) -> None:
    results = ward.signed(2)
    made = ward.sealing()
    assert made.status_code == 202, made.text
    batch = made.json()["id"]
    run_jobs(ward.services)
    assert set(results) <= {one["result_id"] for one in ward.items(batch, seal=True)}
    assert ward.authorised(batch, seal=True).status_code == 202
    run_jobs(ward.services)
    assert set(ward.states(batch, seal=True)) == {"signed"}, ward.items(batch, seal=True)
    assert ward.sealing().json()["code"] == "BATCH_NOTHING_READY"
