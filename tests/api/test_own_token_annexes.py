"""A result with annexes sealed by a token: all values in one request, all files kept in one transaction, or nothing."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from api.callers import Role
from api.usecases import seal_by_token
from api.usecases.sweep_preparations import sweep_preparations
from tests.api.token_holders import Holder, TokenOffice, open_token_office
from tests.fakes import sample_pdf


@pytest.fixture(scope="module")
def ward(installation: Any, softhsm: Any) -> TokenOffice:
    return open_token_office(installation, softhsm)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def signed(ward: TokenOffice, annexes: int = 2) -> str:
    """A result with annexes, signed by the leader's token."""
    office = ward.office
    result = str(office.draft().json()["id"])
    headers = office.installation.headers
    for _ in range(annexes):
        files = {"file": ("phu-luc.pdf", sample_pdf.page(), "application/pdf")}
        path = f"/v1/results/{result}/annexes"
        added = office.installation.client.post(path, files=files, headers=headers(Role.APPRAISER, "appraiser"))
        assert added.status_code == 201, added.text
    assert office.send(Role.APPRAISER, "appraiser", f"/v1/results/{result}/appraisal").status_code == 201
    assert office.send(Role.CLERK, "clerk", f"/v1/results/{result}/number").status_code == 201
    (waiting,) = ward.leader.results([result], capacity="kt")
    assert ward.leader.complete(waiting).status_code == 201
    return result


def prepare(ward: TokenOffice, result: str, **more: str) -> Any:
    body = {"certificate_id": ward.seal.certificate_id} | more
    return ward.office.send(Role.CLERK, "clerk", f"/v1/results/{result}/token-preparation", body)


def prepared(ward: TokenOffice, result: str) -> list[dict[str, Any]]:
    answer = prepare(ward, result)
    assert answer.status_code == 201, answer.text
    return [one["preparation"] for one in answer.json()["items"]]


