"""Organisations in time, people with sealed numbers, posts with rights, procedures by version: on both databases."""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from api.db import Tx, from_micros, to_micros
from api.errors import InputInvalid, NotFound, OrganisationClosed
from api.ids import new_id
from api.records import demonstration as demo
from api.records.employments import Employment, Employments, SigningCapacity, SigningRight
from api.records.organisations import Organisations, OrgLevel, OrgStatus, OrgUnit
from api.records.people import People, Person, PersonStatus
from api.records.procedures import Component, Procedure, Procedures
from api.records.tables import PEOPLE
from api.services import Services
from tests.api.conftest import START, Installation


@pytest.fixture(params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest) -> Services:
    name = "installation" if request.param == "sqlite" else "postgres_installation"
    made: Installation = request.getfixturevalue(name)
    return made.services


@pytest.fixture
def tx(services: Services) -> Iterator[Tx]:
    """A transaction that keeps nothing."""
    with services.db.engine.connect() as connection:
        yield connection
        connection.rollback()


def unit(code: str, **changes: object) -> OrgUnit:
    values: dict[str, object] = {
        "org_code": code,
        "name": "Ủy ban nhân dân phường X",
        "level": OrgLevel.COMMUNE,
        "parent_code": demo.TOWN,
        "valid_from": START,
    }
    return OrgUnit(**{**values, **changes})  # type: ignore[arg-type] # a builder


def test_a_moment_survives_the_database_exactly() -> None:
    at = datetime(2026, 11, 23, 2, 0, 0, 123457, tzinfo=UTC)
    assert from_micros(to_micros(at)) == at


def test_the_articles_six_pairs_are_there_and_will_merge(tx: Tx) -> None:
    organisations = Organisations(tx)
    merging = [one for one in demo.ORGANISATIONS if one.successor_code]
    assert len(merging) == 6
    for one in merging:
        found = organisations.require_working(one.org_code, START)
        assert found.status is OrgStatus.MERGING
        assert organisations.get(found.successor_code or "").status is OrgStatus.ACTIVE


def test_a_unit_works_from_its_first_to_before_its_last_moment(tx: Tx) -> None:
    organisations = Organisations(tx)
    end = START + timedelta(days=1)
    organisations.add(unit("H49.X", valid_to=end, successor_code=demo.WARD))
    with pytest.raises(OrganisationClosed):
        organisations.require_working("H49.X", START - timedelta(microseconds=1))
    assert organisations.require_working("H49.X", START).org_code == "H49.X"
    with pytest.raises(OrganisationClosed) as caught:
        organisations.require_working("H49.X", end)
    assert caught.value.code == "ORG_CLOSED"
    assert demo.WARD in caught.value.detail_en


def test_a_closed_unit_does_not_work_whatever_its_dates_say(tx: Tx) -> None:
    organisations = Organisations(tx)
    organisations.add(unit("H49.Y", status=OrgStatus.CLOSED, merger_act="NQ-1"))
    with pytest.raises(OrganisationClosed):
        organisations.require_working("H49.Y", START)


def test_the_tree_knows_its_branches(tx: Tx) -> None:
    codes = [one.org_code for one in Organisations(tx).children(demo.TOWN)]
    assert codes == [demo.WARD, demo.CENTRE]
    with pytest.raises(NotFound):
        Organisations(tx).get("H99")


def test_a_citizens_number_is_sealed_found_by_index_and_given_back(tx: Tx, services: Services) -> None:
    people = People(tx, services.sealer)
    mother = demo.PEOPLE["mother"]
    assert people.personal_id(mother.subject_id) == mother.personal_id
    found = people.by_personal_id(mother.personal_id)
    assert found is not None
    assert found.subject_id == mother.subject_id
    assert people.by_personal_id("000000000000") is None
    row = tx.execute(PEOPLE.select().where(PEOPLE.c.subject_id == mother.subject_id)).one()
    assert mother.personal_id not in str(tuple(row))


def test_names_are_kept_in_nfc(tx: Tx, services: Services) -> None:
    people = People(tx, services.sealer)
    subject_id = new_id("sub", START)
    people.add(Person(subject_id=subject_id, name=unicodedata.normalize("NFD", " Nguyễn Thị Hằng ")), None)
    assert people.get(subject_id).name == "Nguyễn Thị Hằng"
    assert people.personal_id(subject_id) is None


def test_a_child_has_a_guardian(tx: Tx, services: Services) -> None:
    child = People(tx, services.sealer).get(demo.PEOPLE["child"].subject_id)
    assert child.status is PersonStatus.MINOR
    assert child.guardian_subject_id == demo.PEOPLE["mother"].subject_id


