"""The next page of a narrowed listing is narrowed as the first one was."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from tests.api.pki.desk import Desk, official, seal


@pytest.fixture(scope="module")
def desk(installation: Any) -> Desk:
    """Three certificates of the ward and one of the department, three devices of the ward and one of the department."""
    made = Desk(installation)
    made.issue(official("leader"))
    made.issue(official("administrator"))
    made.issue(official("chairman"))
    made.issue(seal())
    for index, figure in enumerate(("leader", "administrator", "chairman", "clerk")):
        device = {
            "kind": "token",
            "label": f"T-{index}",
            "org_code": PEOPLE[figure].org_code,
            "keeper_subject_id": PEOPLE[figure].subject_id,
            "minute": "BB 1/2026",
        }
        headers = installation.headers(Role.RA_OFFICER, "ra_officer")
        assert made.client.post("/v1/key-devices", json=device, headers=headers).status_code == 201
    return made


@pytest.mark.parametrize("path", ["/v1/certificates", "/v1/key-devices"])
def test_following_the_link_stays_in_the_agency(desk: Desk, path: str) -> None:
    headers = desk.installation.headers(Role.AUDITOR)
    found: list[Any] = []
    asked = f"{path}?org_code={WARD}&limit=1"
    while asked:
        answer = desk.client.get(asked, headers=headers)
        found += answer.json()["items"]
        link = answer.headers.get("link", "")
        asked = link.partition(">")[0].removeprefix("<") and link.partition(">")[0].removeprefix("<") + "&limit=1"
        assert not link or parse_qs(urlsplit(asked).query)["org_code"] == [WARD]
    assert len(found) == 3
    assert {str(one.get("org_code", WARD)) for one in found} == {WARD}


def test_an_agency_code_has_a_length(desk: Desk) -> None:
    answer = desk.client.get(
        "/v1/key-devices", params={"org_code": "H" * 36}, headers=desk.installation.headers(Role.AUDITOR)
    )
    assert answer.status_code == 422
