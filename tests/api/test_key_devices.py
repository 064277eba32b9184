"""Devices that hold keys: hand-over with a minute, return, and the alarm on the sixth working day (I8, S17)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from api.callers import SYSTEM_CALLER, Role
from api.records.demonstration import PEOPLE, WARD
from api.usecases.watch_devices import watch_devices
from tests.api.office import issue_certificate, official

KEEPER = PEOPLE["leader"].subject_id


def send(installation: Any, path: str, body: object, role: Role = Role.RA_OFFICER, figure: str = "ra_officer") -> Any:
    return installation.client.post(path, json=body, headers=installation.headers(role, figure))


def device(installation: Any, label: str, **changes: object) -> Any:
    body = {"kind": "token", "label": label, "org_code": WARD, "keeper_subject_id": KEEPER, "minute": "01/BB"} | changes
    return send(installation, "/v1/key-devices", body)


def notices(installation: Any, role: Role, figure: str) -> list[str]:
    answer = installation.client.get("/v1/notices", headers=installation.headers(role, figure))
    return [item["type"] for item in answer.json()["items"]]


def test_each_hand_over_is_kept_with_its_minute(installation: Any) -> None:
    made = device(installation, "T-100")
    assert made.status_code == 201, made.text
    path = f"/v1/key-devices/{made.json()['id']}"
    second = PEOPLE["ward_clerk"].subject_id
    assert send(installation, f"{path}/handovers", {"to_subject_id": second, "minute": "02/BB"}).status_code == 201
    again = send(installation, f"{path}/handovers", {"to_subject_id": second, "minute": "03/BB"})
    assert again.json()["code"] == "STATE_CONFLICT"
    back = send(installation, f"{path}/return", {"minute": "04/BB"})
    assert back.json()["returned_at"] is not None
    assert send(installation, f"{path}/return", {"minute": "05/BB"}).json()["code"] == "STATE_CONFLICT"
    view = installation.client.get(path, headers=installation.headers(Role.AUDITOR, "auditor")).json()
    hands = [(one["from_subject_id"], one["to_subject_id"], one["minute"]) for one in view["handovers"]]
    assert hands == [(None, KEEPER, "01/BB"), (KEEPER, second, "02/BB"), (second, None, "04/BB")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"label": "a\u202eb"}, "INPUT_INVALID"),
        ({"minute": "\x00"}, "INPUT_INVALID"),
        ({"org_code": "H49.99"}, "NOT_FOUND"),
        ({"keeper_subject_id": "sub_01m8323b80eyqteec360fex1en"}, "NOT_FOUND"),
        ({"certificate_id": "cert_01m8323b80eyqteec360fex1en"}, "CERT_UNKNOWN"),
        ({"certificate_id": "res_01m8323b80eyqteec360fex1en"}, "ID_INVALID"),
    ],
)
def test_a_device_that_cannot_be_recorded_is_refused(installation: Any, changes: dict[str, str], code: str) -> None:
    rest = {name: value for name, value in changes.items() if name != "label"}
    assert device(installation, changes.get("label", "T-200"), **rest).json()["code"] == code


def test_one_device_is_recorded_once(installation: Any) -> None:
    assert device(installation, "T-300").status_code == 201
    assert device(installation, "T-300").json()["code"] == "ALREADY_EXISTS"


def test_a_holiday_is_listed_named_again_and_dropped(installation: Any) -> None:
    headers = installation.headers(Role.ADMINISTRATOR, "administrator")
    client = installation.client
    for name in ("Tết", "Tết Nguyên đán"):
        assert client.put("/v1/days-off/2027-02-08", json={"name": name}, headers=headers).status_code == 204
    listed = client.get("/v1/days-off?year=2027", headers=headers).json()["items"]
    assert listed == [{"day": "2027-02-08", "name": "Tết Nguyên đán"}]
    assert client.put("/v1/days-off/2027-02-09", json={"name": "\n"}, headers=headers).json()["code"] == "INPUT_INVALID"
    assert client.delete("/v1/days-off/2027-02-08", headers=headers).status_code == 204
    assert client.delete("/v1/days-off/2027-02-08", headers=headers).json()["code"] == "NOT_FOUND"


def test_the_alarm_goes_out_on_the_sixth_working_day_and_once(fresh_install: Any) -> None:
    installation = fresh_install()
    certificate = issue_certificate(installation, official("leader"))
    missing = device(installation, "T-1", certificate_id=certificate).json()["id"]
    kept = device(installation, "T-2", certificate_id=certificate).json()["id"]
    headers = installation.headers(Role.SECURITY_OFFICER, "security_officer")
    path = f"/v1/certificates/{certificate}/revocation"
    assert installation.client.post(path, json={"reason": "cessation"}, headers=headers).status_code == 201
    administrator = installation.headers(Role.ADMINISTRATOR, "administrator")
    day_off = installation.client.put("/v1/days-off/2026-11-26", json={"name": "nghỉ bù"}, headers=administrator)
    assert day_off.status_code == 204
    # revoked on Monday the 23rd; Thursday is off, so the fifth working day is Tuesday, 1 December
    assert send(installation, f"/v1/key-devices/{kept}/return", {"minute": "09/BB"}).status_code == 201
    installation.clock.at = datetime(2026, 12, 1, 16, 59, tzinfo=UTC)  # 23:59 in Viet Nam
    assert watch_devices(installation.services, SYSTEM_CALLER, installation.clock.at).alarmed == ()
    installation.clock.at = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    assert watch_devices(installation.services, SYSTEM_CALLER, installation.clock.at).alarmed == (missing,)
    assert watch_devices(installation.services, SYSTEM_CALLER, installation.clock.at).alarmed == ()
    assert "key_device_missing" in notices(installation, Role.SECURITY_OFFICER, "security_officer")
    assert "key_device_missing" in notices(installation, Role.RA_OFFICER, "ra_officer")
    reader = installation.headers(Role.AUDITOR, "auditor")
    listing = installation.client.get("/v1/key-devices?limit=1", headers=reader).json()
    assert listing["next_cursor"] is not None
    everything = installation.client.get("/v1/key-devices", headers=reader).json()["items"]
    assert {one["id"]: one["alarmed_at"] is not None for one in everything} == {missing: True, kept: False}
