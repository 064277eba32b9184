"""Officer's copies signed with the key in the officer's own token: the same checks as in the service (I10, I21-I23)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from api.callers import Role
from api.usecases import store_completed
from api.usecases.late_copy import complete_copy
from api.usecases.sweep_preparations import sweep_preparations
from signing.pades.pages import opened_pages
from tests.api.away_units import no_time_unit
from tests.api.counter import Counter, code_of, confirmed, reading, seen
from tests.api.token_desk import desk, officer
from tests.api.token_holders import PATH, Holder
from tests.fakes.failing_keys import FailingKeys

__all__ = ["desk", "officer", "reading"]  # fixtures


def prepare(desk: Counter, digitisation: str, **more: str) -> Any:
    body = {"certificate_id": desk.certificate} | more
    return desk.post(f"/v1/digitisations/{digitisation}/token-preparation", json=body)


def prepared(desk: Counter, digitisation: str, **more: str) -> dict[str, Any]:
    answer = prepare(desk, digitisation, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def signed_file(desk: Counter, digitisation: str, dossier: str) -> bytes:
    document = seen(desk, digitisation)["document_id"]
    got = desk.get(f"/v1/documents/{document}/content?role=signed&dossier_id={dossier}")
    assert got.status_code == 200, got.text
    return bytes(got.content)


def test_a_copy_is_signed_by_the_token_and_stored(desk: Counter, officer: Holder) -> None:
    digitisation = confirmed(desk, "181/2020")
    dossier = seen(desk, digitisation)["dossier_id"]
    waiting = prepared(desk, digitisation)
    assert (waiting["kind"], waiting["digitisation_id"], waiting["state"]) == ("copy", digitisation, "open")
    assert seen(desk, digitisation)["state"] == "confirmed"  # nothing is signed yet
    done = officer.complete(waiting)
    assert done.status_code == 201, done.text
    assert (done.json()["state"], done.json()["level"], done.json()["file"]) == ("completed", "B-LT", None)
    assert seen(desk, digitisation)["state"] == "stored"
    pdf = signed_file(desk, digitisation, dossier)
    report = desk.installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf)}).json()
    assert (report["verdict"], report["entitlement"]["status"]) == ("valid", "entitled")
    with opened_pages(pdf) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert "CHUYỂN ĐỔI TỪ BẢN GIẤY" in text
    again = officer.complete(waiting)
    assert (again.status_code, again.json()["file_sha256"]) == (201, done.json()["file_sha256"])
    assert code_of(prepare(desk, digitisation)) == (409, "STATE_CONFLICT")


def test_the_ledger_tells_who_signed_which_paper_with_which_certificate(desk: Counter, officer: Holder) -> None:
    digitisation = confirmed(desk, "182/2020")
    assert officer.complete(prepared(desk, digitisation, mark="none")).status_code == 201
    headers = desk.installation.headers(Role.AUDITOR)
    for action, part in (("prepare_signature", digitisation), ("accept_digitisation", officer.certificate_id)):
        found = desk.installation.client.get(f"/v1/audit-events?action={action}", headers=headers).json()["items"]
        assert any(part in str(one["details"]) for one in found), action


def test_a_token_s_key_is_not_used_in_the_service(desk: Counter) -> None:
    assert code_of(desk.accept(confirmed(desk, "183/2020"))) == (409, "SIG_KEY_ON_TOKEN")


def test_what_was_not_confirmed_is_not_prepared_and_what_changed_since_is_not_signed(
    desk: Counter, officer: Holder
) -> None:
    assert code_of(prepare(desk, desk.read()))[1] == "CNF_UNCONFIRMED"
    digitisation = confirmed(desk, "184/2020")
    waiting = prepared(desk, digitisation)
    desk.patch(digitisation, {"date_expiry": "2024-01-01"})
    assert code_of(officer.complete(waiting)) == (409, "CNF_EXPIRED_ALREADY")
    assert seen(desk, digitisation)["state"] == "confirmed"


def test_a_wrong_value_stores_nothing_and_leaves_the_preparation_usable(desk: Counter, officer: Holder) -> None:
    digitisation, other = confirmed(desk, "185/2020"), confirmed(desk, "186/2020")
    waiting, foreign = prepared(desk, digitisation), prepared(desk, other)
    assert code_of(officer.complete(waiting, officer.value(foreign))) == (422, "SIGNATURE_VALUE_WRONG")
    assert seen(desk, digitisation)["state"] == "confirmed"
    assert officer.complete(waiting).status_code == 201


def test_of_two_preparations_of_one_paper_one_counts(desk: Counter, officer: Holder) -> None:
    digitisation = confirmed(desk, "187/2020")
    first, second = prepared(desk, digitisation), prepared(desk, digitisation, mark="none")
    value = officer.value(first)
    assert officer.complete(second).status_code == 201
    assert code_of(officer.complete(first, value)) == (409, "SIGNATURE_PREPARATION_STALE")


def test_of_two_values_at_once_one_is_stored_and_both_are_told_of_it(desk: Counter, officer: Holder) -> None:
    digitisation = confirmed(desk, "188/2020")
    waiting = prepared(desk, digitisation)
    values = [officer.value(waiting) for _ in range(2)]  # an ECDSA value is another one each time
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda value: officer.complete(waiting, value), values))
    assert [one.status_code for one in answers] == [201, 201], [one.text for one in answers]
    assert len({one.json()["file_sha256"] for one in answers}) == 1


def test_another_person_neither_sees_nor_completes_it(desk: Counter, officer: Holder) -> None:
    digitisation = confirmed(desk, "189/2020")
    waiting = prepared(desk, digitisation)
    stranger = Holder(
        installation=officer.installation,
        role=Role.AUTHORISED_SIGNER,
        figure="leader",
        certificate_id=officer.certificate_id,
        token=officer.token,
    )
    assert code_of(stranger.complete(waiting)) == (404, "NOT_FOUND")
    assert stranger.fetch(f"{PATH}/{waiting['id']}").status_code == 404


def test_the_sweep_comes_while_a_copy_is_being_signed(
    desk: Counter, officer: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Preparation, document and digitisation move in one transaction: when the one cannot, the others do not."""
    services, now = desk.installation.services, desk.installation.clock.at
    digitisation = confirmed(desk, "190/2020")
    waiting, made = prepared(desk, digitisation), store_completed.complete_step

    def slow(*arguments: Any) -> Any:
        sweep_preparations(services, now + timedelta(minutes=services.settings.preparation_minutes + 1))
        return made(*arguments)

    monkeypatch.setattr(store_completed, "complete_step", slow)
    assert code_of(officer.complete(waiting)) == (410, "SIGNATURE_PREPARATION_EXPIRED")
    assert (seen(desk, digitisation)["state"], seen(desk, digitisation)["document_id"]) == ("confirmed", None)


@pytest.fixture
def without_time(desk: Counter) -> Iterator[FailingKeys]:
    """The desk while the time-stamp unit is away."""
    with no_time_unit(desk.installation) as keys:
        yield keys


def test_without_a_time_stamp_the_copy_is_signed_and_stored_when_it_has_one(
    desk: Counter, officer: Holder, without_time: FailingKeys
) -> None:
    digitisation = confirmed(desk, "191/2020")
    dossier = seen(desk, digitisation)["dossier_id"]
    done = officer.complete(prepared(desk, digitisation))
    assert (done.status_code, done.json()["state"], done.json()["level"]) == (201, "completed", "B-B")
    assert (seen(desk, digitisation)["state"], seen(desk, digitisation)["document_id"]) == ("signed", None)
    without_time.refuses = lambda _key_id: False
    services = desk.installation.app.state.services
    complete_copy(services, {"digitisation_id": digitisation}, lambda _done, _total, _label: None)
    assert seen(desk, digitisation)["state"] == "stored"
    pdf = signed_file(desk, digitisation, dossier)
    report = desk.installation.client.post("/v1/verifications", files={"file": ("a.pdf", pdf)}).json()
    assert report["verdict"] == "valid"
