"""A delegation (TUQ) has its own time: it never reaches back, covers its procedure only, and can be given again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from api.callers import Role
from api.db import Tx
from api.errors import AnsoError, CertificateNotYours, Forbidden
from api.records.demonstration import BIRTH_EXTRACT, PEOPLE, SCHOOL, WARD
from api.records.employments import Employment, Employments, SigningCapacity, SigningRight
from api.records.results import Results
from api.usecases.result_signing import require_fit_step
from tests.api.office import Office, issue_certificate, official
from tests.api.pki.desk import Desk

DELEGATE = PEOPLE["school_officer"]


@pytest.fixture
def office(fresh_install: Any) -> Office:
    return Office(installation=fresh_install(), certificates={})


def give(office: Office, *, begins: datetime, ends: datetime, figure: str = "chairman") -> Any:
    body = {
        "org_code": WARD,
        "employment_id": DELEGATE.employment_id,
        "procedure_code": BIRTH_EXTRACT,
        "valid_from": begins.isoformat(),
        "valid_to": ends.isoformat(),
        "basis": "15/QĐ-UBND",
    }
    return office.send(Role.AUTHORISED_SIGNER, figure, "/v1/delegations", body, org=WARD)


def take_back(office: Office, figure: str = "chairman") -> Any:
    body = {"org_code": WARD, "employment_id": DELEGATE.employment_id, "procedure_code": BIRTH_EXTRACT}
    return office.send(Role.AUTHORISED_SIGNER, figure, "/v1/delegations/withdrawal", body, org=WARD)


@contextmanager
def rights_of(office: Office) -> Iterator[Tx]:
    with office.installation.services.db.reading() as tx:
        yield tx


def may_sign(office: Office, at: datetime) -> bool:
    with rights_of(office) as tx:
        right = Employments(tx).right_to_sign(
            DELEGATE.subject_id,
            org_code=WARD,
            procedure_code=BIRTH_EXTRACT,
            capacity=SigningCapacity.TUQ,
            at=at,
        )
    return right is not None


def test_a_second_period_is_given_after_the_first_one(office: Office) -> None:
    now = office.installation.clock.at
    day = timedelta(days=1)
    assert give(office, begins=now, ends=now + 10 * day).status_code == 201
    assert give(office, begins=now + 20 * day, ends=now + 30 * day).status_code == 201
    assert [may_sign(office, now + n * day) for n in (5, 15, 25, 35)] == [True, False, True, False]


@pytest.mark.parametrize(("begins", "ends"), [(5, 15), (-5, 5), (2, 8), (-5, 40), (9, 10)])
def test_two_periods_of_one_delegation_do_not_overlap(office: Office, begins: int, ends: int) -> None:
    now, day = office.installation.clock.at, timedelta(days=1)
    assert give(office, begins=now, ends=now + 10 * day).status_code == 201
    answer = give(office, begins=now + begins * day, ends=now + ends * day)
    assert answer.json()["code"] == "DELEGATION_INVALID"


def test_what_was_taken_back_can_be_given_again_and_the_gap_stays(office: Office) -> None:
    clock, day = office.installation.clock, timedelta(days=1)
    start = clock.at
    assert give(office, begins=start, ends=start + 10 * day).status_code == 201
    clock.at = start + 2 * day
    assert take_back(office).status_code == 204
    clock.at = start + 4 * day
    again = give(office, begins=start, ends=start + 10 * day)
    assert again.status_code == 201, again.text
    assert datetime.fromisoformat(again.json()["valid_from"]) == clock.at, "a right never reaches back"
    assert [may_sign(office, start + n * day) for n in (1, 3, 5)] == [True, False, True]


def test_a_delegation_dated_back_makes_nothing_good_that_was_signed_before_it(office: Office) -> None:
    now = office.installation.clock.at
    assert give(office, begins=now - timedelta(days=30), ends=now + timedelta(days=30)).status_code == 201
    assert not may_sign(office, now - timedelta(seconds=1))
    assert may_sign(office, now)


def test_a_delegation_that_has_not_begun_is_taken_back_too(office: Office) -> None:
    now, day = office.installation.clock.at, timedelta(days=1)
    assert give(office, begins=now + day, ends=now + 5 * day).status_code == 201
    assert take_back(office).status_code == 204
    assert not may_sign(office, now + 2 * day)
    assert take_back(office).json()["code"] == "DELEGATION_INVALID"
    assert give(office, begins=now + day, ends=now + 5 * day).status_code == 201


def test_a_delegation_given_and_taken_back_at_one_moment_leaves_room_for_another(office: Office) -> None:
    now, day = office.installation.clock.at, timedelta(days=1)
    assert give(office, begins=now, ends=now + day).status_code == 201
    assert take_back(office).status_code == 204
    assert not may_sign(office, now)
    assert give(office, begins=now, ends=now + day).status_code == 201


def test_the_delegates_right_ends_with_the_post(office: Office) -> None:
    now, day = office.installation.clock.at, timedelta(days=1)
    assert give(office, begins=now, ends=now + 10 * day).status_code == 201
    with office.installation.services.db.transaction() as tx:
        Employments(tx).end_posts(SCHOOL, now + day)
    assert may_sign(office, now)
    assert not may_sign(office, now + day)


def test_a_delegation_for_one_procedure_names_no_post_for_another(office: Office) -> None:
    """Of two posts the one counts that carries the right for this very procedure, with the certificate of that post."""
    now, day = office.installation.clock.at, timedelta(days=1)
    assert give(office, begins=now, ends=now + 10 * day).status_code == 201
    other = Employment(
        employment_id="emp_01900000-0000-7000-8000-0000000000ff",
        subject_id=DELEGATE.subject_id,
        org_code=WARD,
        title="Công chức tư pháp",
        place_code=None,
        valid_from=now + timedelta(microseconds=1),
    )
    right = SigningRight(
        procedure_code="1.000110",
        capacity=SigningCapacity.TUQ,
        basis="16/GUQ-UBND",
        valid_from=now,
        for_org=WARD,
    )
    with office.installation.services.db.transaction() as tx:
        Employments(tx).add(other, (right,))
        posts = Employments(tx)

        def post_for(procedure: str) -> str | None:
            found = posts.delegated_post(DELEGATE.subject_id, org_code=WARD, procedure_code=procedure, at=now + day)
            return None if found is None else found.employment_id

        assert post_for(BIRTH_EXTRACT) == DELEGATE.employment_id
        assert post_for("1.000110") == other.employment_id
        assert post_for("1.000999") is None


def test_a_refused_delegation_stands_in_the_ledger(office: Office) -> None:
    now, day = office.installation.clock.at, timedelta(days=1)
    assert give(office, begins=now, ends=now + day, figure="leader").json()["code"] == "SIGNING_RIGHT_MISSING"
    assert take_back(office).json()["code"] == "DELEGATION_INVALID"
    assert Desk(office.installation).refused() == [
        ("withdraw_delegation", "DELEGATION_INVALID"),
        ("delegate_signing", "SIGNING_RIGHT_MISSING"),
    ]


def test_a_delegate_signs_what_is_printed_so_and_seals_nothing_of_the_other_agency(office: Office) -> None:
    installation, at = office.installation, office.installation.clock.at
    chairmans = issue_certificate(installation, official("chairman"))
    assert give(office, begins=at, ends=at + timedelta(days=10)).status_code == 201
    result = office.numbered()

    def refused(role: Role, capacity: str) -> type[Exception]:
        header = installation.headers(role, "school_officer", SCHOOL)["Authorization"]
        caller = installation.app.state.authenticator.authenticate(header, (role,), at)
        with installation.services.db.reading() as tx:
            record = replace(Results(tx).get(result), capacity=capacity)
            with pytest.raises(AnsoError) as caught:
                require_fit_step(tx, record, role=role, certificate_id=chairmans, caller=caller, at=at)
        return caught.type

    # the post is good, and the certificate another person's
    assert refused(Role.AUTHORISED_SIGNER, "tuq") is CertificateNotYours
    assert refused(Role.AUTHORISED_SIGNER, "kt") is Forbidden
    assert refused(Role.CLERK, "tuq") is Forbidden
