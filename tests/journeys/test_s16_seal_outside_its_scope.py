"""Scenario S16: a second seal is used outside its scope, through HTTP; the key stays untouched."""

from dataclasses import replace
from typing import Any

import pytest

from api.bootstrap import build_authenticator
from api.callers import Role
from api.main import create_app
from api.records.demonstration import BIRTH_EXTRACT, CENTRE, PEOPLE, SCHOOL_ENROLMENT, WARD
from signing.registry_sql import RegistrySql
from tests.api.office import Office, issue_certificate, open_office
from tests.fakes.failing_keys import FailingKeys


@pytest.fixture(scope="module")
def watched(installation: Any) -> tuple[Office, list[str]]:
    """A ward at work, and the list of the keys that were used."""
    office, used = open_office(installation), []
    keys = FailingKeys(installation.services.keys, lambda key_id: used.append(key_id) or False)
    services = replace(installation.services, keys=keys)
    app = create_app(services, build_authenticator(services.settings, services.db))
    return Office(
        installation=replace(installation, services=services, app=app), certificates=office.certificates
    ), used


@pytest.fixture(scope="module")
def signed(watched: tuple[Office, list[str]]) -> str:
    office, _ = watched
    result = office.numbered()
    assert office.sign(result).status_code == 201
    return result


def another_seal(office: Office, keeper: str, scope: dict[str, list[str]]) -> str:
    """The ward's second seal anew: the one before is revoked first (I2)."""
    installation = office.installation
    path = f"/v1/certificates/{office.certificates['seal_secondary']}/revocation"
    headers = installation.headers(Role.SECURITY_OFFICER, "security_officer")
    assert installation.client.post(path, json={"reason": "superseded"}, headers=headers).status_code == 201
    body = {
        "certificate_class": "org_seal",
        "org_code": WARD,
        "ordinal": 2,
        "subject_id": PEOPLE[keeper].subject_id,
        "primary_certificate_id": office.certificates["seal_primary"],
        "scope": {"places": [], "procedures": [], "document_types": []} | scope,
    }
    office.certificates["seal_secondary"] = issue_certificate(installation, body)
    return office.certificates["seal_secondary"]


@pytest.mark.parametrize(
    ("keeper", "scope"),
    [
        ("clerk", {"places": [CENTRE], "procedures": [SCHOOL_ENROLMENT]}),
        ("ward_clerk", {"places": [CENTRE], "procedures": [BIRTH_EXTRACT]}),  # at the head office's desk
        ("clerk", {"places": [CENTRE], "document_types": ["quyet_dinh"]}),
    ],
)
def test_a_seal_outside_its_scope_is_refused_and_its_key_is_not_touched(
    watched: tuple[Office, list[str]], signed: str, keeper: str, scope: dict[str, list[str]]
) -> None:
    office, used = watched
    seal = another_seal(office, keeper, scope)
    with office.installation.services.db.reading() as tx:
        key_id = RegistrySql(tx).get(seal).key_id
    before = office.content(signed)
    answer = office.seal(signed, figure=keeper)
    assert (answer.status_code, answer.json()["code"]) == (409, "SIG_CERT_SCOPE")
    assert key_id not in used
    assert office.content(signed) == before


def test_inside_its_scope_the_same_seal_is_taken(watched: tuple[Office, list[str]]) -> None:
    office, used = watched
    result = office.numbered()
    assert office.sign(result).status_code == 201
    seal = another_seal(office, "clerk", {"places": [CENTRE], "procedures": [BIRTH_EXTRACT]})
    assert office.seal(result).status_code == 201
    with office.installation.services.db.reading() as tx:
        assert RegistrySql(tx).get(seal).key_id in used
