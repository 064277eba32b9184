"""Suspension, release, revocation and what carries over (I5, I6), over HTTP; what OCSP and CRL say at once."""

from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from api.callers import Role
from api.records.demonstration import CENTRE, PEOPLE
from api.usecases.publish_due_lists import publish_due_lists
from signing.registry_sql import RegistrySql
from tests.api.pki.desk import Desk, official, refusal, seal


def change(desk: Desk, certificate: str, what: str, reason: str, *, role: Role = Role.SECURITY_OFFICER) -> Any:
    headers = desk.installation.headers(role)
    return desk.client.post(f"/v1/certificates/{certificate}/{what}", json={"reason": reason}, headers=headers)


def release(desk: Desk, certificate: str, role: Role = Role.SECURITY_OFFICER, figure: str | None = None) -> Any:
    headers = desk.installation.headers(role, figure)
    return desk.client.delete(f"/v1/certificates/{certificate}/suspension", headers=headers)


def status(desk: Desk, certificate: str) -> str:
    return str(desk.read(certificate).json()["status"])


@pytest.fixture
def seals(desk: Desk) -> tuple[str, str]:
    """Primary and second seal of the ward."""
    primary = desk.issue(seal())
    second = seal(ordinal=2, primary_certificate_id=primary, scope={"places": [CENTRE]})
    return primary, desk.issue(second)


@pytest.mark.parametrize("reason", ["cessation", "affiliation_changed", "org_closed"])
def test_the_end_of_the_holder_ends_the_secondaries(desk: Desk, seals: tuple[str, str], reason: str) -> None:
    primary, second = seals
    done = change(desk, primary, "revocation", reason)
    assert (done.status_code, done.json()["cascaded"]) == (201, [second])
    found = desk.read(second).json()
    assert (found["status"], found["reason"]) == ("revoked", reason)


@pytest.mark.parametrize("reason", ["key_compromise", "superseded"])
def test_the_end_of_one_key_ends_only_that_key(desk: Desk, seals: tuple[str, str], reason: str) -> None:
    primary, second = seals
    assert change(desk, primary, "revocation", reason).json()["cascaded"] == []
    assert (status(desk, primary), status(desk, second)) == ("revoked", "active")


