"""Mergers beside all that goes on: refusals in the ledger, certificates in the middle, jobs and plans at once."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.records.mergers import Merger, Mergers, MergerState
from api.records.organisations import Organisations, OrgStatus
from api.usecases.merge_organisations import finish_mergers, merge_organisations
from signing.errors import KeyUnavailable
from signing.registry import CertificateStatus, holds_of
from signing.registry_sql import RegistrySql
from tests.api.pki.desk import Desk, official, refusal

HEIR, THIRD = "H49.51.01", "H49.52.01"
MOMENT = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # 1 December 2026, 00:00 +07:00


def send(installation: Any, path: str, figure: str = "chairman", body: object | None = None) -> Any:
    return installation.client.post(path, json=body or {}, headers=installation.headers(Role.ADMINISTRATOR, figure))


def plan(installation: Any, closing: str = WARD, successor: str = HEIR, figure: str = "chairman") -> Any:
    body = {
        "closing_org": closing,
        "successor_org": successor,
        "effective_at": MOMENT.isoformat(),
        "act": "1234/QĐ-UBTVQH15",
    }
    return send(installation, "/v1/mergers", figure, body)


def approve(installation: Any, merger_id: str, figure: str = "auditor") -> Any:
    return send(installation, f"/v1/mergers/{merger_id}/approval", figure)


def approved(installation: Any, **units: str) -> str:
    merger_id = str(plan(installation, **units).json()["id"])
    assert approve(installation, merger_id).status_code == 201
    return merger_id


def run_job(installation: Any, merger_id: str) -> None:
    merge_organisations(installation.services, {"merger_id": merger_id}, lambda *_: None)


class AwayWhenSigning:
    """The key store of a device that goes away between making a key and signing with it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def sign(self, *_args: object, **_named: object) -> bytes:
        raise KeyUnavailable

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_what_is_refused_stands_in_the_ledger(fresh_install: Any) -> None:
    made = fresh_install()
    merger_id = str(plan(made).json()["id"])
    assert approve(made, merger_id, "chairman").json()["code"] == "SAME_PERSON"
    assert plan(made, successor=THIRD).json()["code"] == "MERGER_ALREADY_PLANNED"
    assert approve(made, merger_id).status_code == 201
    assert approve(made, merger_id).json()["code"] == "STATE_CONFLICT"
    made.clock.at = MOMENT
    assert send(made, f"/v1/mergers/{merger_id}/cancellation", "auditor").json()["code"] == "MERGER_MOMENT"
    assert Desk(made).refused() == [
        ("cancel_merger", "MERGER_MOMENT"),
        ("approve_merger", "STATE_CONFLICT"),
        ("plan_merger", "MERGER_ALREADY_PLANNED"),
        ("approve_merger", "SAME_PERSON"),
    ]


def test_of_two_plans_for_one_unit_only_one_is_put_into_force(fresh_install: Any) -> None:
    """However the second plan came to be: the approval asks again."""
    made = fresh_install()
    first = str(plan(made).json()["id"])
    with made.services.db.transaction() as tx:
        there = Mergers(tx).get(first)
        second: Merger = replace(there, merger_id="mrg_" + "0" * 26, successor_org=THIRD)
        Mergers(tx).add(second)
    assert approve(made, first).status_code == 201
    answer = approve(made, second.merger_id)
    assert answer.json()["code"] == "MERGER_ALREADY_PLANNED", answer.text
    with made.services.db.reading() as tx:
        assert Organisations(tx).get(WARD).successor_code == HEIR


def test_the_successor_merges_next_and_its_successor_goes_on_with_both(fresh_install: Any) -> None:
    made = fresh_install()
    first = approved(made)
    assert plan(made, closing=HEIR, successor=THIRD).json()["code"] == "MERGER_ALREADY_PLANNED"
    made.clock.at = MOMENT + timedelta(minutes=1)
    run_job(made, first)
    body = {
        "closing_org": HEIR,
        "successor_org": THIRD,
        "effective_at": (MOMENT + timedelta(days=1)).isoformat(),
        "act": "1235/NQ-UBTVQH15",
    }
    planned = send(made, "/v1/mergers", "chairman", body)
    assert planned.status_code == 201, planned.text
    second = str(planned.json()["id"])
    assert approve(made, second).status_code == 201
    made.clock.at = MOMENT + timedelta(days=1, minutes=1)
    run_job(made, second)
    run_job(made, first)  # delivered again, a day late: nothing happens
    with made.services.db.reading() as tx:
        organisations = Organisations(tx)
        assert organisations.heir_of(WARD) == THIRD
        assert [organisations.get(code).status for code in (WARD, HEIR, THIRD)] == [
            OrgStatus.CLOSED,
            OrgStatus.CLOSED,
            OrgStatus.ACTIVE,
        ]


