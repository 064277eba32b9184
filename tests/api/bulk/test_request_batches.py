"""Batches of requests over HTTP: who may do what, that every row ends alone, and that nothing stays in clear."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.errors import RoleMissing, ServiceUnavailable
from api.records.accounts import Accounts
from api.records.bulk import Batches
from api.records.bulk_rows import RowState
from api.records.bulk_tables import BULK_ROWS
from api.records.demonstration import DEPARTMENT, PEOPLE
from api.records.people import People
from api.usecases import batch_work
from api.usecases.batch_work import give_up_batch
from signing.registry_sql import RequestsSql, RequestState
from tests.api.bulk.applicants import HEADER, a_file, approve, citizen, citizens, filed, read, run, run_approval, send
from tests.api.conftest import Installation
from tests.api.office import issue_certificate, official

OFFICIALS = "personal_id,org_code,title,name"


def rows(installation: Installation, batch_id: str) -> dict[int, tuple[str, str | None]]:
    items = read(installation, f"{batch_id}/rows").json()["items"]
    return {one["row"]: (one["state"], one["reason_code"]) for one in items}


def line(figure: str, **changes: str) -> str:
    person = PEOPLE[figure]
    values = {
        "number": person.personal_id,
        "org": person.org_code or "",
        "title": person.title or "",
        "name": person.name,
    } | changes
    return ",".join(values.values())


def test_a_good_row_becomes_a_verified_request_for_a_new_person(installation: Installation) -> None:
    batch_id = filed(installation, citizens(100))
    (row,) = read(installation, f"{batch_id}/rows").json()["items"]
    number = citizen(100).split(",")[0]
    with installation.services.db.reading() as tx:
        request = RequestsSql(tx).get(row["result_id"])
        person = People(tx, installation.services.sealer).by_personal_id(number)
    assert request is not None
    assert person is not None
    assert (request.state, request.subject_id) == (RequestState.VERIFIED, person.subject_id)
    assert request.evidence == ("KH 12/2026",)
    assert person.name == citizen(100).split(",")[1]


def test_rows_of_known_people_are_compared_with_the_records(installation: Installation) -> None:
    mother, child = PEOPLE["mother"], PEOPLE["child"]
    body = "\n".join(
        [
            HEADER,
            f"{mother.personal_id},{mother.name.upper()},{mother.date_of_birth}",
            f"{mother.personal_id},Trần Thị Khác,{mother.date_of_birth}",
            f"{mother.personal_id},{mother.name},1993-01-02",
            f"{child.personal_id},{child.name},{child.date_of_birth}",
            f"{PEOPLE['ra_officer'].personal_id},{PEOPLE['ra_officer'].name},{PEOPLE['ra_officer'].date_of_birth}",
            citizen(200),
            citizen(200),
        ]
    )
    found = rows(installation, filed(installation, body.encode()))
    assert found == {
        2: ("created", None),
        3: ("refused", "ROW_HOLDER_MISMATCH"),
        4: ("refused", "ROW_HOLDER_MISMATCH"),
        5: ("refused", "ROW_PERSON_UNABLE"),
        6: ("refused", "CERT_SELF_APPROVAL"),
        7: ("created", None),
        8: ("duplicate", "CERT_DUPLICATE_ACTIVE"),
    }


def test_officials_are_found_by_number_and_must_have_the_post(fresh_install: Callable[..., Installation]) -> None:
    installation = fresh_install()
    issue_certificate(installation, official("chairman"))
    body = "\n".join(
        [
            OFFICIALS,
            line("leader"),
            line("leader", title="Chủ tịch"),
            line("leader", org=DEPARTMENT),
            line("leader", name="Người Khác"),
            line("leader", number="022090999999"),
            line("chairman"),
            line("appraiser", name=""),
            line("appraiser", org="H49.99"),
        ]
    )
    found = rows(installation, filed(installation, body.encode(), kind="officials"))
    assert found == {
        2: ("created", None),
        3: ("refused", "CERT_TITLE_MISMATCH"),
        4: ("refused", "CERT_TITLE_MISMATCH"),
        5: ("refused", "ROW_HOLDER_MISMATCH"),
        6: ("refused", "ROW_PERSON_UNKNOWN"),
        7: ("duplicate", "CERT_DUPLICATE_ACTIVE"),
        8: ("created", None),
        9: ("refused", "CERT_TITLE_MISMATCH"),
    }


def test_texts_stand_beside_every_code_also_where_the_guard_gave_none(installation: Installation) -> None:
    body = f"{HEADER}\n{citizen(210)}\n{citizen(210)}\n"
    batch_id = filed(installation, body.encode())
    (_, row) = read(installation, f"{batch_id}/rows").json()["items"]
    assert row["reason_vi"] == "Đã có chứng thư hoặc yêu cầu như vậy"
    assert row["reason_en"]


def test_the_file_is_nowhere_in_clear_and_gone_once_its_rows_have_results(
    fresh_install: Callable[..., Installation], caplog: pytest.LogCaptureFixture
) -> None:
    installation = fresh_install()  # nobody of the same name is recorded there
    number, name, _ = citizen(300).split(",")
    with caplog.at_level(logging.DEBUG):
        batch_id = send(installation, citizens(300, 301)).json()["id"]
        with installation.services.db.reading() as tx:
            sealed = [row.sealed for row in tx.execute(sa.select(BULK_ROWS).where(BULK_ROWS.c.batch_id == batch_id))]
        data = installation.services.settings.data
        stored = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
        assert number.encode() not in stored
        assert name.encode() not in stored
        assert all(sealed)
        run(installation, batch_id)
    with installation.services.db.reading() as tx:
        sealed = [row.sealed for row in tx.execute(sa.select(BULK_ROWS).where(BULK_ROWS.c.batch_id == batch_id))]
        job = installation.services.jobs.find(tx, read(installation, batch_id).json()["job_id"])
    assert sealed == [None, None]
    assert job is not None
    assert job.payload == {"batch_id": batch_id}
    assert number not in caplog.text
    everything = read(installation, f"{batch_id}/results").text + read(installation, f"{batch_id}/rows").text
    assert number not in everything
    assert name not in everything


@pytest.mark.parametrize(
    ("content", "code", "status"),
    [
        (b"", "CSV_HEADER", 422),
        (HEADER.encode("utf-16"), "CSV_ENCODING", 422),
        (f'{HEADER}\n"x'.encode(), "CSV_BROKEN", 422),
        (f"{HEADER},name\n".encode(), "CSV_HEADER", 422),
        (HEADER.encode(), "CSV_WITHOUT_ROWS", 422),
    ],
)
def test_a_broken_file_is_refused_at_the_door(
    installation: Installation, content: bytes, code: str, status: int
) -> None:
    answer = send(installation, content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.routes.certificate_request_batches.MAX_BYTES", 100)
    answer = send(installation, citizens(*range(10)))
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_evidence_is_needed_and_has_the_form_of_a_reference(installation: Installation) -> None:
    answer = installation.client.post(
        "/v1/certificate-request-batches",
        files={"file": ("a.csv", citizens(1), "text/csv")},
        data={"kind": "citizens", "evidence": "<b>"},
        headers=installation.headers(Role.RA_OFFICER),
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")


def test_the_same_key_sends_a_file_once_and_another_file_is_told_apart(installation: Installation) -> None:
    content = citizens(400)
    headers = installation.headers(Role.RA_OFFICER)
    key = {"Idempotency-Key": headers["Idempotency-Key"]}
    first = send(installation, content, **key)
    assert send(installation, content, **key).json() == first.json()
    other = send(installation, citizens(401), **key)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_a_run_that_died_before_its_answer_made_one_batch(
    installation: Installation, dies_before_its_answer: Callable[[], Any]
) -> None:
    content = citizens(410)
    key = {"Idempotency-Key": installation.headers(Role.RA_OFFICER)["Idempotency-Key"]}
    with dies_before_its_answer():
        assert send(installation, content, **key).status_code == 500
    installation.clock.forward(minutes=16)
    made = send(installation, content, **key)
    assert made.status_code == 202
    with installation.services.db.reading() as tx:
        assert Batches(tx).find(made.json()["id"]) is not None


def test_a_failure_in_the_middle_of_a_chunk_leaves_the_chunk_as_it_was(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_work, "CHUNK_ROWS", 3)
    batch_id = send(installation, citizens(*range(480, 488))).json()["id"]
    real, calls = batch_work._worked, []

    def sometimes(*values: Any) -> Any:
        calls.append(values)
        if len(calls) == 5:
            raise ServiceUnavailable
        return real(*values)

    with monkeypatch.context() as patch:
        patch.setattr(batch_work, "_worked", sometimes)
        with pytest.raises(ServiceUnavailable):
            run(installation, batch_id)
    assert read(installation, batch_id).json()["counts"]["created"] == 3
    assert run(installation, batch_id)[-1] == (8, 8, "rows")
    assert read(installation, batch_id).json()["counts"] == {
        "pending": 0, "created": 8, "refused": 0, "duplicate": 0,
    }  # fmt: skip
    assert run(installation, batch_id) == []  # a second delivery has nothing to do


def test_a_job_does_not_go_on_for_an_officer_who_lost_the_role(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = send(installation, citizens(490)).json()["id"]
    with monkeypatch.context() as patch:
        patch.setattr(Accounts, "held_roles", lambda *_: ())
        with pytest.raises(RoleMissing):
            run(installation, batch_id)
    give_up_batch(installation.services, {"batch_id": batch_id}, "ROLE_MISSING")
    found = read(installation, batch_id).json()
    assert (found["state"], found["error_code"], found["counts"]["pending"]) == ("failed", "ROLE_MISSING", 1)
    assert run(installation, batch_id) == []
    give_up_batch(installation.services, {"batch_id": batch_id}, "LATER")
    assert read(installation, batch_id).json()["error_code"] == "ROLE_MISSING"


def test_rows_come_in_pages_and_by_state(installation: Installation) -> None:
    content, reasons = a_file(6, 3, start=500)
    batch_id = filed(installation, content)
    first = read(installation, f"{batch_id}/rows?limit=4")
    assert [one["row"] for one in first.json()["items"]] == [2, 3, 4, 5]
    assert 'rel="next"' in first.headers["link"]
    rest = read(installation, f"{batch_id}/rows?cursor={first.json()['next_cursor']}").json()
    assert [one["row"] for one in rest["items"]] == [6, 7, 8, 9, 10]
    assert rest["next_cursor"] is None
    refused = read(installation, f"{batch_id}/rows?state=refused").json()["items"]
    assert {one["row"]: one["reason_code"] for one in refused} == reasons
    for path, status in ((f"{batch_id}/rows?cursor=x", 422), ("bat_x", 422), (f"{batch_id}/rows?state=odd", 422)):
        assert read(installation, path).status_code == status
    strange = "MTpub25l"  # a cursor of another listing
    assert read(installation, f"{batch_id}/rows?cursor={strange}").json()["code"] == "INPUT_INVALID"
    assert read(installation, "bat_01m8323b80fhjsyky8ck0e5jrg").status_code == 404


def test_the_ledger_names_the_officer_and_the_batch_for_every_request(installation: Installation) -> None:
    batch_id = filed(installation, citizens(520))
    (row,) = read(installation, f"{batch_id}/rows").json()["items"]
    events = installation.client.get(
        "/v1/audit-events", params={"object_id": row["result_id"]}, headers=installation.headers(Role.AUDITOR)
    ).json()["items"]
    assert [one["action"] for one in events] == ["request_certificate"]
    assert events[0]["details"]["batch"] == batch_id
    assert events[0]["person_id"] == PEOPLE["ra_officer"].subject_id


@pytest.mark.service
def test_the_same_on_postgresql(postgres_installation: Installation) -> None:
    content, reasons = a_file(30, 14)
    batch_id = filed(postgres_installation, content)
    found = rows(postgres_installation, batch_id)
    assert {number: code for number, (state, code) in found.items() if state == RowState.REFUSED} == reasons
    again = filed(postgres_installation, content)
    assert read(postgres_installation, again).json()["counts"]["duplicate"] == 30
    approve(postgres_installation, batch_id)
    run_approval(postgres_installation, batch_id)
    assert read(postgres_installation, batch_id).json()["approvals"]["issued"] == 30


def both_at_once(installation: Installation, batch_id: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, installation, batch_id) for _ in range(2)]:
            done.result()


def test_two_workers_on_one_batch_make_every_request_once(installation: Installation) -> None:
    batch_id = send(installation, citizens(*range(600, 850))).json()["id"]
    both_at_once(installation, batch_id)
    assert read(installation, batch_id).json()["counts"]["created"] == 250


@pytest.mark.service
def test_two_workers_on_one_batch_make_every_request_once_on_postgresql(postgres_installation: Installation) -> None:
    batch_id = send(postgres_installation, citizens(*range(600, 850))).json()["id"]
    both_at_once(postgres_installation, batch_id)
    counts = read(postgres_installation, batch_id).json()["counts"]
    assert counts == {"pending": 0, "created": 250, "refused": 0, "duplicate": 0}
