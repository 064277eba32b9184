"""Scenario S15: the second seal follows the primary only when it must (I5), from the request to the centre's desk."""

from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import WARD
from tests.api.office import Office, open_office
from tests.api.pki.desk import Desk, refusal
from tests.api.pki.moves import set_agency


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def signed_result(office: Office) -> str:
    result = office.numbered()
    assert office.sign(result).status_code == 201
    return result


def require_centre_seals(office: Office) -> None:
    result = signed_result(office)
    assert office.seal(result).status_code == 201
    pdf = office.content(result)
    answer = office.installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf, "application/pdf")})
    assert (answer.json()["verdict"], answer.json()["entitlement"]["status"]) == ("valid", "entitled")


@pytest.mark.journey
def test_a_lost_primary_token_stops_nobody_at_the_centre_and_the_agencys_end_stops_everybody(office: Office) -> None:
    desk = Desk(office.installation)
    first, second = office.certificates["seal_primary"], office.certificates["seal_secondary"]

    # the primary is renewed: the second seal names the older one and is as good as before
    primary = desk.carry_out(first, "renew", reason="new_key")["certificate_id"]
    assert desk.status(first) == ("superseded", None)
    require_centre_seals(office)

    # the ward's token with the primary seal is lost
    lost = desk.carry_out(primary, "revoke", reason="key_compromise")
    assert lost["cascaded"] == []
    assert desk.status(primary) == ("revoked", "key_compromise")
    require_centre_seals(office)

    # it gets a new token; what the centre seals with goes on hanging on the agency
    recovered = desk.carry_out(primary, "recover_device", reason="key_compromise")["certificate_id"]
    assert (desk.status(recovered)[0], desk.status(second)[0]) == ("active", "active")
    waiting = signed_result(office)

    # the ward closes
    set_agency(office.installation, WARD, status="closed")
    ended = desk.carry_out(recovered, "revoke", reason="org_closed")
    assert set(ended["cascaded"]) == {first, second}
    assert {desk.status(one) for one in (first, second, recovered)} == {("revoked", "org_closed")}
    set_agency(office.installation, WARD, status="active")  # the desk still stands; the seal is what must refuse
    assert refusal(office.seal(waiting)) == (409, "SIG_CERT_REVOKED")
    headers = office.installation.headers(Role.AUDITOR)
    events = office.installation.client.get("/v1/audit-events", params={"limit": 50}, headers=headers).json()["items"]
    revocations = [one for one in events if one["action"] == "revoke_certificate"]
    assert [one["details"]["cascaded"] for one in revocations] == ["2", "0"]
