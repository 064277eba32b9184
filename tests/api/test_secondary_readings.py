"""What "second certificate" means at the centre, under both readings, through HTTP (ADR 0014)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from api.callers import Role
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE, WARD
from api.records.plan_steps import StepObject
from api.records.signing_plans import PlanKind, PlanScope, SigningPlans
from api.records.tables import EMPLOYMENTS
from api.settings import SecondaryReading
from tests.api.office import Office, issue_certificate, official, open_office

Install = Callable[..., Any]
LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


def request(installation: Any, body: dict[str, object]) -> tuple[int, str | None]:
    filed = installation.client.post(
        "/v1/certificate-requests",
        json={"type": "new", "evidence": ["quyet-dinh"], **body},
        headers=installation.headers(Role.RA_OFFICER),
    )
    return filed.status_code, filed.json().get("code")


def second(primary: str, figure: str = "leader", places: tuple[str, ...] = (CENTRE,)) -> dict[str, object]:
    scope = {"places": list(places), "procedures": [BIRTH_EXTRACT], "document_types": []}
    return official(figure) | {"ordinal": 2, "primary_certificate_id": primary, "scope": scope}


def seat(installation: Any, place: str | None) -> None:
    """Give the leader a desk at the centre, or take it away."""
    mine = EMPLOYMENTS.c.employment_id == PEOPLE["leader"].employment_id
    with installation.services.db.transaction() as tx:
        tx.execute(sa.update(EMPLOYMENTS).where(mine).values(place_code=place))


@pytest.fixture(scope="module")
def by_person(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The ward where the second certificate is the official's own."""
    from tests.api.conftest import install  # noqa: PLC0415 - the plugin's module, not a package of ours

    made = install(tmp_path_factory.mktemp("person"), secondary_reading="person")
    seal = {"certificate_class": "org_seal", "org_code": WARD, "subject_id": PEOPLE["clerk"].subject_id, "ordinal": 1}
    certificates = {"leader": issue_certificate(made, official("leader")), "seal": issue_certificate(made, seal)}
    certificates["leader_second"] = issue_certificate(made, second(certificates["leader"]))
    seat(made, CENTRE)
    yield Office(installation=made, certificates=certificates)
    made.services.close()


def test_the_agencys_second_seal_is_the_default_reading(installation: Any) -> None:
    assert installation.services.settings.secondary_reading is SecondaryReading.ORG_SEAL


def test_with_the_agencys_second_seal_the_leader_signs_with_any_and_the_clerk_seals_with_the_second(
    installation: Any,
) -> None:
    office = open_office(installation)
    result = office.numbered()
    assert office.sign(result).status_code == 201
    refused = office.seal(result, figure="ward_clerk", certificate="seal_primary")
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_CERT_KIND")
    assert office.seal(result).status_code == 201


def test_with_the_persons_second_certificate_the_leader_signs_with_it_and_the_clerk_seals_with_the_only_seal(
    by_person: Office,
) -> None:
    result = by_person.numbered()
    refused = by_person.sign(result, certificate="leader")
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_CERT_KIND")
    seat(by_person.installation, None)
    elsewhere = by_person.sign(result, certificate="leader_second")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "SIG_CERT_SCOPE")
    seat(by_person.installation, CENTRE)
    signed = by_person.sign(result, certificate="leader_second")
    assert signed.status_code == 201, signed.text
    assert by_person.seal(result, certificate="seal").status_code == 201
    report = by_person.installation.client.post(
        "/v1/verifications", files={"file": ("a.pdf", by_person.content(result), "application/pdf")}
    ).json()
    kinds = [(one["certificate"]["class"], one["certificate"]["ordinal"]) for one in report["signatures"]]
    assert ("personal", 2) in kinds
    assert ("org_seal", 1) in kinds
    assert report["verdict"] == "valid"


def test_with_the_persons_second_certificate_an_agency_gets_no_second_seal(by_person: Office) -> None:
    body = {
        "certificate_class": "org_seal",
        "org_code": WARD,
        "subject_id": PEOPLE["clerk"].subject_id,
        "ordinal": 2,
        "primary_certificate_id": by_person.certificates["seal"],
    }
    assert request(by_person.installation, body) == (409, "CERT_SECONDARY_NOT_OFFERED")


@pytest.mark.parametrize("places", [(), (WARD,), (CENTRE, WARD), ("H49.99.99",)])
def test_an_officials_second_certificate_names_centres_and_nothing_else(
    by_person: Office, places: tuple[str, ...]
) -> None:
    body = second(by_person.certificates["leader"], places=places) | {"ordinal": 3}
    assert request(by_person.installation, body) == (422, "CERT_SECONDARY_PLACE")


def test_under_the_default_reading_a_further_certificate_of_a_person_is_bound_by_i2_only(
    fresh_install: Install,
) -> None:
    made = fresh_install()
    primary = issue_certificate(made, official("leader"))
    assert request(made, second(primary, places=()))[0] == 201


def test_the_first_plan_of_each_reading_names_the_second_certificate(installation: Any) -> None:
    with installation.services.db.reading() as tx:
        plans = {
            reading: SigningPlans(tx).in_force(PlanScope(kind=PlanKind.ON_THE_SPOT, reading=reading), LONG_AGO)
            for reading in SecondaryReading
        }
    signatures = {
        reading: [(one.certificate_class, one.ordinal) for one in plan.steps if one.signs is StepObject.RESULT]
        for reading, plan in plans.items()
    }
    assert signatures == {
        SecondaryReading.ORG_SEAL: [("personal", None), ("org_seal", 2)],
        SecondaryReading.PERSON: [("personal", 2), ("org_seal", 1)],
    }