@pytest.mark.parametrize("number", ["", "12345678901", "1234567890123", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢", "0221 9390001"])
def test_a_number_without_twelve_digits_is_refused(tx: Tx, services: Services, number: str) -> None:
    people = People(tx, services.sealer)
    with pytest.raises(InputInvalid):
        people.add(Person(subject_id=new_id("sub", START), name="A"), number)
    with pytest.raises(InputInvalid):
        people.by_personal_id(number)


def test_a_person_without_a_name_or_who_is_not_there_is_refused(tx: Tx, services: Services) -> None:
    people = People(tx, services.sealer)
    with pytest.raises(InputInvalid):
        people.add(Person(subject_id=new_id("sub", START), name="  "), None)
    for read in (people.get, people.personal_id):
        with pytest.raises(NotFound):
            read("sub_none")


def test_a_right_to_sign_is_of_a_person_in_a_post_in_a_capacity_and_in_time(tx: Tx) -> None:
    employments = Employments(tx)
    end = START + timedelta(days=30)
    post = Employment(
        employment_id=new_id("emp", START),
        subject_id=demo.PEOPLE["appraiser"].subject_id,
        org_code=demo.WARD,
        title="Công chức",
        place_code=None,
        valid_from=START,
        valid_to=end + timedelta(days=1),
    )
    right = SigningRight(
        procedure_code=demo.BIRTH_EXTRACT,
        capacity=SigningCapacity.TUQ,
        basis="GUQ-1",
        valid_from=START,
        valid_to=end,
    )
    employments.add(post, (right,))

    def found(**changes: object) -> SigningRight | None:
        values: dict[str, object] = {
            "org_code": demo.WARD,
            "procedure_code": demo.BIRTH_EXTRACT,
            "capacity": SigningCapacity.TUQ,
            "at": START,
        }
        return employments.right_to_sign(post.subject_id, **{**values, **changes})  # type: ignore[arg-type] # a builder

    assert found() == right
    assert found(at=end) is None
    assert found(at=START - timedelta(seconds=1)) is None
    assert found(capacity=SigningCapacity.KT) is None
    assert found(procedure_code=demo.SCHOOL_ENROLMENT) is None
    assert found(org_code=demo.TOWN) is None


def test_the_head_and_the_deputy_sign_every_procedure_of_the_ward(tx: Tx) -> None:
    for key, capacity in (("chairman", SigningCapacity.HEAD), ("leader", SigningCapacity.KT)):
        right = Employments(tx).right_to_sign(
            demo.PEOPLE[key].subject_id,
            org_code=demo.WARD,
            procedure_code="anything",
            capacity=capacity,
            at=START,
        )
        assert right is not None


def test_a_post_is_found_by_person_and_agency(tx: Tx) -> None:
    employments = Employments(tx)
    clerk = demo.PEOPLE["clerk"]
    post = employments.works_for(clerk.subject_id, demo.WARD, START)
    assert post is not None
    assert post.place_code == demo.CENTRE
    assert employments.get(post.employment_id) == post
    assert employments.works_for(clerk.subject_id, demo.TOWN, START) is None
    assert employments.works_for(clerk.subject_id, demo.WARD, demo.SINCE - timedelta(days=1)) is None
    with pytest.raises(NotFound):
        employments.get("emp_none")


def test_a_procedure_is_read_in_the_version_of_the_moment(tx: Tx) -> None:
    procedures = Procedures(tx)
    old = procedures.in_force(demo.SCHOOL_ENROLMENT, START)
    newer = Procedure(
        procedure_code=demo.SCHOOL_ENROLMENT,
        version=2,
        name="Tuyển sinh",
        valid_from=START + timedelta(days=1),
        deadline_days=1,
        components=(Component(type_code="don", name="Đơn"),),
        result_types=(),
    )
    procedures.add(newer)
    assert procedures.in_force(demo.SCHOOL_ENROLMENT, START) == old
    assert procedures.in_force(demo.SCHOOL_ENROLMENT, START + timedelta(days=1)) == newer
    assert procedures.version(demo.SCHOOL_ENROLMENT, 1) == old
    with pytest.raises(NotFound):
        procedures.version(demo.SCHOOL_ENROLMENT, 9)
    with pytest.raises(NotFound):
        procedures.in_force(demo.SCHOOL_ENROLMENT, demo.SINCE - timedelta(days=1))


def test_a_result_stands_in_for_the_component_that_names_it(tx: Tx) -> None:
    procedure = Procedures(tx).in_force(demo.SCHOOL_ENROLMENT, START)
    component = procedure.component("trich_luc_khai_sinh")
    assert component is not None
    assert component.type_code == "giay_khai_sinh"
    assert procedure.component("cccd") is None
