"""Renewal, change and recovery over HTTP: what the new certificate is, and what becomes of the old one (I2, I5, I7)."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from api.records.demonstration import CENTRE, DEPARTMENT, PEOPLE, WARD
from signing.identity import read_certificate_facts
from signing.registry_sql import RegistrySql
from tests.api.pki.desk import Desk, official, refusal, seal
from tests.api.pki.moves import begin_post, end_post, set_agency


def x509_of(desk: Desk, certificate: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(desk.read(certificate, Accept="application/pkix-cert").content)


def key_of(desk: Desk, certificate: str) -> bytes:
    key = x509_of(desk, certificate).public_key()
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def ocsp_status(desk: Desk, certificate: str) -> ocsp.OCSPCertStatus:
    issuer = x509.load_der_x509_certificate(desk.client.get("/pki/personal.cer").content)
    request = ocsp.OCSPRequestBuilder().add_certificate(x509_of(desk, certificate), issuer, hashes.SHA256()).build()
    answer = desk.client.post("/pki/ocsp/personal", content=request.public_bytes(Encoding.DER))
    return ocsp.load_der_ocsp_response(answer.content).certificate_status


def near_the_end(desk: Desk, certificate: str, days: int = 30) -> None:
    end = x509_of(desk, certificate).not_valid_after_utc
    desk.installation.clock.at = end - timedelta(days=days)


@pytest.fixture
def seals(desk: Desk) -> tuple[str, str]:
    """Primary and second seal of the ward, both in their last weeks."""
    primary = desk.issue(seal())
    near_the_end(desk, primary, days=80)
    return primary, desk.issue(seal(ordinal=2, primary_certificate_id=primary, scope={"places": [CENTRE]}))


# --- renewal


def test_a_renewal_is_a_new_key_under_the_same_names_and_the_old_one_is_left_to_expire(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    near_the_end(desk, old)
    new = desk.carry_out(old, "renew")["certificate_id"]
    before, after = desk.read(old).json(), desk.read(new).json()
    assert (before["status"], after["status"]) == ("superseded", "active")
    assert (before["superseded_by"], after["supersedes"]) == (new, old)
    assert after["subject"] == before["subject"]
    assert after["not_after"] > before["not_after"]
    assert key_of(desk, old) != key_of(desk, new)
    assert [(step["after"], step["because_of"]) for step in before["history"]] == [
        ("recorded", None),
        ("active", None),
        ("superseded", new),
    ]
    # outside nothing was withdrawn: what it signed is good, and it ends with its period
    assert ocsp_status(desk, old) is ocsp.OCSPCertStatus.GOOD


def test_a_renewal_long_before_the_end_needs_a_reason(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    assert refusal(desk.about(old, "renew")) == (409, "CERT_RENEWAL_TOO_EARLY")
    assert refusal(desk.about(old, "renew", reason="because")) == (422, "INPUT_INVALID")
    assert desk.carry_out(old, "renew", reason="new_key")["state"] == "active"


def test_the_window_of_renewal_is_a_setting(fresh_install: Any) -> None:
    desk = Desk(fresh_install(renewal_window_days=10))
    old = desk.issue(official("chairman"))
    near_the_end(desk, old, days=11)
    assert refusal(desk.about(old, "renew")) == (409, "CERT_RENEWAL_TOO_EARLY")
    near_the_end(desk, old, days=10)
    assert desk.about(old, "renew").status_code == 201


def test_what_has_expired_is_not_renewed_but_asked_for_anew(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    near_the_end(desk, old, days=-1)
    assert refusal(desk.about(old, "renew")) == (409, "CERT_STATUS_CHANGE")
    assert desk.request(official("chairman")).status_code == 201


@pytest.mark.parametrize(("what", "reason"), [("revocation", "key_compromise"), ("suspension", "key_in_doubt")])
def test_what_is_not_in_force_is_not_renewed(desk: Desk, what: str, reason: str) -> None:
    old = desk.issue(official("chairman"))
    assert desk.at_once(old, what, reason).status_code == 201
    for kind in ("renew", "change"):
        answer = desk.about(old, kind, **({"reason": "new_key"} if kind == "renew" else {}))
        assert refusal(answer) == (409, "CERT_STATUS_CHANGE")


def test_what_was_renewed_is_not_renewed_again(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    new = desk.carry_out(old, "renew", reason="algorithm")["certificate_id"]
    answer = desk.about(old, "renew", reason="algorithm")
    assert refusal(answer) == (409, "CERT_HAS_SUCCESSOR")
    assert new in answer.json()["detail"]


def test_while_a_renewal_is_open_nothing_else_may_take_the_place(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    filed = desk.about(old, "renew", reason="new_key")
    for answer in (
        desk.about(old, "renew", reason="new_key"),
        desk.about(old, "recover_device", reason="superseded"),
        desk.request(official("chairman")),
    ):
        assert refusal(answer) == (409, "CERT_DUPLICATE_ACTIVE")
    assert desk.approve(filed.json()["id"]).status_code == 201
    # the overlap is the renewal's alone: there is still one in force
    assert refusal(desk.request(official("chairman"))) == (409, "CERT_DUPLICATE_ACTIVE")


def test_a_renewal_keeps_the_secondaries_and_they_end_with_the_renewed_holder(
    desk: Desk, seals: tuple[str, str]
) -> None:
    primary, second = seals
    renewed = desk.carry_out(primary, "renew")["certificate_id"]
    assert desk.status(second) == ("active", None)
    done = desk.carry_out(renewed, "revoke", reason="org_closed")
    assert set(done["cascaded"]) == {second, primary}
    assert {desk.status(one) for one in (primary, second, renewed)} == {("revoked", "org_closed")}


def test_a_hold_because_of_the_holder_reaches_what_hangs_on_the_older_primary_and_that_one_too(
    desk: Desk, seals: tuple[str, str]
) -> None:
    primary, second = seals
    renewed = desk.carry_out(primary, "renew")["certificate_id"]
    assert set(desk.carry_out(renewed, "hold", reason="holder_suspended")["cascaded"]) == {primary, second}
    assert refusal(desk.about(second, "release")) == (409, "CERT_STATUS_CHANGE")  # the present primary is held
    desk.carry_out(renewed, "release")
    desk.carry_out(primary, "release")
    desk.carry_out(second, "release")
    assert [desk.status(one)[0] for one in (primary, second, renewed)] == ["superseded", "active", "active"]


def test_a_renewed_secondary_links_to_the_present_primary(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    renewed = desk.carry_out(primary, "renew")["certificate_id"]
    again = desk.carry_out(second, "renew")["certificate_id"]
    found = desk.read(again).json()
    assert (found["primary_certificate_id"], found["ordinal"]) == (renewed, 2)
    facts = read_certificate_facts(desk.read(again, Accept="application/pkix-cert").content)
    assert facts.primary_sha256 == desk.read(renewed).json()["sha256"]
    assert found["scope"]["places"] == [CENTRE]


def test_a_seal_passes_to_another_keeper_by_renewal(desk: Desk) -> None:
    old = desk.issue(seal())
    keeper = PEOPLE["ward_clerk"].subject_id
    new = desk.carry_out(old, "renew", reason="device", subject_id=keeper)["certificate_id"]
    assert desk.read(new).json()["subject_id"] == keeper
    stranger = PEOPLE["school_officer"].subject_id
    answer = desk.about(new, "renew", reason="device", subject_id=stranger)
    assert refusal(answer) == (409, "CERT_TITLE_MISMATCH")


def test_a_personal_certificate_stays_the_same_persons(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    answer = desk.about(old, "renew", reason="device", subject_id=PEOPLE["leader"].subject_id)
    assert refusal(answer) == (422, "INPUT_INVALID")


def test_a_second_appointment_under_the_same_title_is_renewed(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    at = desk.installation.clock.at
    end_post(desk.installation, "chairman", at)
    assert refusal(desk.about(old, "renew", reason="new_key")) == (409, "CERT_TITLE_MISMATCH")
    post = begin_post(desk.installation, "chairman", org_code=WARD, title="Chủ tịch", at=at)
    assert desk.carry_out(old, "renew", reason="new_key")["employment_id"] == post


def test_other_names_are_a_change_not_a_renewal(desk: Desk) -> None:
    old = desk.issue(seal())
    set_agency(desk.installation, WARD, name="Ủy ban nhân dân phường Yên Hải")
    assert refusal(desk.about(old, "renew", reason="new_key")) == (409, "CERT_TITLE_MISMATCH")
    new = desk.carry_out(old, "change")["certificate_id"]
    assert desk.read(new).json()["subject"]["organisation"] == "Ủy ban nhân dân phường Yên Hải"


@pytest.mark.parametrize("kind", ["renew", "change", "recover_device"])
def test_an_agency_about_to_merge_gets_no_new_certificate_in_any_way(desk: Desk, kind: str) -> None:
    old = desk.issue(seal())
    set_agency(desk.installation, WARD, status="merging", successor_code=DEPARTMENT)
    reason = {"renew": {"reason": "new_key"}, "recover_device": {"reason": "superseded"}, "change": {}}[kind]
    assert refusal(desk.about(old, kind, **reason)) == (409, "CERT_ORG_CLOSED")
    # what ends or suspends goes on
    assert desk.carry_out(old, "hold", reason="key_in_doubt")["state"] == "done"


def test_an_older_certificate_on_hold_is_not_in_the_way_of_the_next_renewal(desk: Desk) -> None:
    first = desk.issue(official("chairman"))
    second = desk.carry_out(first, "renew", reason="new_key")["certificate_id"]
    desk.at_once(first, "suspension", "key_in_doubt")
    third = desk.carry_out(second, "renew", reason="new_key")["certificate_id"]
    assert [desk.status(one)[0] for one in (first, second, third)] == ["on_hold", "superseded", "active"]


# --- change


def test_a_move_gives_a_new_certificate_and_ends_the_old_one_with_its_secondaries(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    second = desk.issue(official("chairman", ordinal=2, primary_certificate_id=old))
    desk.installation.clock.forward(days=1)
    at = desk.installation.clock.at
    end_post(desk.installation, "chairman", at)
    post = begin_post(desk.installation, "chairman", org_code=DEPARTMENT, title="Giám đốc", at=at)
    done = desk.carry_out(old, "change", employment_id=post)
    assert (done["org_code"], done["cascaded"]) == (DEPARTMENT, [second])
    found = desk.read(done["certificate_id"]).json()
    assert found["subject"]["title"] == "Giám đốc"
    assert found["org_code"] == DEPARTMENT
    assert desk.status(old) == desk.status(second) == ("revoked", "affiliation_changed")
    history = desk.read(old).json()["history"]
    assert [step["after"] for step in history] == ["recorded", "active", "superseded", "revoked"]
    assert history[-1]["because_of"] == done["certificate_id"]


def test_a_change_needs_something_that_changes_and_a_post_of_the_same_person(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    assert refusal(desk.about(old, "change")) == (422, "INPUT_INVALID")
    own = PEOPLE["chairman"].employment_id
    assert refusal(desk.about(old, "change", employment_id=own)) == (422, "INPUT_INVALID")
    other = PEOPLE["leader"].employment_id
    assert refusal(desk.about(old, "change", employment_id=other)) == (409, "CERT_TITLE_MISMATCH")
    nobody = "emp_" + "0" * 26
    assert refusal(desk.about(old, "change", employment_id=nobody)) == (409, "CERT_TITLE_MISMATCH")
    answer = desk.about(old, "change", employment_id=own, org_code=DEPARTMENT)
    assert refusal(answer) == (422, "INPUT_INVALID")


def test_a_seal_has_no_post(desk: Desk) -> None:
    old = desk.issue(seal())
    post = PEOPLE["chairman"].employment_id
    assert refusal(desk.about(old, "change", employment_id=post)) == (422, "INPUT_INVALID")


def test_a_change_to_a_post_that_has_a_certificate_is_a_duplicate(desk: Desk) -> None:
    old, at = desk.issue(official("chairman")), desk.installation.clock.at
    post = begin_post(desk.installation, "chairman", org_code=DEPARTMENT, title="Giám đốc", at=at)
    desk.issue(official("chairman", employment_id=post, org_code=DEPARTMENT))
    assert refusal(desk.about(old, "change", employment_id=post)) == (409, "CERT_DUPLICATE_ACTIVE")


def test_the_scope_of_a_second_seal_is_changed_within_the_primarys(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    scope = {"places": [CENTRE], "procedures": ["9.000001"], "document_types": []}
    new = desk.carry_out(second, "change", scope=scope)["certificate_id"]
    assert desk.read(new).json()["scope"] == scope
    assert (desk.status(primary)[0], desk.status(second)) == ("active", ("revoked", "affiliation_changed"))


def test_a_primary_whose_scope_changes_takes_its_secondaries_along(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    done = desk.carry_out(primary, "change", scope={"places": [WARD]})
    assert done["cascaded"] == [second]
    assert desk.status(done["certificate_id"])[0] == "active"


def test_officers_of_a_closed_agency_go_on_by_a_change(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    assert desk.at_once(old, "revocation", "org_closed").status_code == 201
    at = desk.installation.clock.at
    post = begin_post(desk.installation, "chairman", org_code=DEPARTMENT, title="Phó Giám đốc", at=at)
    new = desk.carry_out(old, "change", employment_id=post)["certificate_id"]
    assert desk.status(old) == ("revoked", "org_closed")
    assert desk.read(old).json()["superseded_by"] == new


# --- recovery of a device


@pytest.mark.parametrize("reason", ["key_compromise", "superseded"])
def test_a_recovered_device_has_a_new_key_and_the_old_certificate_alone_is_revoked(
    desk: Desk, seals: tuple[str, str], reason: str
) -> None:
    primary, second = seals
    done = desk.carry_out(primary, "recover_device", reason=reason)
    assert done["cascaded"] == []
    assert desk.status(primary) == ("revoked", reason)
    assert desk.status(second) == ("active", None)
    assert key_of(desk, done["certificate_id"]) != key_of(desk, primary)
    # the lost period is not made longer
    assert desk.read(done["certificate_id"]).json()["not_after"] == desk.read(primary).json()["not_after"]


def test_the_secondaries_of_a_recovered_primary_end_with_the_holder(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    new = desk.carry_out(primary, "recover_device", reason="key_compromise")["certificate_id"]
    assert desk.carry_out(new, "revoke", reason="org_closed")["cascaded"] == [second]


@pytest.mark.parametrize(("what", "reason"), [("suspension", "key_in_doubt"), ("revocation", "key_compromise")])
def test_recovery_also_begins_where_the_holder_or_security_was_faster(desk: Desk, what: str, reason: str) -> None:
    old = desk.issue(official("chairman"))
    desk.at_once(old, what, reason)
    new = desk.carry_out(old, "recover_device", reason="key_compromise")["certificate_id"]
    assert (desk.status(old), desk.status(new)[0]) == (("revoked", "key_compromise"), "active")
    assert refusal(desk.about(old, "recover_device", reason="key_compromise")) == (409, "CERT_HAS_SUCCESSOR")


def test_what_ended_for_another_reason_is_not_recovered(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    desk.at_once(old, "revocation", "cessation")
    assert refusal(desk.about(old, "recover_device", reason="superseded")) == (409, "CERT_STATUS_CHANGE")


def test_after_a_lost_key_and_a_new_request_the_secondaries_still_end_with_the_holder(
    desk: Desk, seals: tuple[str, str]
) -> None:
    primary, second = seals
    desk.carry_out(primary, "revoke", reason="key_compromise")
    anew = desk.issue(seal())  # asked for as a new one, not as a recovery: no row of successors
    assert desk.at_once(anew, "revocation", "org_closed").json()["cascaded"] == [second]


# --- what stays of the old one


def test_the_end_of_the_holder_is_said_of_the_present_certificate(desk: Desk, seals: tuple[str, str]) -> None:
    primary, second = seals
    new = desk.carry_out(primary, "renew")["certificate_id"]
    assert refusal(desk.at_once(primary, "revocation", "org_closed")) == (409, "CERT_HAS_SUCCESSOR")
    assert refusal(desk.at_once(primary, "suspension", "holder_suspended")) == (409, "CERT_HAS_SUCCESSOR")
    assert refusal(desk.about(primary, "revoke", reason="org_closed")) == (409, "CERT_HAS_SUCCESSOR")
    assert refusal(desk.about(primary, "hold", reason="holder_suspended")) == (409, "CERT_HAS_SUCCESSOR")
    # one key alone may be held or end
    assert desk.at_once(primary, "suspension", "key_in_doubt").status_code == 201
    assert ocsp_status(desk, primary) is ocsp.OCSPCertStatus.REVOKED
    assert desk.at_once(primary, "revocation", "key_compromise").json()["cascaded"] == []
    assert [desk.status(one)[0] for one in (new, second)] == ["active", "active"]


def test_a_request_that_no_longer_holds_at_its_approval_is_refused_and_makes_no_key(desk: Desk) -> None:
    old = desk.issue(official("chairman"))
    filed = desk.about(old, "renew", reason="new_key").json()["id"]
    desk.at_once(old, "revocation", "key_compromise")
    assert refusal(desk.approve(filed)) == (409, "CERT_STATUS_CHANGE")
    with desk.installation.services.db.reading() as tx:
        assert RegistrySql(tx).by_request(filed) is None
    assert ("approve_certificate_request", "CERT_STATUS_CHANGE") in desk.refused()
