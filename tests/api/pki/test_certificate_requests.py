"""Requests and approvals over HTTP: who may, for whom, what is refused, and what a crash leaves."""

import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.callers import Caller, Purpose, Role
from api.records.demonstration import CENTRE, PEOPLE, WARD
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from signing.errors import KeyUnavailable
from signing.keys_sql import SIGNING_KEYS
from signing.registry import CertificateStatus
from signing.registry_sql import RegistrySql, RequestsSql, RequestState
from tests.api.pki.desk import MERGING, Desk, official, refusal, seal


def test_one_files_another_approves_and_the_certificate_names_what_the_records_say(desk: Desk) -> None:
    filed = desk.request(official("chairman"))
    assert (filed.status_code, filed.json()["state"]) == (201, "verified")
    assert filed.headers["location"] == f"/v1/certificate-requests/{filed.json()['id']}"
    approved = desk.approve(filed.json()["id"])
    assert (approved.status_code, approved.json()["state"]) == (201, "active")
    found = desk.read(approved.json()["certificate_id"]).json()
    assert (found["status"], found["certificate_class"], found["ordinal"]) == ("active", "personal", 1)
    assert found["subject"] == {
        "common_name": PEOPLE["chairman"].name,
        "organisation": "Ủy ban nhân dân phường Yên Giang",
        "title": "Chủ tịch",
    }
    assert PEOPLE["chairman"].personal_id not in desk.read(found["id"]).text


def test_a_second_seal_hangs_on_its_primary_and_ends_no_later(desk: Desk) -> None:
    primary = desk.issue(seal())
    scope = {"places": [CENTRE], "procedures": ["9.000001"], "document_types": []}
    second = desk.read(desk.issue(seal(ordinal=2, primary_certificate_id=primary, scope=scope))).json()
    first = desk.read(primary).json()
    assert (second["issuer"], first["issuer"]) == ("secondary", "personal")
    assert second["primary_certificate_id"] == primary
    assert second["scope"] == scope
    assert second["not_after"] <= first["not_after"]


def test_a_person_may_have_a_second_certificate_too(desk: Desk) -> None:
    primary = desk.issue(official("chairman"))
    body = official("chairman", ordinal=2, primary_certificate_id=primary, scope={"places": [CENTRE]})
    assert desk.read(desk.issue(body)).json()["ordinal"] == 2


def test_one_person_with_two_accounts_cannot_file_and_approve(desk: Desk) -> None:
    filed = desk.request(official("appraiser"), "two_accounts")
    assert refusal(desk.approve(filed.json()["id"], "two_accounts")) == (409, "CERT_SELF_APPROVAL")
    with desk.installation.services.db.reading() as tx:
        request = RequestsSql(tx).get(filed.json()["id"])
    assert request is not None
    assert request.state is RequestState.VERIFIED
    # somebody else may still decide it
    assert desk.approve(filed.json()["id"]).status_code == 201


def test_nobody_files_or_approves_the_own_certificate(desk: Desk) -> None:
    assert refusal(desk.request(official("ra_officer"))) == (409, "CERT_SELF_APPROVAL")
    filed = desk.request(official("approver"))
    assert refusal(desk.approve(filed.json()["id"])) == (409, "CERT_SELF_APPROVAL")


def test_a_request_is_decided_once(desk: Desk) -> None:
    filed = desk.request(official("chairman")).json()["id"]
    assert desk.approve(filed).status_code == 201
    assert refusal(desk.approve(filed)) == (409, "STATE_CONFLICT")


def test_the_same_approval_sent_twice_gives_the_same_certificate(desk: Desk) -> None:
    filed = desk.request(official("chairman")).json()["id"]
    headers = desk.installation.headers(Role.APPROVER, "approver") | {"Idempotency-Key": secrets.token_hex(8)}
    first = desk.approve(filed, **headers)
    again = desk.approve(filed, **headers)
    assert first.json() == again.json()


