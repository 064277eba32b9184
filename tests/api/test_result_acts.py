"""What becomes of an issued result: given out, corrected, replaced, recalled (model.md §3.4)."""

from typing import Any

import pytest

from api.callers import ANONYMOUS, Role
from api.usecases.find_verification_code import FindVerificationCode, find_verification_code
from tests.api.office import Office, open_office

ACT = {"act_number": "45/QĐ-UBND", "reason": "sai ngày sinh"}


@pytest.fixture(scope="module")
def office(installation: Any) -> Office:
    return open_office(installation)


def issued(office: Office) -> dict[str, Any]:
    result = office.numbered()
    assert office.sign(result).status_code == 201
    assert office.seal(result).status_code == 201
    answer = office.send_issue(result)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def pair(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two issued results for tests that change nothing."""
    return issued(office), issued(office)


def act(office: Office, result: str, name: str, body: dict[str, Any], figure: str = "leader") -> Any:
    return office.send(Role.AUTHORISED_SIGNER, figure, f"/v1/results/{result}/{name}", body)


def public_state(office: Office, view: dict[str, Any]) -> str:
    command = FindVerificationCode(code=view["verification_code"])
    installation = office.installation
    return find_verification_code(command, installation.services, ANONYMOUS, installation.clock.at).state


def verified(office: Office, pdf: bytes) -> Any:
    return office.installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf)}).json()


def test_a_recalled_result_stays_as_it_was_signed_and_is_no_longer_in_force(office: Office) -> None:
    one = issued(office)
    before = office.content(one["id"])
    assert public_state(office, one) == "active"
    recalled = act(office, one["id"], "recall", ACT)
    assert recalled.status_code == 201, recalled.text
    view = recalled.json()
    assert (view["state"], view["act_number"], view["reason"]) == ("recalled", ACT["act_number"], ACT["reason"])
    assert office.content(one["id"]) == before
    assert public_state(office, one) == "recalled"
    report = verified(office, before)
    assert (report["verdict"], report["acceptance"]) == ("valid", "refuse"), "two separate answers"
    assert report["document_status"]["state"] == "recalled"
    for name in ("recall", "correction"):
        again = act(office, one["id"], name, ACT)
        assert (again.status_code, again.json()["code"]) == (409, "STATE_CONFLICT")


def test_a_replaced_result_names_what_stands_in_its_place(office: Office) -> None:
    old, new = issued(office), issued(office)
    replaced = act(office, old["id"], "replacement", ACT | {"replaced_by": new["id"]})
    assert (replaced.json()["state"], replaced.json()["replaced_by"]) == ("replaced", new["id"])
    assert (public_state(office, old), public_state(office, new)) == ("superseded", "active")


def test_a_corrected_result_stays_in_force_and_may_be_corrected_again_or_recalled(office: Office) -> None:
    one = issued(office)
    for number in ("45/QĐ-UBND", "46/QĐ-UBND"):
        corrected = act(office, one["id"], "correction", ACT | {"act_number": number})
        assert (corrected.json()["state"], corrected.json()["act_number"]) == ("corrected", number)
    assert public_state(office, one) == "active"
    assert act(office, one["id"], "recall", ACT).json()["state"] == "recalled"


def test_an_issued_result_is_given_out_once(office: Office) -> None:
    one = issued(office)
    given = office.send(Role.CLERK, "clerk", f"/v1/results/{one['id']}/return")
    assert (given.status_code, given.json()["state"]) == (201, "returned")
    again = office.send(Role.CLERK, "clerk", f"/v1/results/{one['id']}/return")
    assert again.json()["code"] == "STATE_CONFLICT"
    assert act(office, one["id"], "recall", ACT).json()["state"] == "recalled"


@pytest.mark.parametrize("name", ["recall", "correction", "return"])
def test_nothing_is_taken_back_that_was_not_issued(office: Office, name: str) -> None:
    result = office.numbered()
    assert office.sign(result).status_code == 201
    body = {} if name == "return" else ACT
    role = Role.CLERK if name == "return" else Role.AUTHORISED_SIGNER
    refused = office.send(role, "clerk" if name == "return" else "leader", f"/v1/results/{result}/{name}", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "STATE_CONFLICT")


def test_only_who_may_sign_such_a_result_acts_upon_it(office: Office, pair: Any) -> None:
    one, _ = pair
    refused = act(office, one["id"], "recall", ACT, figure="appraiser")
    assert (refused.status_code, refused.json()["code"]) == (403, "SIGNING_RIGHT_MISSING")
    clerk = office.send(Role.CLERK, "clerk", f"/v1/results/{one['id']}/recall", ACT)
    assert clerk.json()["code"] == "ROLE_MISSING"


@pytest.mark.parametrize("change", [{"reason": "  "}, {"act_number": "số 123456789012"}, {"act_number": "\u202e1"}])
def test_an_act_has_a_number_and_a_reason(office: Office, pair: Any, change: dict[str, str]) -> None:
    refused = act(office, pair[0]["id"], "recall", ACT | change)
    assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_INVALID")


def test_what_stands_in_its_place_is_another_issued_result_of_the_same_owner(office: Office, pair: Any) -> None:
    one, _ = pair
    draft = office.draft().json()["id"]
    for wrong in (one["id"], draft):
        refused = act(office, one["id"], "replacement", ACT | {"replaced_by": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "INPUT_INVALID")
    assert public_state(office, one) == "active"
