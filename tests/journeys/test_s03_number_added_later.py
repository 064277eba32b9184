"""Scenario S03: a number cannot be added after the leader signed; done outside, the file says so."""

from typing import Any

import pytest

from api.callers import Role
from tests.api.office import Office, open_office
from tests.journeys.issued_result import edited, verified

STAMP = b"q 0 0 0 rg BT /F1 12 Tf 100 700 Td (28/TLKS-UBND) Tj ET 100 690 60 3 re f Q"


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


@pytest.fixture(scope="module")
def signed(office: Office) -> str:
    result = office.numbered()
    assert office.sign(result).status_code == 201
    return result


@pytest.mark.parametrize(
    ("role", "step", "body"),
    [
        (Role.CLERK, "number", {}),
        (Role.CLERK, "voiding", {"reason": "số khác"}),
        (Role.AUTHORISED_SIGNER, "sending-back", {"reason": "số khác"}),
    ],
)
def test_no_client_changes_the_number_of_what_is_signed(
    office: Office, signed: str, role: Role, step: str, body: dict[str, str]
) -> None:
    before = office.content(signed)
    refused = office.send(role, "clerk" if role is Role.CLERK else "leader", f"/v1/results/{signed}/{step}", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "CONTENT_FROZEN")
    assert office.content(signed) == before


def test_a_number_that_was_drawn_outside_after_the_signature_makes_the_file_invalid(
    office: Office, signed: str
) -> None:
    stamped = edited(office.content(signed), STAMP)
    report = verified(office.installation.client, stamped)
    assert report["verdict"] == "invalid"
    assert "DOCUMENT_ALTERED" in report["reason_codes"]
    (person,) = report["signatures"]
    assert person["intact"] is True, "what she signed is as it was; what was added is not hers"
    assert person["changes_after"] == "forbidden"


def test_a_seal_is_not_set_on_what_was_stamped_outside(office: Office) -> None:
    from tests.api.test_result_guards import put_file  # noqa: PLC0415 - as an intruder in the database could

    result = office.numbered()
    assert office.sign(result).status_code == 201
    put_file(office, result, edited(office.content(result), STAMP))
    refused = office.seal(result)
    assert (refused.status_code, refused.json()["code"]) == (409, "SEAL_BEFORE_SIGNATURE")