def test_a_request_whose_answer_was_lost_is_found_again_not_filed_twice(
    desk: Desk, dies_before_its_answer: Callable[[], AbstractContextManager[None]]
) -> None:
    headers = desk.installation.headers(Role.RA_OFFICER, "ra_officer")
    with dies_before_its_answer():
        assert desk.request(official("chairman"), **headers).status_code == 500
    desk.installation.clock.forward(minutes=16)
    again = desk.request(official("chairman"), **headers)
    assert again.status_code == 201, again.text
    with desk.installation.services.db.reading() as tx:
        assert RequestsSql(tx).get(again.json()["id"]) is not None
    assert refusal(desk.request(official("chairman"))) == (409, "CERT_DUPLICATE_ACTIVE")  # another key: another request


def test_without_an_idempotency_key_nothing_is_issued(desk: Desk) -> None:
    headers = desk.installation.headers(Role.RA_OFFICER, "ra_officer")
    del headers["Idempotency-Key"]
    response = desk.client.post("/v1/certificate-requests", json=official("chairman"), headers=headers)
    assert refusal(response) == (400, "IDEMPOTENCY_KEY_REQUIRED")


def test_a_rejected_request_keeps_its_reason_and_is_over(desk: Desk) -> None:
    filed = desk.request(official("chairman")).json()["id"]
    headers = desk.installation.headers(Role.APPROVER, "approver")
    path = f"/v1/certificate-requests/{filed}/rejection"
    done = desk.client.post(path, json={"reason": "Thiếu quyết định bổ nhiệm"}, headers=headers)
    assert (done.status_code, done.json()["state"]) == (201, "rejected")
    assert refusal(desk.approve(filed)) == (409, "STATE_CONFLICT")
    readable = desk.client.get(f"/v1/certificate-requests/{filed}", headers=headers).json()
    assert readable["rejection"] == "Thiếu quyết định bổ nhiệm"
    again = desk.installation.headers(Role.APPROVER, "approver")
    assert refusal(desk.client.post(path, json={"reason": "x"}, headers=again)) == (409, "STATE_CONFLICT")
    # a new request is free to come
    assert desk.request(official("chairman")).status_code == 201


@pytest.mark.parametrize("reason", [" ", "có\nxuống dòng", "\u202e"])
def test_a_rejection_needs_a_readable_reason(desk: Desk, reason: str) -> None:
    filed = desk.request(official("chairman")).json()["id"]
    headers = desk.installation.headers(Role.APPROVER, "approver")
    path = f"/v1/certificate-requests/{filed}/rejection"
    assert refusal(desk.client.post(path, json={"reason": reason}, headers=headers)) == (422, "INPUT_INVALID")


def test_a_second_primary_for_the_same_post_is_a_duplicate(desk: Desk) -> None:
    desk.issue(official("chairman"))
    assert refusal(desk.request(official("chairman"))) == (409, "CERT_DUPLICATE_ACTIVE")


def test_a_second_request_while_the_first_is_open_is_a_duplicate(desk: Desk) -> None:
    desk.request(official("chairman"))
    assert refusal(desk.request(official("chairman"))) == (409, "CERT_DUPLICATE_ACTIVE")


def test_an_agency_has_one_primary_seal_whoever_keeps_it(desk: Desk) -> None:
    desk.issue(seal())
    assert refusal(desk.request(seal(subject_id=PEOPLE["ward_clerk"].subject_id))) == (409, "CERT_DUPLICATE_ACTIVE")


