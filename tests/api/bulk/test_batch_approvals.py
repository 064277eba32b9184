"""A batch is approved as a whole by another person; each request is decided and fails alone."""

from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import PEOPLE
from api.usecases import approve_request_batch
from signing.errors import KeyUnavailable
from tests.api.bulk.applicants import HEADER, approve, citizen, citizens, filed, read, run, run_approval, send
from tests.api.conftest import Installation


def test_only_registration_officers_file_and_only_approvers_approve(installation: Installation) -> None:
    for role in (Role.APPROVER, Role.CLERK, Role.CITIZEN, Role.AUDITOR):
        answer = installation.client.post(
            "/v1/certificate-request-batches",
            files={"file": ("a.csv", citizens(1), "text/csv")},
            data={"kind": "citizens", "evidence": "x"},
            headers=installation.headers(role),
        )
        assert answer.status_code == 403, role
    batch_id = filed(installation, citizens(420))
    assert read(installation, batch_id, Role.CITIZEN).status_code == 403
    assert read(installation, batch_id, Role.AUDITOR).status_code == 200
    path = f"/v1/certificate-request-batches/{batch_id}/approval"
    answer = installation.client.post(path, json={}, headers=installation.headers(Role.RA_OFFICER))
    assert answer.status_code == 403


def test_the_person_who_filed_a_batch_does_not_approve_it_with_another_account(installation: Installation) -> None:
    batch_id = filed(installation, citizens(430), figure="two_accounts")
    refused = approve(installation, batch_id, "two_accounts")
    assert (refused.status_code, refused.json()["code"]) == (409, "CERT_SELF_APPROVAL")
    audit = installation.client.get(
        "/v1/audit-events", params={"object_id": batch_id}, headers=installation.headers(Role.AUDITOR)
    ).json()["items"]
    assert ("approve_batch", "refused") in {(one["action"], one["outcome"]) for one in audit}
    assert approve(installation, batch_id).status_code == 202


def test_a_batch_is_approved_once_and_only_when_its_rows_are_done(installation: Installation) -> None:
    batch_id = send(installation, citizens(440)).json()["id"]
    early = approve(installation, batch_id)
    assert (early.status_code, early.json()["code"]) == (409, "STATE_CONFLICT")
    run(installation, batch_id)
    assert approve(installation, batch_id).status_code == 202
    again = approve(installation, batch_id)
    assert (again.status_code, again.json()["code"]) == (409, "STATE_CONFLICT")
    empty = filed(installation, f"{HEADER}\n1,,\n".encode())
    assert approve(installation, empty).status_code == 409
    missing = approve(installation, "bat_01m8323b80fhjsyky8ck0e5jrg")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")


def test_each_request_of_an_approved_batch_fails_alone(installation: Installation) -> None:
    approver = PEOPLE["approver"]
    body = (
        f"{HEADER}\n{citizen(450)}\n{approver.personal_id},{approver.name},{approver.date_of_birth}\n{citizen(451)}\n"
    )
    batch_id = filed(installation, body.encode())
    before = read(installation, f"{batch_id}/rows").json()["items"]
    by_hand = installation.client.post(
        f"/v1/certificate-requests/{before[2]['result_id']}/approval",
        json={},
        headers=installation.headers(Role.APPROVER),
    )
    assert by_hand.status_code == 201
    assert approve(installation, batch_id).status_code == 202
    run_approval(installation, batch_id)
    first, own, decided = read(installation, f"{batch_id}/rows").json()["items"]
    assert first["approval"] == "issued"
    assert first["certificate_id"].startswith("cert_")
    assert (own["approval"], own["approval_code"], own["certificate_id"]) == ("failed", "CERT_SELF_APPROVAL", None)
    assert (decided["approval"], decided["certificate_id"]) == ("issued", by_hand.json()["certificate_id"])


def test_a_request_that_was_turned_down_by_hand_stays_turned_down(installation: Installation) -> None:
    batch_id = filed(installation, citizens(460))
    (row,) = read(installation, f"{batch_id}/rows").json()["items"]
    rejected = installation.client.post(
        f"/v1/certificate-requests/{row['result_id']}/rejection",
        json={"reason": "Trùng người"},
        headers=installation.headers(Role.APPROVER),
    )
    assert rejected.status_code == 201, rejected.text
    approve(installation, batch_id)
    run_approval(installation, batch_id)
    (row,) = read(installation, f"{batch_id}/rows").json()["items"]
    assert (row["approval"], row["approval_code"]) == ("failed", "STATE_CONFLICT")


def test_a_device_that_is_away_stops_the_job_and_the_next_try_goes_on(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = filed(installation, citizens(*range(470, 475)))
    approve(installation, batch_id)
    real, calls = approve_request_batch.approve_certificate_request, []

    def sometimes(*values: Any) -> Any:
        calls.append(values)
        if len(calls) == 3:
            raise KeyUnavailable
        return real(*values)

    monkeypatch.setattr(approve_request_batch, "approve_certificate_request", sometimes)
    with pytest.raises(KeyUnavailable):
        run_approval(installation, batch_id)
    assert read(installation, batch_id).json()["approvals"] == {"waiting": 3, "issued": 2, "failed": 0}
    run_approval(installation, batch_id)
    assert read(installation, batch_id).json()["approvals"] == {"waiting": 0, "issued": 5, "failed": 0}
    assert len(calls) == 6
