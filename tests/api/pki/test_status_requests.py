"""Requests that end, hold or release a certificate: two persons, every refusal in the ledger, and the work queues."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from api.callers import Caller, Role
from api.errors import Forbidden, InputInvalid
from api.records.demonstration import CENTRE, PEOPLE, WARD
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from api.usecases.release_certificate import ReleaseCertificate, release_certificate
from api.usecases.request_certificate import RequestCertificate, request_certificate
from api.usecases.revoke_certificate import RevokeCertificate, revoke_certificate
from signing.registry import RevocationReason
from signing.registry_sql import RegistrySql, RequestType
from tests.api.pki.desk import Desk, official, refusal, seal
from tests.api.pki.moves import set_agency

KINDS = [
    ("revoke", {"reason": "cessation"}),
    ("hold", {"reason": "key_in_doubt"}),
    ("renew", {"reason": "new_key"}),
    ("recover_device", {"reason": "superseded"}),
]


def release_at_once(desk: Desk, certificate: str, role: Role, figure: str) -> Any:
    headers = desk.installation.headers(role, figure)
    return desk.client.delete(f"/v1/certificates/{certificate}/suspension", headers=headers)


def suspend_own(desk: Desk, certificate: str, role: Role, figure: str) -> Any:
    headers = desk.installation.headers(role, figure)
    path = f"/v1/certificates/{certificate}/suspension"
    return desk.client.post(path, json={"reason": "key_in_doubt"}, headers=headers)


def test_a_revocation_waits_for_the_second_person_and_lists_what_ended_with_it(desk: Desk) -> None:
    primary = desk.issue(seal())
    second = desk.issue(seal(ordinal=2, primary_certificate_id=primary, scope={"places": [CENTRE]}))
    filed = desk.about(primary, "revoke", reason="cessation").json()
    assert (filed["state"], filed["target_certificate_id"], filed["certificate_id"]) == ("verified", primary, None)
    assert desk.status(primary) == ("active", None)
    done = desk.approve(filed["id"]).json()
    assert (done["state"], done["cascaded"]) == ("done", [second])
    assert desk.status(primary) == desk.status(second) == ("revoked", "cessation")
    headers = desk.installation.headers(Role.APPROVER, "approver")
    assert desk.client.get(f"/v1/certificate-requests/{filed['id']}", headers=headers).json()["cascaded"] == [second]


def test_a_hold_and_a_release_go_through_two_persons_and_leave_the_interval(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    desk.installation.clock.forward(hours=1)
    desk.carry_out(certificate, "hold", reason="key_in_doubt")
    assert desk.status(certificate) == ("on_hold", "hold")
    desk.installation.clock.forward(hours=1)
    desk.carry_out(certificate, "release")
    found = desk.read(certificate).json()
    assert found["status"] == "active"
    assert len(found["holds"]) == 1
    assert [step["after"] for step in found["history"]] == ["recorded", "active", "on_hold", "active"]


def test_a_closed_agency_can_still_end_its_certificates(desk: Desk) -> None:
    certificate = desk.issue(seal())
    set_agency(desk.installation, WARD, status="closed")
    desk.carry_out(certificate, "revoke", reason="org_closed")
    assert desk.status(certificate) == ("revoked", "org_closed")


# --- two persons (I4)


@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_nobody_decides_alone_whatever_the_type(desk: Desk, kind: str, more: dict[str, Any]) -> None:
    certificate = desk.issue(official("chairman"))
    filed = desk.about(certificate, kind, "two_accounts", **more).json()["id"]
    assert refusal(desk.approve(filed, "two_accounts")) == (409, "CERT_SELF_APPROVAL")
    assert ("approve_certificate_request", "CERT_SELF_APPROVAL") in desk.refused()
    assert desk.status(certificate) == ("active", None)
    assert desk.approve(filed).status_code == 201


@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_the_subject_neither_files_nor_approves(desk: Desk, kind: str, more: dict[str, Any]) -> None:
    mine = desk.issue(official("two_accounts"))
    assert refusal(desk.about(mine, kind, "two_accounts", **more)) == (409, "CERT_SELF_APPROVAL")
    filed = desk.about(mine, kind, **more).json()["id"]
    assert refusal(desk.approve(filed, "two_accounts")) == (409, "CERT_SELF_APPROVAL")
    assert {code for _, code in desk.refused()} == {"CERT_SELF_APPROVAL"}


@pytest.mark.parametrize(("kind", "more"), KINDS)
def test_of_two_officers_at_once_one_decides(desk: Desk, kind: str, more: dict[str, Any]) -> None:
    certificate = desk.issue(official("chairman"))
    filed = desk.about(certificate, kind, **more).json()["id"]
    answers: list[tuple[int, str | None]] = []

    def decide(figure: str) -> None:
        answer = desk.approve(filed, figure)
        answers.append((answer.status_code, answer.json().get("code")))

    threads = [threading.Thread(target=decide, args=(figure,)) for figure in ("approver", "two_accounts")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=lambda one: one[0]) == [(201, None), (409, "STATE_CONFLICT")]
    with desk.installation.services.db.reading() as tx:
        made = RegistrySql(tx).successors(certificate)
    assert len(made) == (0 if kind in ("revoke", "hold") else 1)


def test_of_an_approval_and_a_rejection_at_once_one_counts(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    filed = desk.about(certificate, "revoke", reason="cessation").json()["id"]
    assert desk.approve(filed).status_code == 201
    headers = desk.installation.headers(Role.APPROVER, "two_accounts")
    path = f"/v1/certificate-requests/{filed}/rejection"
    assert refusal(desk.client.post(path, json={"reason": "Muộn"}, headers=headers)) == (409, "STATE_CONFLICT")
    assert ("reject_certificate_request", "STATE_CONFLICT") in desk.refused()


# --- what is refused


@pytest.mark.parametrize(
    ("kind", "more"),
    [("release", {}), ("hold", {"reason": "key_in_doubt"}), ("revoke", {"reason": "cessation"})],
)
def test_a_step_that_the_status_does_not_have_is_refused(desk: Desk, kind: str, more: dict[str, Any]) -> None:
    certificate = desk.issue(official("chairman"))
    if kind != "release":
        desk.at_once(certificate, "revocation", "key_compromise")
    assert refusal(desk.about(certificate, kind, **more)) == (409, "CERT_STATUS_CHANGE")
    assert ("request_certificate", "CERT_STATUS_CHANGE") in desk.refused()


def test_a_second_request_of_the_same_type_is_a_duplicate_but_a_revocation_is_never_in_the_way(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    renewal = desk.about(certificate, "renew", reason="new_key").json()["id"]
    assert desk.about(certificate, "revoke", reason="key_compromise").status_code == 201
    assert refusal(desk.about(certificate, "revoke", reason="cessation")) == (409, "CERT_DUPLICATE_ACTIVE")
    assert desk.approve(renewal).status_code == 201


@pytest.mark.parametrize("kind", ["renew", "change", "revoke", "recover_device", "hold", "release"])
def test_unknown_certificates_and_the_hierarchys_own_look_the_same(desk: Desk, kind: str) -> None:
    reason = {"revoke": "cessation", "recover_device": "superseded", "hold": "key_in_doubt"}.get(kind)
    with desk.installation.services.db.reading() as tx:
        root = RegistrySql(tx).by_service("ca:root")[0].certificate_id
    for certificate in ("cert_" + "0" * 26, root):
        assert refusal(desk.about(certificate, kind, reason=reason)) == (404, "CERT_UNKNOWN")
    assert refusal(desk.about("cert_1", kind, reason=reason)) == (422, "ID_INVALID")
    assert [code for _, code in desk.refused()] == ["CERT_UNKNOWN"] * 2


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("revoke", {}),
        ("revoke", {"reason": "hold"}),
        ("revoke", {"reason": "because"}),
        ("hold", {}),
        ("hold", {"reason": "cessation"}),
        ("release", {"reason": "cessation"}),
        ("change", {"reason": "cessation"}),
        ("recover_device", {}),
        ("recover_device", {"reason": "cessation"}),
        ("renew", {"reason": "x" * 33}),
        ("renew", {"org_code": WARD}),
        ("renew", {"scope": {"places": [CENTRE]}}),
        ("revoke", {"reason": "cessation", "ordinal": 1}),
        ("hold", {"reason": "key_in_doubt", "certificate_class": "personal"}),
        ("release", {"subject_id": PEOPLE["leader"].subject_id}),
        ("revoke", {"reason": "cessation", "evidence": []}),
        ("revoke", {"reason": "cessation", "evidence": ["x"] * 21}),
        ("revoke", {"reason": "cessation", "evidence": ["\u202egiả"]}),
        ("revoke", {"reason": "cessation", "evidence": ["x" * 129]}),
        ("new", {"certificate_class": "personal"}),
        ("suspend", {}),
    ],
)
def test_a_field_or_reason_that_the_type_does_not_have_is_refused(
    installation: Any, kind: str, more: dict[str, Any]
) -> None:
    desk = Desk(installation)
    assert refusal(desk.about("cert_" + "0" * 26, kind, **more)) == (422, "INPUT_INVALID")


def test_every_type_but_new_names_its_certificate(installation: Any) -> None:
    desk = Desk(installation)
    for kind in ("renew", "change", "release"):
        assert refusal(desk.request({"type": kind, "evidence": ["x"]})) == (422, "INPUT_INVALID")
    assert refusal(desk.request({"type": "new", "evidence": ["x"]})) == (422, "INPUT_INVALID")


# --- at once: holders and the security officer


def test_a_citizen_suspends_the_own_certificate_at_once_and_needs_two_officers_to_get_it_back(desk: Desk) -> None:
    citizen = {"certificate_class": "citizen", "subject_id": PEOPLE["mother"].subject_id, "evidence": ["cccd"]}
    certificate = desk.issue(citizen)
    assert suspend_own(desk, certificate, Role.CITIZEN, "mother").status_code == 201
    assert desk.status(certificate) == ("on_hold", "hold")
    assert refusal(release_at_once(desk, certificate, Role.CITIZEN, "mother")) == (403, "ROLE_MISSING")
    answer = release_at_once(desk, certificate, Role.SECURITY_OFFICER, "security_officer")
    assert refusal(answer) == (409, "CERT_RELEASE_NEEDS_APPROVAL")
    assert desk.carry_out(certificate, "release")["state"] == "done"
    assert desk.status(certificate)[0] == "active"


def test_a_citizen_suspends_nobody_elses(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    assert refusal(suspend_own(desk, certificate, Role.CITIZEN, "mother")) == (404, "CERT_UNKNOWN")
    assert ("suspend_certificate", "CERT_UNKNOWN") in desk.refused()


def test_the_holder_of_a_superseded_certificate_suspends_that_one_too(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    desk.carry_out(old, "renew", reason="new_key")
    assert suspend_own(desk, old, Role.AUTHORISED_SIGNER, "chairman").status_code == 201
    assert desk.status(old)[0] == "on_hold"


def test_the_security_officer_takes_back_the_own_hold_only(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    desk.at_once(certificate, "suspension", "key_in_doubt")
    released = release_at_once(desk, certificate, Role.SECURITY_OFFICER, "security_officer")
    assert released.json()["certificate"]["status"] == "active"
    desk.carry_out(certificate, "hold", reason="key_in_doubt")
    answer = release_at_once(desk, certificate, Role.SECURITY_OFFICER, "security_officer")
    assert refusal(answer) == (409, "CERT_RELEASE_NEEDS_APPROVAL")
    assert ("release_certificate", "CERT_RELEASE_NEEDS_APPROVAL") in desk.refused()


@pytest.mark.parametrize("role", [Role.RA_OFFICER, Role.APPROVER, Role.CITIZEN])
def test_only_the_security_officer_revokes_alone(desk: Desk, role: Role) -> None:
    certificate = desk.issue(official("chairman"))
    headers = desk.installation.headers(role)
    path = f"/v1/certificates/{certificate}/revocation"
    answer = desk.client.post(path, json={"reason": "cessation"}, headers=headers)
    assert refusal(answer) == (403, "ROLE_MISSING")


def test_the_rules_hold_below_the_routes_too(desk: Desk) -> None:
    certificate, services, at = desk.issue(official("chairman")), desk.installation.services, desk.installation.clock.at
    person = PEOPLE["ra_officer"].subject_id
    officer = Caller(account_id="acc_" + "0" * 26, subject_id=person, role=Role.RA_OFFICER, org_code=None)
    security = replace(officer, role=Role.SECURITY_OFFICER)
    for caller, reason, error in (
        (officer, RevocationReason.CESSATION, Forbidden),
        (security, RevocationReason.HOLD, InputInvalid),
    ):
        with pytest.raises(error):
            revoke_certificate(RevokeCertificate(certificate_id=certificate, reason=reason), services, caller, at)
    desk.at_once(certificate, "suspension", "key_in_doubt")
    with pytest.raises(Forbidden):
        release_certificate(ReleaseCertificate(certificate_id=certificate), services, officer, at)
    nobody = replace(officer, subject_id=None)
    command = RequestCertificate(type=RequestType.RELEASE, certificate_id=certificate, evidence=("x",))
    with pytest.raises(Forbidden):
        request_certificate(command, services, nobody, at)
    filed = desk.about(certificate, "release").json()["id"]
    with pytest.raises(Forbidden):
        approve_certificate_request(ApproveCertificateRequest(request_id=filed), services, nobody, at)
    assert desk.status(certificate)[0] == "on_hold"


# --- work queues


def queue(desk: Desk, role: Role = Role.APPROVER, **query: Any) -> Any:
    return desk.client.get("/v1/certificate-requests", params=query, headers=desk.installation.headers(role))


def test_officers_see_what_waits_in_the_order_of_filing_page_by_page(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    filed = []
    for body in (official("leader"), official("appraiser"), seal()):
        desk.installation.clock.forward(seconds=1)
        filed.append(desk.request(body).json()["id"])
    desk.about(certificate, "revoke", reason="cessation")
    first = queue(desk, state="verified", type="new", limit=2)
    assert [one["id"] for one in first.json()["items"]] == filed[:2]
    assert "state=verified&type=new&cursor=" in first.headers["link"]
    rest = queue(desk, state="verified", type="new", limit=2, cursor=first.json()["next_cursor"]).json()
    assert [one["id"] for one in rest["items"]] == filed[2:]
    assert rest["next_cursor"] is None
    (revocation,) = queue(desk, type="revoke").json()["items"]
    assert revocation["target_certificate_id"] == certificate
    assert {one["state"] for one in queue(desk, state="active").json()["items"]} == {"active"}
    assert [one["id"] for one in queue(desk, org_code=WARD, state="verified", type="new").json()["items"]] == filed


@pytest.mark.parametrize("query", [{"state": "open"}, {"type": "x"}, {"limit": 0}, {"cursor": "%%%"}])
def test_a_listing_takes_only_what_it_knows(installation: Any, query: dict[str, Any]) -> None:
    assert refusal(queue(Desk(installation), **query)) == (422, "INPUT_INVALID")


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.CLERK, Role.ADMINISTRATOR])
def test_work_queues_are_registrations_own(installation: Any, role: Role) -> None:
    assert refusal(queue(Desk(installation), role)) == (403, "ROLE_MISSING")