def test_after_revocation_the_way_is_free(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    headers = desk.installation.headers(Role.SECURITY_OFFICER, "security_officer")
    desk.client.post(f"/v1/certificates/{certificate}/revocation", json={"reason": "superseded"}, headers=headers)
    assert desk.request(official("chairman")).status_code == 201


def test_a_merging_agency_gets_no_new_certificate(desk: Desk) -> None:
    body = seal(org_code=MERGING, subject_id=None)
    assert refusal(desk.request(body)) == (409, "CERT_ORG_CLOSED")


@pytest.mark.parametrize(
    "change",
    [
        {"employment_id": PEOPLE["leader"].employment_id},
        {"employment_id": "emp_" + "0" * 26},
        {"org_code": "H49.13"},
    ],
    ids=["another's post", "no post", "another agency"],
)
def test_a_post_that_the_person_does_not_have_is_refused(desk: Desk, change: dict[str, Any]) -> None:
    assert refusal(desk.request(official("chairman", **change))) == (409, "CERT_TITLE_MISMATCH")


def test_a_keeper_works_for_the_agency(desk: Desk) -> None:
    assert refusal(desk.request(seal(subject_id=PEOPLE["school_officer"].subject_id))) == (409, "CERT_TITLE_MISMATCH")


def test_a_secondary_needs_an_active_primary_of_the_same_agency(desk: Desk) -> None:
    primary = desk.issue(seal())
    personal = desk.issue(official("chairman"))
    for wrong in (personal, "cert_" + "0" * 26):
        answer = desk.request(seal(ordinal=2, primary_certificate_id=wrong))
        assert refusal(answer) == (409, "CERT_PRIMARY_UNFIT")
    headers = desk.installation.headers(Role.SECURITY_OFFICER, "security_officer")
    path = f"/v1/certificates/{primary}/suspension"
    desk.client.post(path, json={"reason": "key_in_doubt"}, headers=headers)
    assert refusal(desk.request(seal(ordinal=2, primary_certificate_id=primary))) == (409, "CERT_PRIMARY_UNFIT")


def test_what_changed_between_request_and_approval_is_checked_again(desk: Desk) -> None:
    primary = desk.issue(seal())
    filed = desk.request(seal(ordinal=2, primary_certificate_id=primary)).json()["id"]
    headers = desk.installation.headers(Role.SECURITY_OFFICER, "security_officer")
    desk.client.post(f"/v1/certificates/{primary}/revocation", json={"reason": "cessation"}, headers=headers)
    keys = key_count(desk)
    assert refusal(desk.approve(filed)) == (409, "CERT_PRIMARY_UNFIT")
    assert key_count(desk) == keys


def test_a_scope_wider_than_the_primarys_is_refused(desk: Desk) -> None:
    primary = desk.issue(seal(scope={"places": [CENTRE]}))
    for scope in ({}, {"places": [CENTRE, WARD]}):
        answer = desk.request(seal(ordinal=2, primary_certificate_id=primary, scope=scope))
        assert refusal(answer) == (422, "CERT_SCOPE_INVALID")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ordinal": 0}, "INPUT_INVALID"),
        ({"ordinal": 100}, "INPUT_INVALID"),
        ({"ordinal": 2}, "INPUT_INVALID"),
        ({"primary_certificate_id": "cert_" + "0" * 26}, "INPUT_INVALID"),
        ({"primary_certificate_id": "../../etc/passwd"}, "ID_INVALID"),
        ({"subject_id": "sub_1"}, "ID_INVALID"),
        ({"subject_id": "s" * 5000}, "INPUT_INVALID"),
        ({"employment_id": "emp_\x00"}, "ID_INVALID"),
        ({"employment_id": None}, "INPUT_INVALID"),
        ({"org_code": None}, "INPUT_INVALID"),
        ({"evidence": []}, "INPUT_INVALID"),
        ({"evidence": ["\u202egiả"]}, "INPUT_INVALID"),
        ({"evidence": ["x"] * 21}, "INPUT_INVALID"),
        ({"certificate_class": "service"}, "INPUT_INVALID"),
        ({"certificate_class": "root"}, "INPUT_INVALID"),
        ({"type": "renew"}, "INPUT_INVALID"),
        ({"scope": {"places": ["a b"]}}, "CERT_SCOPE_INVALID"),
        ({"scope": {"places": [f"p{n}" for n in range(1001)]}}, "INPUT_INVALID"),
        ({"common_name": "Tên do tôi chọn"}, "INPUT_INVALID"),
    ],
)
def test_input_that_cannot_be_used_is_refused_and_leaves_nothing(
    installation: Any, change: dict[str, Any], code: str
) -> None:
    desk = Desk(installation)
    assert refusal(desk.request(official("chairman", **change))) == (422, code)
    with installation.services.db.reading() as tx:
        assert RegistrySql(tx).by_request("req_x") is None


