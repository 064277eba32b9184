"""Scenario S18: a delegation (TUQ) works for its time, under the seal of the agency that gave it, and not further."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE, SCHOOL, WARD
from api.records.tables import SIGNING_RIGHTS
from tests.api.office import Office, issue_certificate, official, open_office
from tests.api.pki.moves import begin_post

BEGINS = datetime.fromisoformat("2026-12-01T00:00:00+07:00")
ENDS = datetime.fromisoformat("2027-01-01T00:00:00+07:00")
DELEGATE = "school_officer"


def delegate(office: Office, figure: str = "chairman", **changes: object) -> Any:
    body = {
        "org_code": WARD,
        "employment_id": PEOPLE[DELEGATE].employment_id,
        "procedure_code": BIRTH_EXTRACT,
        "valid_from": BEGINS.isoformat(),
        "valid_to": ENDS.isoformat(),
        "basis": "15/GUQ-UBND",
    } | changes
    return office.send(Role.AUTHORISED_SIGNER, figure, "/v1/delegations", body, org=WARD)


def draft(office: Office) -> Any:
    return office.draft(signer={"employment_id": PEOPLE[DELEGATE].employment_id, "capacity": "tuq"})


def number(office: Office, result: str) -> None:
    assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
    assert office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number").status_code == 201


def sign(office: Office, result: str) -> Any:
    body = {"certificate_id": office.certificates[DELEGATE], "capacity": "tuq"}
    return office.send(Role.AUTHORISED_SIGNER, DELEGATE, f"/v1/results/{result}/signature", body, org=SCHOOL)


def on_the_last_day(installation: Any) -> Office:
    """The ward on the last day of a delegation that its chairman gave to an officer of the ward's school."""
    made = open_office(installation)
    made.certificates[DELEGATE] = issue_certificate(installation, official(DELEGATE))
    early = draft(made)
    assert early.json()["code"] == "SIGNING_RIGHT_MISSING", "before it begins there is no right"
    given = delegate(made)
    assert given.status_code == 201, given.text
    assert draft(made).json()["code"] == "SIGNING_RIGHT_MISSING", "it begins on its day, not when it is written"
    installation.clock.at = (ENDS - timedelta(hours=2)).astimezone(installation.clock.at.tzinfo)
    return made


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return on_the_last_day(installation)


@pytest.fixture(scope="module")
def sealed(office: Office) -> bytes:
    result = draft(office).json()["id"]
    number(office, result)
    answer = sign(office, result)
    assert answer.status_code == 201, answer.text
    sealed = office.seal(result)
    assert sealed.status_code == 201, sealed.text
    return office.content(result)


def test_on_the_last_day_the_delegate_signs_under_the_delegating_agencys_seal(office: Office, sealed: bytes) -> None:
    report = office.installation.client.post(
        "/v1/verifications", files={"file": ("a.pdf", sealed, "application/pdf")}
    ).json()
    assert report["verdict"] == "valid", report["reason_codes"]
    person, seal = report["signatures"]
    assert person["signer"]["common_name"] == PEOPLE[DELEGATE].name
    assert person["signer"]["organisation"] != seal["signer"]["organisation"]
    assert report["entitlement"] == {"status": "entitled", "reasons": []}


def test_the_delegate_passes_nothing_on(office: Office) -> None:
    target = PEOPLE["ward_clerk"].employment_id
    answer = delegate(office, DELEGATE, employment_id=target, valid_from=office.installation.clock.at.isoformat())
    assert (answer.status_code, answer.json()["code"]) == (403, "DELEGATION_PASSED_ON")


def test_a_deputy_does_not_delegate_in_the_heads_place(office: Office) -> None:
    answer = delegate(office, "leader", employment_id=PEOPLE["ward_clerk"].employment_id)
    assert answer.json()["code"] == "SIGNING_RIGHT_MISSING"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"basis": "\u202e15/GUQ"}, "DELEGATION_INVALID"),
        ({"valid_to": BEGINS.isoformat()}, "DELEGATION_INVALID"),
        ({"valid_to": "2028-06-01T00:00:00+07:00"}, "DELEGATION_INVALID"),
        ({"valid_to": "2026-11-30T00:00:00+07:00", "valid_from": "2026-11-01T00:00:00+07:00"}, "DELEGATION_INVALID"),
        ({"employment_id": PEOPLE["chairman"].employment_id}, "DELEGATION_INVALID"),  # to oneself
        ({"employment_id": PEOPLE["approver"].employment_id}, "DELEGATION_INVALID"),  # not below the ward
        ({}, "DELEGATION_INVALID"),  # a second time
        ({"procedure_code": "9.999999"}, "NOT_FOUND"),
    ],
)
def test_a_delegation_that_cannot_be_is_refused(office: Office, changes: dict[str, str], code: str) -> None:
    assert delegate(office, **changes).json()["code"] == code


def test_a_day_later_it_is_refused_at_every_step(office: Office, sealed: bytes) -> None:
    waiting = draft(office).json()["id"]
    number(office, waiting)
    clock = office.installation.clock
    clock.at = clock.at + timedelta(hours=3)  # 1 January, 01:00
    assert sign(office, waiting).json()["code"] == "SIGNING_RIGHT_MISSING"
    assert draft(office).json()["code"] == "SIGNING_RIGHT_MISSING"
    report = office.installation.client.post(
        "/v1/verifications", files={"file": ("a.pdf", sealed, "application/pdf")}
    ).json()
    assert report["verdict"] == "valid"
    assert report["entitlement"]["status"] == "entitled", "what was signed in time stays signed with right"
    clock.at = clock.at - timedelta(hours=3)


def test_a_right_of_another_post_does_not_make_the_certificate_good(office: Office, sealed: bytes) -> None:
    """The certificate must be that of the very post that carries the delegation, also for who holds two posts."""
    other = begin_post(office.installation, DELEGATE, org_code=CENTRE, title="Viên chức", at=BEGINS.astimezone(UTC))

    def carried_by(employment_id: str | None) -> None:
        with office.installation.services.db.transaction() as tx:
            rights = SIGNING_RIGHTS.c
            tx.execute(SIGNING_RIGHTS.update().where(rights.for_org == WARD).values(employment_id=employment_id))

    carried_by(other)
    report = office.installation.client.post(
        "/v1/verifications", files={"file": ("a.pdf", sealed, "application/pdf")}
    ).json()
    carried_by(PEOPLE[DELEGATE].employment_id)
    assert report["verdict"] == "valid"
    assert report["entitlement"]["status"] == "not_entitled"


def test_a_delegation_taken_back_ends_at_once(fresh_install: Any) -> None:
    office = on_the_last_day(fresh_install())
    waiting = draft(office).json()["id"]
    number(office, waiting)
    body = {
        "org_code": WARD,
        "employment_id": PEOPLE[DELEGATE].employment_id,
        "procedure_code": BIRTH_EXTRACT,
    }
    path = "/v1/delegations/withdrawal"
    assert office.send(Role.AUTHORISED_SIGNER, "leader", path, body).json()["code"] == "SIGNING_RIGHT_MISSING"
    assert office.send(Role.AUTHORISED_SIGNER, "chairman", path, body).status_code == 204
    assert sign(office, waiting).json()["code"] == "SIGNING_RIGHT_MISSING"
    again = office.send(Role.AUTHORISED_SIGNER, "chairman", path, body)
    assert again.json()["code"] == "DELEGATION_INVALID"
