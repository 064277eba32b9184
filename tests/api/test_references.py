"""References to evidence stand in the ledger and in listings: plain characters, and no citizen's number among them."""

from typing import Any

import pytest

from api.callers import Role
from api.records.demonstration import PEOPLE, WARD
from api.usecases.evidence_reference import is_reference
from tests.api.pki.desk import Desk, official, refusal

NUMBER = PEOPLE["mother"].personal_id


@pytest.mark.parametrize("text", ["QĐ 12/2024", "1234/NQ-UBTVQH15", "2026-11-23", "0123456789", "1" * 13, "H49.61.07"])
def test_numbers_of_documents_are_references(text: str) -> None:
    assert is_reference(text)


@pytest.mark.parametrize(
    "text", [NUMBER, f"CCCD {NUMBER}", f"{NUMBER}/2026", f"x-{NUMBER}-y", "", " a", "a\u202eb", "a" * 129]
)
def test_a_citizens_number_or_a_hidden_character_is_none(text: str) -> None:
    assert not is_reference(text)


def test_no_door_takes_a_citizens_number_for_a_reference(installation: Any) -> None:
    desk, clerk = Desk(installation), PEOPLE["ward_clerk"]
    filed = desk.request(official("leader", evidence=[f"CCCD {NUMBER}"]))
    assert refusal(filed) == (422, "INPUT_INVALID")
    device = {
        "kind": "token",
        "label": "T-1",
        "org_code": WARD,
        "keeper_subject_id": clerk.subject_id,
        "minute": NUMBER,
    }
    delegation = {
        "org_code": WARD,
        "employment_id": clerk.employment_id,
        "procedure_code": "9.000001",
        "valid_from": installation.clock.at.isoformat(),
        "valid_to": "2026-12-01T00:00:00+07:00",
        "basis": NUMBER,
    }
    merger = {
        "closing_org": WARD,
        "successor_org": "H49.51.01",
        "effective_at": "2026-12-01T00:00:00+07:00",
        "act": NUMBER,
    }
    doors = [
        (Role.RA_OFFICER, "ra_officer", "/v1/key-devices", device),
        (Role.AUTHORISED_SIGNER, "chairman", "/v1/delegations", delegation),
        (Role.ADMINISTRATOR, "administrator", "/v1/mergers", merger),
    ]
    for role, figure, path, body in doors:
        answer = installation.client.post(path, json=body, headers=installation.headers(role, figure))
        assert answer.status_code == 422, (path, answer.text)
        assert NUMBER not in answer.text
    events = installation.client.get(
        "/v1/audit-events", params={"limit": 200}, headers=installation.headers(Role.AUDITOR)
    )
    assert NUMBER not in events.text
