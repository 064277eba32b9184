"""Results signed and sealed with keys in tokens: the same order and the same checks as in the service (I10, I11)."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from api.callers import Role
from api.usecases import store_completed
from api.usecases.sweep_preparations import sweep_preparations
from tests.api.token_holders import PATH, TokenOffice, open_token_office
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def ward(installation: Any, softhsm: Any) -> TokenOffice:
    return open_token_office(installation, softhsm)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_result_is_signed_and_sealed_by_two_tokens(ward: TokenOffice) -> None:
    result = ward.office.numbered()
    (prepared,) = ward.leader.results([result], capacity="kt")
    signed = ward.leader.complete(prepared)
    assert signed.status_code == 201, signed.text
    assert (signed.json()["level"], signed.json()["file"]) == ("B-LT", f"/v1/results/{result}/content")
    (prepared,) = ward.seal.results([result], kind="seal")
    sealed = ward.seal.complete(prepared)
    assert sealed.status_code == 201, sealed.text
    assert ward.office.send_issue(result).status_code in {200, 201}
    files = {"file": ("a.pdf", ward.office.content(result))}
    report = ward.office.installation.client.post("/v1/verifications", files=files).json()
    assert (report["verdict"], len(report["signatures"])) == ("valid", 2)


def test_each_step_needs_its_role_and_its_certificate(ward: TokenOffice) -> None:
    result = ward.office.numbered()
    assert refusal(ward.leader.prepare_results([result], kind="seal")) == (403, "ROLE_MISSING")
    assert refusal(ward.seal.prepare_results([result], capacity="kt")) == (403, "ROLE_MISSING")
    assert refusal(ward.leader.prepare_results([result])) == (422, "INPUT_INVALID")
    assert refusal(ward.leader.prepare_results([result, result], capacity="kt")) == (422, "INPUT_INVALID")
    assert refusal(ward.leader.prepare_results([result], capacity="head")) == (403, "FORBIDDEN")
    foreign = ward.seal.certificate_id
    answer = ward.leader.prepare_results([result], capacity="kt", certificate_id=foreign)
    assert refusal(answer) == (403, "SIG_CERT_HOLDER")


def test_a_key_of_the_service_is_not_used_in_two_steps_and_a_token_not_in_one(ward: TokenOffice) -> None:
    result = ward.office.numbered()
    assert refusal(ward.office.sign(result)) == (409, "SIG_KEY_ON_TOKEN")
    ward.leader.results([result], capacity="kt")


def test_a_seal_in_a_token_waits_for_the_persons_signature(ward: TokenOffice) -> None:
    """I11, S02: prepared only behind a signature that was checked here; an upload gets no seal at all."""
    result = ward.office.numbered()
    assert refusal(ward.seal.prepare_results([result], kind="seal")) == (409, "SEAL_BEFORE_SIGNATURE")
    assert refusal(ward.seal.prepare(sample_pdf.small())) == (409, "SEAL_ON_UPLOAD")
    waiting = ward.leader.results([result], capacity="kt")
    assert refusal(ward.seal.prepare_results([result], kind="seal")) == (409, "SEAL_BEFORE_SIGNATURE")
    assert ward.leader.complete(waiting[0]).status_code == 201
    assert ward.seal.prepare_results([result], kind="seal").status_code == 201


def test_a_result_that_moved_on_takes_no_value_any_more(ward: TokenOffice) -> None:
    result = ward.office.numbered()
    first, second = (ward.leader.results([result], capacity="kt")[0] for _ in range(2))
    late = ward.leader.value(second)
    assert ward.leader.complete(first).status_code == 201
    assert refusal(ward.leader.complete(second, late)) == (409, "SIGNATURE_PREPARATION_STALE")
    before = ward.office.content(result)
    body = {"reason": "Sai nội dung"}
    voided = ward.office.numbered()
    (prepared,) = ward.leader.results([voided], capacity="kt")
    path = f"/v1/results/{voided}/voiding"
    assert ward.office.send(Role.AUTHORISED_SIGNER, "leader", path, body).status_code == 201
    assert refusal(ward.leader.complete(prepared)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert ward.office.content(result) == before


def test_of_two_values_for_one_result_at_once_one_is_stored_and_both_are_answered(ward: TokenOffice) -> None:
    result = ward.office.numbered()
    (prepared,) = ward.leader.results([result], capacity="kt")
    values = [ward.leader.value(prepared) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda value: ward.leader.complete(prepared, value), values))
    assert {one.status_code for one in answers} == {201}, [one.text for one in answers]
    assert len({one.json()["file_sha256"] for one in answers}) == 1


def test_the_printed_day_must_be_the_day_of_the_value(ward: TokenOffice) -> None:
    result, clock = ward.office.numbered(), ward.office.installation.clock
    before = clock.at
    clock.at = before.replace(hour=16, minute=55)  # 23:55 in Vietnam
    try:
        (prepared,) = ward.leader.results([result], capacity="kt")
        value = ward.leader.value(prepared)
        clock.forward(minutes=10)
        assert refusal(ward.leader.complete(prepared, value)) == (409, "DOCUMENT_DATE_PASSED")
    finally:
        clock.at = before


def test_many_results_are_prepared_and_completed_each_by_itself(ward: TokenOffice) -> None:
    results = [ward.office.numbered() for _ in range(3)]
    unfit = ward.office.draft().json()["id"]
    answer = ward.leader.prepare_results([*results, unfit], capacity="kt")
    items = answer.json()["items"]
    assert [item["error"] and item["error"]["code"] for item in items] == [None, None, None, "STATE_CONFLICT"]
    sent = [
        {"id": one["id"], "value": base64.b64encode(ward.leader.value(one)).decode()}
        for one in (item["preparation"] for item in items[:3])
    ]
    client, headers = ward.office.installation.client, ward.leader.headers()
    done = client.post(f"{PATH}/completions", json={"items": sent}, headers=headers).json()["items"]
    assert [item["preparation"]["result_id"] for item in done] == results


def test_a_late_value_finds_the_result_as_it_was(ward: TokenOffice) -> None:
    services, clock = ward.office.installation.services, ward.office.installation.clock
    result, before = ward.office.numbered(), clock.at
    (prepared,) = ward.leader.results([result], capacity="kt")
    value, file = ward.leader.value(prepared), ward.office.content(result)
    try:
        clock.forward(minutes=services.settings.preparation_minutes + 1)
        assert refusal(ward.leader.complete(prepared, value)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    finally:
        clock.at = before
    assert ward.office.content(result) == file


def test_the_sweep_comes_while_a_result_is_being_signed(ward: TokenOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparation and result move in one transaction: when the one cannot, the other does not."""
    services, clock = ward.office.installation.services, ward.office.installation.clock
    result, before = ward.office.numbered(), clock.at
    (prepared,) = ward.leader.results([result], capacity="kt")
    made = store_completed.complete_step

    def slow(*arguments: Any) -> Any:
        sweep_preparations(services, before + timedelta(minutes=services.settings.preparation_minutes + 1))
        return made(*arguments)

    monkeypatch.setattr(store_completed, "complete_step", slow)
    assert refusal(ward.leader.complete(prepared)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    state = ward.office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json()["state"]
    assert state == "numbered"
