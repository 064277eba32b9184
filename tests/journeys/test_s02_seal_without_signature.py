"""Scenario S02: a seal without a signature is refused; nothing is written, the try is logged."""

from typing import Any

import pytest

from api.callers import Role
from tests.api.office import Office, open_office
from tests.api.test_order_property import everything


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


@pytest.mark.parametrize("reached", ["drafted", "appraised", "numbered", "sent_back"])
def test_a_seal_before_the_signature_is_refused_from_every_state(office: Office, reached: str) -> None:
    result = office.draft().json()["id"] if reached in {"drafted", "appraised"} else office.numbered()
    if reached == "appraised":
        office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal")
    if reached == "sent_back":
        office.send(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{result}/sending-back", {"reason": "x"})
    before = everything(office, result)
    for seal in ("seal_secondary", "seal_primary"):
        refused = office.seal(result, certificate=seal)
        assert (refused.status_code, refused.json()["code"]) == (409, "SEAL_BEFORE_SIGNATURE")
    after = everything(office, result)
    assert after.pop("refusals") == before.pop("refusals") + 2
    assert after == before


def test_the_ledger_says_who_tried_and_why_it_was_refused(office: Office) -> None:
    result = office.numbered()
    office.seal(result)
    events = office.installation.client.get(
        "/v1/audit-events?limit=50", headers=office.installation.headers(Role.AUDITOR)
    ).json()["items"]
    (line,) = (one for one in events if one["object_id"] == result and one["action"] == "seal_result")
    assert (line["outcome"], line["reason_code"]) == ("refused", "SEAL_BEFORE_SIGNATURE")


def test_the_refusal_says_in_vietnamese_and_english_what_is_missing(office: Office) -> None:
    result = office.numbered()
    titles = set()
    for language in ("vi", "en"):
        headers = office.installation.headers(Role.CLERK, "clerk") | {"Accept-Language": language}
        body = {"certificate_id": office.certificates["seal_secondary"]}
        answer = office.installation.client.post(f"/v1/results/{result}/seal", json=body, headers=headers)
        titles.add(answer.json()["title"])
    assert titles == {
        "Chưa có chữ ký hợp lệ của người có thẩm quyền: người đó ký trước, rồi hãy đóng dấu",
        "The seal needs the person's valid signature first: have the result signed, then seal",
    }