def test_a_secondarys_end_never_touches_the_primary(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    assert change(desk, second, "revocation", "cessation").json()["cascaded"] == []
    assert status(desk, primary) == "active"


def test_a_hold_because_of_the_holder_holds_the_secondaries_and_release_never_carries_over(
    desk: Desk, seals: tuple[str, str]
) -> None:
    primary, second = seals
    assert change(desk, primary, "suspension", "holder_suspended").json()["cascaded"] == [second]
    assert refusal(release(desk, second)) == (409, "CERT_STATUS_CHANGE")  # its primary is still held
    assert release(desk, primary).status_code == 200
    assert status(desk, second) == "on_hold"
    assert release(desk, second).json()["certificate"]["status"] == "active"


def test_a_hold_because_of_one_key_holds_only_that_key(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    assert change(desk, primary, "suspension", "key_in_doubt").json()["cascaded"] == []
    assert status(desk, second) == "active"


def test_what_was_held_ends_with_its_primary_too(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    change(desk, second, "suspension", "key_in_doubt")
    assert change(desk, primary, "revocation", "org_closed").json()["cascaded"] == [second]
    assert status(desk, second) == "revoked"


def test_revoked_is_final(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    change(desk, certificate, "revocation", "key_compromise")
    for answer in (
        change(desk, certificate, "revocation", "cessation"),
        change(desk, certificate, "suspension", "key_in_doubt"),
        release(desk, certificate),
    ):
        assert refusal(answer) == (409, "CERT_STATUS_CHANGE")


def test_the_interval_of_a_hold_stays_after_release(desk: Desk) -> None:
    certificate, clock = desk.issue(official("chairman")), desk.installation.clock
    clock.forward(hours=1)
    begun = clock.at
    change(desk, certificate, "suspension", "key_in_doubt")
    clock.forward(hours=6)
    release(desk, certificate)
    holds = desk.read(certificate).json()["holds"]
    assert [(hold["begun_at"], hold["ended_at"]) for hold in holds] == [
        (begun.strftime("%Y-%m-%dT%H:%M:%SZ"), clock.at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    ]


def test_an_official_suspends_the_own_certificate_at_once_but_nobody_elses_and_does_not_release_it(
    desk: Desk,
) -> None:
    own, other = desk.issue(official("chairman")), desk.issue(official("appraiser"))
    headers = desk.installation.headers(Role.AUTHORISED_SIGNER, "chairman")
    body = {"reason": "key_in_doubt"}
    assert desk.client.post(f"/v1/certificates/{own}/suspension", json=body, headers=headers).status_code == 201
    headers = desk.installation.headers(Role.AUTHORISED_SIGNER, "chairman")
    answer = desk.client.post(f"/v1/certificates/{other}/suspension", json=body, headers=headers)
    assert refusal(answer) == (404, "CERT_UNKNOWN")
    assert refusal(release(desk, own, Role.AUTHORISED_SIGNER, "chairman")) == (403, "ROLE_MISSING")


def test_a_manager_does_not_release_the_own_certificate(desk: Desk) -> None:
    certificate = desk.issue(official("security_officer"))
    change(desk, certificate, "suspension", "key_in_doubt", role=Role.RA_OFFICER)
    assert refusal(release(desk, certificate)) == (409, "SAME_PERSON")


def test_an_official_sees_the_own_certificates_only(desk: Desk) -> None:
    own, other = desk.issue(official("chairman")), desk.issue(official("appraiser"))
    headers = desk.installation.headers(Role.AUTHORISED_SIGNER, "chairman")
    listed = desk.client.get("/v1/certificates", headers=headers).json()["items"]
    assert [item["id"] for item in listed] == [own]
    answer = desk.client.get(f"/v1/certificates/{other}", headers=headers)
    assert refusal(answer) == (404, "CERT_UNKNOWN")
    query = {"subject_id": PEOPLE["appraiser"].subject_id}
    assert desk.client.get("/v1/certificates", params=query, headers=headers).json()["items"] == []
    assert desk.client.get(f"/v1/certificates/{own}", headers=headers).status_code == 200


def test_a_listing_is_filtered_and_comes_in_pages(desk: Desk, seals: tuple[str, str]) -> None:
    desk.issue(official("chairman"))
    headers = desk.installation.headers(Role.AUDITOR)
    query: dict[str, Any] = {"class": "org_seal", "limit": 1}
    first = desk.client.get("/v1/certificates", params=query, headers=headers)
    assert 'rel="next"' in first.headers["link"]
    query["cursor"] = first.json()["next_cursor"]
    second = desk.client.get("/v1/certificates", params=query, headers=headers).json()
    assert {first.json()["items"][0]["id"], second["items"][0]["id"]} == set(seals)
    assert second["next_cursor"] is None
    nothing = desk.client.get("/v1/certificates", params={"status": "revoked"}, headers=headers).json()
    assert nothing["items"] == []


def test_a_certificate_comes_as_json_der_or_pem(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    der = desk.read(certificate, Accept="application/pkix-cert")
    pem = desk.read(certificate, Accept="application/x-pem-file")
    assert der.headers["content-type"] == "application/pkix-cert"
    assert x509.load_pem_x509_certificate(pem.content).public_bytes(Encoding.DER) == der.content
    assert desk.read(certificate).json()["sha256"]


def test_the_hierarchys_own_certificates_are_not_changed_over_http(desk: Desk) -> None:
    with desk.installation.services.db.reading() as tx:
        root = RegistrySql(tx).by_service("ca:root")[0].certificate_id
    assert refusal(change(desk, root, "revocation", "cessation")) == (404, "CERT_UNKNOWN")


@pytest.mark.parametrize("reason", ["hold", "", "because", None])
def test_a_reason_is_one_of_the_list(desk: Desk, reason: str) -> None:
    certificate = desk.issue(official("chairman"))
    assert refusal(change(desk, certificate, "revocation", reason)) == (422, "INPUT_INVALID")


@pytest.mark.parametrize(
    ("certificate", "status_code", "code"),
    [("cert_" + "0" * 26, 404, "CERT_UNKNOWN"), ("cert_x", 422, "ID_INVALID"), ("req_" + "0" * 26, 422, "ID_INVALID")],
)
def test_wrong_ids_are_refused(installation: Any, certificate: str, status_code: int, code: str) -> None:
    assert refusal(Desk(installation).read(certificate)) == (status_code, code)
    answer = change(Desk(installation), certificate, "revocation", "cessation")
    assert refusal(answer) == (status_code, code)


def ask(desk: Desk, certificate: str) -> ocsp.OCSPResponse:
    leaf = x509.load_der_x509_certificate(desk.read(certificate, Accept="application/pkix-cert").content)
    issuer = x509.load_der_x509_certificate(desk.client.get("/pki/personal.cer").content)
    request = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, hashes.SHA256()).build()
    answer: httpx2.Response = desk.client.post("/pki/ocsp/personal", content=request.public_bytes(Encoding.DER))
    return ocsp.load_der_ocsp_response(answer.content)


def listed(desk: Desk) -> set[int]:
    publish_due_lists(desk.installation.services, desk.installation.clock.at)  # what the worker does every few seconds
    return {line.serial_number for line in x509.load_der_x509_crl(desk.client.get("/pki/personal.crl").content)}


def test_ocsp_says_so_at_once_and_the_list_after_one_round(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    serial = int(desk.read(certificate).json()["serial"], 16)
    assert ask(desk, certificate).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert serial not in listed(desk)
    change(desk, certificate, "suspension", "key_in_doubt")
    assert ask(desk, certificate).revocation_reason is x509.ReasonFlags.certificate_hold
    assert serial in listed(desk)
    release(desk, certificate)
    assert ask(desk, certificate).certificate_status is ocsp.OCSPCertStatus.GOOD
    assert serial not in listed(desk)
    change(desk, certificate, "revocation", "key_compromise")
    assert ask(desk, certificate).revocation_reason is x509.ReasonFlags.key_compromise
    assert serial in listed(desk)


def test_an_ocsp_signer_that_ran_out_is_renewed_on_the_way(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    before = ask(desk, certificate).certificates[0].serial_number
    desk.installation.clock.forward(days=31)
    answer = ask(desk, certificate)
    assert answer.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert answer.certificates[0].serial_number != before


def test_every_change_is_in_the_ledger_with_who_and_why(desk: Desk) -> None:
    certificate = desk.issue(official("chairman"))
    change(desk, certificate, "revocation", "key_compromise")
    headers = desk.installation.headers(Role.AUDITOR)
    events = desk.client.get("/v1/audit-events", headers=headers).text
    for action in ("establish_pki", "request_certificate", "approve_certificate_request", "issue_certificate"):
        assert action in events
    assert "revoke_certificate" in events