def values(holder: Holder, waiting: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [{"id": one["id"], "value": base64.b64encode(holder.value(one)).decode()} for one in waiting]


def seal(ward: TokenOffice, result: str, items: list[dict[str, str]]) -> Any:
    return ward.office.send(Role.CLERK, "clerk", f"/v1/results/{result}/token-seal", {"items": items})


def annexes_of(ward: TokenOffice, result: str) -> list[dict[str, Any]]:
    return list(ward.office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}/annexes").json())


def contents(ward: TokenOffice, result: str) -> list[bytes]:
    """The result's file and those of its annexes."""
    paths = [f"/v1/annexes/{one['id']}/content" for one in annexes_of(ward, result)]
    return [ward.office.content(result), *(ward.office.fetch(Role.CLERK, "clerk", path).content for path in paths)]


def state(ward: TokenOffice, result: str) -> str:
    return str(ward.office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json()["state"])


def test_result_and_annexes_are_sealed_by_the_token_in_one_act_and_every_file_is_good(ward: TokenOffice) -> None:
    result = signed(ward)
    waiting = prepared(ward, result)
    assert [one["kind"] for one in waiting] == ["seal", "annex", "annex"]
    assert [one["annex_id"] for one in waiting[1:]] == [one["id"] for one in annexes_of(ward, result)]
    assert state(ward, result) == "approved"  # nothing is sealed yet
    items = values(ward.seal, waiting)
    done = seal(ward, result, items[::-1])  # the order of the values does not matter
    assert (done.status_code, done.json()["state"]) == (201, "sealed"), done.text
    again = seal(ward, result, items)
    assert (again.status_code, again.json()["state"]) == (201, "sealed")
    assert [one["signature_level"] for one in annexes_of(ward, result)] == ["B-LT", "B-LT"]
    for pdf in contents(ward, result):
        form = {"file": ("a.pdf", pdf, "application/pdf")}
        report = ward.office.installation.client.post("/v1/verifications", files=form).json()
        assert report["verdict"] == "valid"
    shown = ward.seal.fetch(f"/v1/signature-preparations/{waiting[1]['id']}").json()
    assert (shown["state"], shown["file"]) == ("completed", f"/v1/annexes/{waiting[1]['annex_id']}/content")
    assert ward.office.send_issue(result).status_code in {200, 201}


def test_a_result_without_annexes_is_sealed_so_too(ward: TokenOffice) -> None:
    result = signed(ward, annexes=0)
    waiting = prepared(ward, result)
    assert len(waiting) == 1
    assert seal(ward, result, values(ward.seal, waiting)).status_code == 201


def test_one_wrong_value_seals_nothing_and_leaves_all_usable(ward: TokenOffice) -> None:
    result = signed(ward)
    waiting = prepared(ward, result)
    items = values(ward.seal, waiting)
    mixed = [*items[:2], items[2] | {"value": items[1]["value"]}]
    assert refusal(seal(ward, result, mixed)) == (422, "SIGNATURE_VALUE_WRONG")
    assert state(ward, result) == "approved"
    assert [one["signature_level"] for one in annexes_of(ward, result)] == [None, None]
    assert seal(ward, result, items).status_code == 201


def test_less_more_or_others_than_the_result_with_each_of_its_annexes_are_refused(ward: TokenOffice) -> None:
    result, other = signed(ward), signed(ward, annexes=0)
    items, foreign = values(ward.seal, prepared(ward, result)), values(ward.seal, prepared(ward, other))
    twice = values(ward.seal, prepared(ward, result))
    for wrong in (
        items[:2],
        items[1:],
        [*items, *foreign],
        [*foreign, *items[1:]],
        [*items, items[0]],
        [*items, twice[1]],
    ):
        assert refusal(seal(ward, result, wrong)) == (409, "SIG_NOT_PREPARED"), len(wrong)
    assert refusal(seal(ward, other, items)) == (409, "SIG_NOT_PREPARED")
    assert (state(ward, result), state(ward, other)) == ("approved", "approved")


def test_no_annex_and_no_result_with_annexes_is_completed_alone(ward: TokenOffice) -> None:
    result = signed(ward)
    for one in prepared(ward, result):
        assert refusal(ward.seal.complete(one)) == (409, "ANNEXES_UNSEALED")
    assert refusal(ward.seal.prepare_results([result], kind="seal")) == (409, "ANNEXES_UNSEALED")
    assert state(ward, result) == "approved"


def test_the_seals_wait_for_the_persons_signature_and_are_the_clerks_own(ward: TokenOffice) -> None:
    """I11, I14."""
    result = ward.office.numbered()
    assert refusal(prepare(ward, result)) == (409, "SEAL_BEFORE_SIGNATURE")
    ready = signed(ward)
    assert refusal(prepare(ward, ready, certificate_id=ward.leader.certificate_id)) == (403, "SIG_CERT_HOLDER")
    assert refusal(prepare(ward, ready, file_sha256="0" * 64)) == (409, "DOCUMENT_CHANGED_SINCE_PREVIEW")
    items = values(ward.seal, prepared(ward, ready))
    path = f"/v1/results/{ready}/token-seal"
    assert ward.office.send(Role.CLERK, "ward_clerk", path, {"items": items}).status_code == 404  # not this person's


def test_what_was_prepared_before_the_result_moved_on_seals_nothing(ward: TokenOffice) -> None:
    result = signed(ward)
    first, second = (values(ward.seal, prepared(ward, result)) for _ in range(2))
    assert seal(ward, result, second).status_code == 201
    files = contents(ward, result)
    assert refusal(seal(ward, result, first)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert contents(ward, result) == files


def test_of_two_requests_at_once_one_seals_and_none_half(ward: TokenOffice) -> None:
    result = signed(ward)
    waiting = prepared(ward, result)
    both = [values(ward.seal, waiting) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda items: seal(ward, result, items), both))
    assert [one.status_code for one in answers] == [201, 201], [one.text for one in answers]
    assert state(ward, result) == "sealed"
    assert seal(ward, result, both[0]).status_code == 201
    assert all(one["signature_level"] == "B-LT" for one in annexes_of(ward, result))


def test_the_sweep_comes_while_a_result_is_being_sealed(ward: TokenOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Preparations, result and annexes move in one transaction: when one of them cannot, none does."""
    services, now = ward.office.installation.services, ward.office.installation.clock.at
    result = signed(ward)
    items, made = values(ward.seal, prepared(ward, result)), seal_by_token.complete_step

    def slow(*arguments: Any) -> Any:
        sweep_preparations(services, now + timedelta(minutes=services.settings.preparation_minutes + 1))
        return made(*arguments)

    monkeypatch.setattr(seal_by_token, "complete_step", slow)
    assert refusal(seal(ward, result, items)) == (409, "SIGNATURE_PREPARATION_STALE")
    assert state(ward, result) == "approved"
    assert [one["signature_level"] for one in annexes_of(ward, result)] == [None, None]