def test_an_agency_that_does_not_exist_is_not_found(installation: Any) -> None:
    assert refusal(Desk(installation).request(seal(org_code="H49.99", subject_id=None))) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/certificate-requests/req_x/approval", 422, "ID_INVALID"),
        (f"/v1/certificate-requests/req_{'0' * 26}/approval", 404, "NOT_FOUND"),
        (f"/v1/certificate-requests/cert_{'0' * 26}/approval", 422, "ID_INVALID"),
    ],
)
def test_wrong_ids_are_refused(installation: Any, path: str, status: int, code: str) -> None:
    headers = installation.headers(Role.APPROVER, "approver")
    assert refusal(installation.client.post(path, json={}, headers=headers)) == (status, code)


@pytest.mark.parametrize("role", [Role.CLERK, Role.APPROVER, Role.CITIZEN, Role.ADMINISTRATOR])
def test_only_an_ra_officer_files(installation: Any, role: Role) -> None:
    headers = installation.headers(role)
    response = installation.client.post("/v1/certificate-requests", json=official("chairman"), headers=headers)
    assert refusal(response) == (403, "ROLE_MISSING")


def key_count(desk: Desk) -> int:
    with desk.installation.services.db.reading() as tx:
        return len(tx.execute(SIGNING_KEYS.select()).all())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def either_desk(request: pytest.FixtureRequest) -> Desk:
    if request.param == "sqlite":
        return Desk(request.getfixturevalue("fresh_install")())
    return Desk(request.getfixturevalue("postgres_installation"))


def test_of_several_approvals_at_once_one_issues_and_one_certificate_exists(either_desk: Desk) -> None:
    filed = either_desk.request(official("chairman")).json()["id"]
    keys = key_count(either_desk)
    answers: list[int] = []

    def approve() -> None:
        answers.append(either_desk.approve(filed).status_code)

    threads = [threading.Thread(target=approve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # who comes between record and signature may find the same record and lose at the end: never a second certificate
    assert answers.count(201) == 1
    assert set(answers) <= {201, 409}
    assert key_count(either_desk) == keys + 1
    headers = either_desk.installation.headers(Role.AUDITOR)
    query = {"subject_id": PEOPLE["chairman"].subject_id}
    found = either_desk.client.get("/v1/certificates", params=query, headers=headers).json()["items"]
    assert [item["status"] for item in found] == ["active"]


def test_two_requests_for_one_post_at_once_leave_one(either_desk: Desk) -> None:
    answers: list[int] = []

    def file() -> None:
        answers.append(either_desk.request(official("appraiser")).status_code)

    threads = [threading.Thread(target=file) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409]


class BrokenKeys:
    """A device that goes away between the record and the signature."""

    def __init__(self, keys: Any) -> None:
        self._keys = keys

    def sign(self, key_id: str, *_: object) -> bytes:
        raise KeyUnavailable(key_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keys, name)


def test_a_device_gone_between_record_and_signature_leaves_a_record_and_a_retry_gives_one_certificate(
    desk: Desk,
) -> None:
    filed = desk.request(official("chairman")).json()["id"]
    services = desk.installation.services
    approver = caller_of(desk)
    broken = replace(services, keys=BrokenKeys(services.keys))
    at = desk.installation.clock.at
    with pytest.raises(KeyUnavailable):
        approve_certificate_request(ApproveCertificateRequest(request_id=filed), broken, approver, at)
    with services.db.reading() as tx:
        left = RegistrySql(tx).by_request(filed)
    assert left is not None
    assert (left.status, left.der) == (CertificateStatus.RECORDED, None)
    # nobody outside knows it, and no second one can be asked for
    assert refusal(desk.request(official("chairman"))) == (409, "CERT_DUPLICATE_ACTIVE")
    later = at + timedelta(hours=2)
    done = approve_certificate_request(ApproveCertificateRequest(request_id=filed), services, approver, later)
    with services.db.reading() as tx:
        issued = RegistrySql(tx).by_request(filed)
    assert issued is not None
    assert (issued.certificate_id, issued.serial) == (left.certificate_id, left.serial)
    assert (issued.status, done.certificate_id) == (CertificateStatus.ACTIVE, left.certificate_id)
    assert issued.tbs == left.tbs


def caller_of(desk: Desk) -> Any:

    return Caller(
        account_id="acc_" + "0" * 26,
        subject_id=PEOPLE["approver"].subject_id,
        role=Role.APPROVER,
        org_code="H49.13",
        purpose=Purpose.APPROVE_CERTIFICATE,
        request_id="test",
    )
