"""What batches refuse: lists that make no sense, other people's batches and results, keys used twice, guessed codes."""

import base64
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from api.callers import Role
from api.records.second_factors import STEP_S, code_at
from api.usecases import open_signature_batch
from tests.api.batch_office import PATH, BatchOffice, batch_office, run_jobs
from tests.api.conftest import Install, Installation

RESULT = "res_01m8323b80ey4bt9htyq4pbabp"


@pytest.fixture(scope="module")
def ward(installation: Installation) -> BatchOffice:
    return batch_office(installation)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"result_ids": []}, "INPUT_INVALID"),
        ({"result_ids": [RESULT, RESULT]}, "INPUT_INVALID"),
        ({"result_ids": [RESULT] * 501}, "INPUT_INVALID"),
        ({"result_ids": ["res_x"]}, "ID_INVALID"),
        ({"all_ready": True}, "INPUT_INVALID"),
        ({"result_ids": [], "all_ready": True}, "INPUT_INVALID"),
        ({"capacity": None}, "INPUT_INVALID"),
        ({"previewed": {RESULT[:-1] + "0": "0" * 64}}, "INPUT_INVALID"),
        ({"previewed": {RESULT: "zz"}}, "INPUT_INVALID"),
        ({"previewed": {"res_x": "0" * 64}}, "ID_INVALID"),
        ({"certificate_id": "x"}, "ID_INVALID"),
        ({"certificate_id": "cert_01m8323b80ey4bt9htyq4pbabp"}, "CERT_UNKNOWN"),
        ({"extra": 1}, "INPUT_INVALID"),
        ({"kind": "seal"}, "ROLE_MISSING"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(ward: BatchOffice, change: dict[str, object], code: str) -> None:
    refused = ward.opened(**({"result_ids": [RESULT]} | change))
    assert 400 <= refused.status_code < 500
    assert refused.json()["code"] == code, refused.text


def test_clerks_seal_and_signers_sign_each_with_the_own_certificate(ward: BatchOffice) -> None:
    assert ward.sealing([RESULT], capacity="kt").json()["code"] == "INPUT_INVALID"
    signs = ward.sealing([RESULT], kind="sign", capacity="kt")
    assert (signs.status_code, signs.json()["code"]) == (403, "ROLE_MISSING")
    for certificate in ("chairman", "seal_secondary"):
        refused = ward.opened([RESULT], certificate_id=ward.office.certificates[certificate])
        assert refused.json()["code"] == "SIG_CERT_HOLDER", certificate
    officer = ward.office.send(Role.RECEPTION_OFFICER, "reception_officer", PATH, {})
    assert officer.status_code == 403


def test_another_persons_batch_looks_absent_on_every_route(ward: BatchOffice) -> None:
    batch = ward.prepared(ward.results(1))
    for figure, seal in (("chairman", False), ("clerk", True)):
        for path in ("", "/items", "/events"):
            seen = ward.get(f"/{batch}{path}", figure=figure, seal=seal)
            assert (seen.status_code, seen.json()["code"]) == (404, "NOT_FOUND"), (figure, path)
        for path in ("/challenge", "/authorization", "/retry", "/cancellation"):
            done = ward.post(f"/{batch}{path}", figure=figure, seal=seal)
            assert (done.status_code, done.json()["code"]) == (404, "NOT_FOUND"), (figure, path)
        listed = ward.get("", figure=figure, seal=seal).json()["items"]
        assert batch not in {one["id"] for one in listed}
    assert batch in {one["id"] for one in ward.get("?limit=200").json()["items"]}
    assert ward.get(f"/{batch}").json()["state"] == "prepared"


def test_results_that_others_sign_are_refused_one_by_one(ward: BatchOffice) -> None:
    mine, foreign = ward.results(2)
    batch = ward.prepared([foreign, mine], capacity="kt")
    assert ward.states(batch) == ["prepared"] * 2
    made = ward.post(
        "",
        {
            "kind": "sign",
            "certificate_id": ward.office.certificates["chairman"],
            "capacity": "head",
            "result_ids": [foreign, mine],
        },
        figure="chairman",
    )
    run_jobs(ward.services)
    items = ward.get(f"/{made.json()['id']}/items", figure="chairman").json()["items"]
    assert [(one["state"], one["reason_code"]) for one in items] == [("refused", "FORBIDDEN")] * 2
    over = ward.get(f"/{made.json()['id']}", figure="chairman").json()
    assert (over["state"], over["counts"]["refused"]) == ("finished", 2)


def test_a_repeated_request_makes_one_batch_and_a_key_is_for_one_request(
    ward: BatchOffice, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    installation = ward.office.installation
    headers = installation.headers(Role.AUTHORISED_SIGNER, "leader")
    body: dict[str, Any] = {
        "kind": "sign",
        "certificate_id": ward.office.certificates["leader"],
        "capacity": "kt",
        "result_ids": ward.results(1),
    }
    with dies_before_its_answer():
        assert installation.client.post(PATH, json=body, headers=headers).status_code == 500
    installation.clock.forward(minutes=16)  # a claim of a process that died is given up
    answers = [installation.client.post(PATH, json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202], answers[0].text
    assert answers[0].json()["id"] == answers[1].json()["id"]
    other = installation.client.post(PATH, json=body | {"capacity": "head"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    with ward.services.db.reading() as tx:
        query = "SELECT count(*) FROM signature_batch_items WHERE result_id = ?"
        assert tx.exec_driver_sql(query, (body["result_ids"][0],)).scalar_one() == 1


def test_a_person_has_only_so_many_open_batches(ward: BatchOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = ward.prepared(ward.results(1))
    monkeypatch.setattr(open_signature_batch, "MAX_OPEN", 0)
    assert ward.opened([RESULT]).json()["code"] == "BATCHES_TOO_MANY"
    monkeypatch.undo()
    assert ward.post(f"/{batch}/cancellation").status_code == 202


def test_a_list_that_is_not_what_was_seen_is_not_agreed_to(ward: BatchOffice) -> None:
    batch = ward.prepared(ward.results(1))
    refused = ward.authorised(batch, {"list_sha256": "0" * 64})
    assert (refused.status_code, refused.json()["code"]) == (409, "BATCH_LIST_CHANGED")
    assert ward.post(f"/{batch}/retry").json()["code"] == "BATCH_STATE"
    assert ward.authorised(batch).status_code == 202
    assert ward.authorised(batch).json()["code"] == "BATCH_STATE"
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"]


def test_codes_are_not_guessed_and_nothing_is_signed_meanwhile(fresh_install: Install) -> None:
    ward = batch_office(fresh_install())
    clock = ward.office.installation.clock
    batch = ward.prepared(ward.results(1))
    enrolled = ward.office.send(Role.AUTHORISED_SIGNER, "leader", "/v1/second-factors").json()
    secret = base64.b32decode(enrolled["secret"] + "=" * (-len(enrolled["secret"]) % 8))

    def code() -> str:
        clock.forward(seconds=STEP_S)
        return code_at(secret, int(clock.at.timestamp()) // STEP_S)

    path = f"/v1/second-factors/{enrolled['id']}/confirmation"
    assert ward.office.send(Role.AUTHORISED_SIGNER, "leader", path, {"code": code()}).status_code == 204
    assert ward.authorised(batch).json()["code"] == "SECOND_FACTOR_REQUIRED"
    wrong = [ward.authorised(batch, {"code": "000000"}).json()["code"] for _ in range(5)]
    assert wrong == ["SECOND_FACTOR_INVALID"] * 5
    locked = ward.authorised(batch, {"code": code()})
    assert (locked.status_code, locked.json()["code"]) == (429, "RATE_LIMITED")
    assert ward.get(f"/{batch}").json()["state"] == "prepared"
    clock.forward(minutes=6)
    assert ward.authorised(batch, {"code": code()}).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"]


def events(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Name, id and data of each event."""
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "data" in fields:
            found.append((fields.get("event", ""), fields.get("id", ""), json.loads(fields["data"])))
    return found


def test_a_batch_is_followed_live_and_again_from_the_last_change_that_was_seen(ward: BatchOffice) -> None:
    batch = ward.prepared(ward.results(2))
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services)
    installation = ward.office.installation
    headers = installation.headers(Role.AUTHORISED_SIGNER, "leader")
    answer = installation.client.get(f"{PATH}/{batch}/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events(answer.text)
    assert [(name, data["state"]) for name, _, data in told] == [
        ("item", "signed"),
        ("item", "signed"),
        ("batch", "finished"),
    ]
    numbers = [int(number) for _, number, _ in told]
    assert numbers == sorted(numbers)
    again = installation.client.get(f"{PATH}/{batch}/events", headers=headers | {"Last-Event-ID": told[0][1]})
    assert [(name, data.get("position")) for name, _, data in events(again.text)] == [
        ("item", told[1][2]["position"]),
        ("batch", None),
    ]
    for bad in ("x", "-1", "1" * 21):
        refused = installation.client.get(f"{PATH}/{batch}/events", headers=headers | {"Last-Event-ID": bad})
        assert refused.status_code == 422, bad


def test_a_cursor_of_somebody_else_is_refused(ward: BatchOffice) -> None:
    batch = ward.prepared(ward.results(1))
    cursor = base64.urlsafe_b64encode(b"1:abc").decode().rstrip("=")
    refused = ward.get(f"/{batch}/items?cursor={cursor}")
    assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_INVALID")