def test_a_certificate_recorded_at_the_moment_never_comes_into_being(fresh_install: Any) -> None:
    made = fresh_install()
    desk = Desk(made)
    filed = str(desk.request(official("leader")).json()["id"])
    whole = made.services
    made.app.state.services = replace(whole, keys=AwayWhenSigning(whole.keys))
    assert refusal(desk.approve(filed))[0] == 503
    made.app.state.services = whole
    merger_id = approved(made)
    made.clock.at = MOMENT + timedelta(minutes=1)
    run_job(made, merger_id)
    with whole.db.reading() as tx:
        recorded = RegistrySql(tx).by_request(filed)
    assert recorded is not None
    assert recorded.status is CertificateStatus.RECORDED, "nothing is revoked that was never issued"
    assert refusal(desk.approve(filed)) == (409, "CERT_ORG_CLOSED")
    with whole.db.reading() as tx:
        assert RegistrySql(tx).get(recorded.certificate_id).status is CertificateStatus.VOIDED


def test_a_merger_that_its_job_gave_up_is_finished_by_the_workers_rounds(fresh_install: Any) -> None:
    made = fresh_install()
    whole = made.services
    merger_id = approved(made)
    made.clock.at = MOMENT + timedelta(minutes=1)
    away = replace(whole, keys=AwayWhenSigning(whole.keys))
    with pytest.raises(KeyUnavailable):
        merge_organisations(away, {"merger_id": merger_id}, lambda *_: None)
    assert finish_mergers(away, made.clock.at) == 0, "a key that is still away stops nothing else"
    assert finish_mergers(whole, made.clock.at) == 1
    with whole.db.reading() as tx:
        assert Mergers(tx).get(merger_id).state is MergerState.RECORDED
    assert finish_mergers(whole, made.clock.at) == 0


def test_a_hold_of_the_minutes_before_a_late_job_does_not_stop_it(fresh_install: Any) -> None:
    made = fresh_install()
    desk = Desk(made)
    certificate = desk.issue(official("leader"))
    merger_id = approved(made)
    made.clock.at = MOMENT + timedelta(minutes=3)
    assert desk.at_once(certificate, "suspension", "key_in_doubt").status_code == 201
    made.clock.at = MOMENT + timedelta(minutes=7)
    run_job(made, merger_id)
    with made.services.db.reading() as tx:
        record, history = RegistrySql(tx).get(certificate), RegistrySql(tx).history(certificate)
    assert (record.status, record.status_since) == (CertificateStatus.REVOKED, MOMENT)
    (hold,) = holds_of(history)
    assert hold.ended_at is not None
    assert hold.begun_at <= hold.ended_at, "an interval never ends before it begins"


def at_once(*actions: Any) -> list[Exception | int]:
    found: list[Exception | int] = []

    def take(action: Any) -> None:
        try:
            answer = action()
        except Exception as err:  # noqa: BLE001 - whatever it is, the test says that it must not be
            found.append(err)
        else:
            found.append(0 if answer is None else answer.status_code)

    threads = [threading.Thread(target=take, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(found, key=str)


@pytest.mark.service
def test_plans_that_exclude_each_other_at_once_and_two_jobs_of_one_merger(postgres_installation: Any) -> None:
    made = postgres_installation
    for closing, heir, third in (("H49.53.01", "H49.53.03", "H49.53"), ("H49.54.02", "H49.55.01", "H49.52.01")):
        chain = at_once(
            lambda a=closing, b=heir: plan(made, a, b),
            lambda a=heir, b=third: plan(made, a, b, "auditor"),
        )
        assert chain == [201, 409], "a successor does not go itself"
    Desk(made).issue(official("leader"))
    merger_id = approved(made)
    made.clock.at = MOMENT + timedelta(minutes=1)
    assert at_once(*[lambda: run_job(made, merger_id)] * 2) == [0, 0]
    with made.services.db.reading() as tx:
        done = Mergers(tx).get(merger_id)
    assert done.state is MergerState.RECORDED
    assert done.figures is not None
    assert done.figures["certificates_revoked"] == 1
    assert PEOPLE["leader"].org_code == WARD


@pytest.mark.service
def test_a_plan_waits_for_another_plan_of_the_same_unit(postgres_installation: Any) -> None:
    made: Any = postgres_installation
    answers: list[Any] = []
    closing, heir, third = "H49.52.02", "H49.54.01", "H49.61"
    later = {"closing_org": heir, "successor_org": third, "effective_at": "2027-03-01T00:00:00+07:00", "act": "7/NQ"}
    waiting = threading.Thread(target=lambda: answers.append(send(made, "/v1/mergers", "auditor", later)))
    with made.services.db.transaction() as tx:
        for org_code in (closing, heir):
            RegistrySql(tx).take_turn(org_code)
        waiting.start()
        waiting.join(1)
        assert answers == [], "the other one is not decided yet"
        rival = Merger(
            merger_id="mrg_" + "0" * 25 + "1",
            closing_org=closing,
            successor_org=heir,
            act="1236/NQ-UBTVQH15",
            effective_at=made.clock.at + timedelta(days=60),
            state=MergerState.PLANNED,
            requested_by="acc_" + "0" * 26,
            requested_at=made.clock.at,
        )
        Mergers(tx).add(rival)
    waiting.join(30)
    assert answers[0].json()["code"] == "MERGER_ALREADY_PLANNED"
