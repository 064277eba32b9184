"""S14, the minutes between: the moment of a merger has come and its job has not run yet. Nothing is signed any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.records.employments import Employments
from tests.api.office import Office, issue_certificate, official, open_office

HEIR = "H49.51.01"
MOMENT = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # 1 December 2026, 00:00 +07:00
DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    """The ward a minute after the moment, with work of every kind left over from the day before."""
    made = open_office(installation)
    body = {
        "closing_org": WARD,
        "successor_org": HEIR,
        "effective_at": MOMENT.isoformat(),
        "act": "1234/NQ-UBTVQH15",
    }
    planned = made.send(Role.ADMINISTRATOR, "chairman", "/v1/mergers", body).json()["id"]
    assert made.send(Role.ADMINISTRATOR, "auditor", f"/v1/mergers/{planned}/approval").status_code == 201
    installation.clock.at = MOMENT + timedelta(minutes=1)
    return made


def appraised(office: Office) -> str:
    result = str(office.draft().json()["id"])
    assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
    return result


@pytest.fixture(scope="module")
def late(office: Office) -> dict[str, Any]:
    """The answers to steps that begin before the moment, by sessions of the old agency, and are taken after it."""
    clock = office.installation.clock
    now, clock.at = clock.at, MOMENT - timedelta(minutes=1)
    unnumbered, unsigned, unsealed = appraised(office), office.numbered(), office.numbered()
    assert office.sign(unsealed).status_code == 201
    leader, clerk = (Role.AUTHORISED_SIGNER, "leader"), (Role.CLERK, "clerk")
    personal = {"certificate_id": office.certificates["leader"]}
    seal = {"certificate_id": office.certificates["seal_secondary"]}
    steps: dict[str, tuple[tuple[Role, str], str, dict[str, object]]] = {
        "number": (clerk, f"/v1/results/{unnumbered}/number", {}),
        "sign": (leader, f"/v1/results/{unsigned}/signature", {**personal, "capacity": "kt"}),
        "seal": (clerk, f"/v1/results/{unsealed}/seal", dict(seal)),
        "digest": (leader, "/v1/signature-authorisations", {**personal, "digests": [DIGEST]}),
    }
    headers = {name: office.installation.headers(*who) for name, (who, _path, _body) in steps.items()}
    clock.at = now
    return {
        name: office.installation.client.post(path, json=body, headers=headers[name]).json()
        for name, (_who, path, body) in steps.items()
    }


@pytest.mark.parametrize("step", ["number", "sign", "seal", "digest"])
def test_after_the_moment_nothing_is_numbered_signed_or_sealed_for_the_agency(late: dict[str, Any], step: str) -> None:
    assert late[step].get("code") == "ORG_CLOSED", late[step]


def open_authorisation(office: Office, certificate: str) -> Any:
    body = {"certificate_id": office.certificates[certificate], "digests": [DIGEST]}
    return office.send(Role.AUTHORISED_SIGNER, "leader", "/v1/signature-authorisations", body)


def test_who_left_the_post_signs_no_digest_with_its_certificate(fresh_install: Any) -> None:
    """I7: the certificate says a title that its holder does not have any more."""
    made = fresh_install()
    office = Office(installation=made, certificates={"leader": issue_certificate(made, official("leader"))})
    assert open_authorisation(office, "leader").status_code == 201
    with made.services.db.transaction() as tx:
        assert Employments(tx).find(str(PEOPLE["leader"].employment_id)) is not None
        Employments(tx).end_posts(WARD, made.clock.at)
    assert open_authorisation(office, "leader").json()["code"] == "CERT_TITLE_MISMATCH"
