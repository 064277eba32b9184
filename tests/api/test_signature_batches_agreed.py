"""What a batch's holder agrees to is what was prepared, at that moment, by that person: each guard by itself."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from api.callers import Role
from api.errors import Forbidden, InputInvalid
from api.records.demonstration import SCHOOL, WARD
from api.records.employments import SigningCapacity
from api.records.results import RESULTS
from api.records.second_factors import STEP_S, code_at
from api.records.signature_batch_items import BatchItems, ItemState
from api.records.signature_batches import BatchKind, SignatureBatches
from api.routes import signature_batches as routes
from api.usecases import authorise_signature_batch, change_signature_batch, open_signature_batch
from api.usecases.open_signature_batch import OpenSignatureBatch
from api.usecases.read_signature_batch import list_signature_batches
from api.usecases.signature_batch_work import MAX_ITEMS
from signing.registry import KeyDevice
from signing.registry_sql.tables import CERTIFICATES
from tests.api.batch_office import PATH, BatchOffice, batch_office, leader_of, run_jobs
from tests.api.conftest import Install, install
from tests.api.signer_bench import unb64
from tests.api.test_signature_batches_guarded import uses_of
from tests.fakes.passkey import ORIGIN, SoftPasskey

RESULT = "res_01m8323b80ey4bt9htyq4pbabp"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BatchOffice]:
    made = install(tmp_path_factory.mktemp("agreeing"), public_url=ORIGIN)
    opened = batch_office(made)
    made.clock.forward(hours=1)  # so that it can go back without the certificates being too new
    yield opened
    made.services.close()


@pytest.fixture(scope="module")
def passkey(ward: BatchOffice) -> SoftPasskey:
    """The leader's, vouched for by the chairman."""
    made = SoftPasskey()
    started = ward.office.send(Role.AUTHORISED_SIGNER, "leader", "/v1/passkeys", {"label": "khóa"}).json()
    path = f"/v1/passkeys/{started['id']}"
    answer = made.register_json(unb64(started["challenge"]))
    assert ward.office.send(Role.AUTHORISED_SIGNER, "leader", f"{path}/registration", answer).status_code == 201
    assert ward.office.send(Role.SECURITY_OFFICER, "chairman", f"{path}/confirmation").status_code == 201
    return made


@pytest.fixture(autouse=True)
def _not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module's tests share one leader."""
    monkeypatch.setattr(open_signature_batch, "MAX_OPEN", 1000)


def answered(ward: BatchOffice, batch: str, passkey: SoftPasskey) -> dict[str, Any]:
    """The passkey's answer to the batch's challenge."""
    asked = ward.post(f"/{batch}/challenge")
    assert asked.status_code == 201, asked.text
    return {"assertion": passkey.answer_json(unb64(asked.json()["challenge"]))}


def with_one_refused(ward: BatchOffice) -> tuple[str, str]:
    """A batch of one prepared and one refused document, and the result that was refused: a draft."""
    draft = str(ward.office.draft().json()["id"])
    return ward.prepared([ward.office.numbered(), draft]), draft


def made_ready(ward: BatchOffice, draft: str) -> None:
    assert ward.office.send(Role.APPRAISER, "appraiser", f"/v1/results/{draft}/appraisal").status_code == 201
    assert ward.office.send(Role.CLERK, "clerk", f"/v1/results/{draft}/number").status_code == 201


def first_then(function: Callable[..., Any], then: Callable[[], object]) -> Callable[..., Any]:
    """A function behind whose first call something else happens."""
    calls: list[object] = []

    def called(*arguments: Any, **named: Any) -> Any:
        made = function(*arguments, **named)
        if not calls:
            calls.append(made)
            then()
        return made

    return called


def test_a_list_has_at_most_five_hundred_documents_and_goes_with_its_kind(ward: BatchOffice) -> None:
    ids = sorted({f"{RESULT[:-4]}{number:04d}" for number in range(MAX_ITEMS)})
    assert len(ids) == MAX_ITEMS == 500
    largest = ward.opened(ids)
    assert (largest.status_code, largest.json()["count"]) == (202, 500)
    assert ward.post(f"/{largest.json()['id']}/cancellation").status_code == 202
    one_more = [*ids, RESULT]
    assert ward.opened(one_more).json()["code"] == "INPUT_INVALID"
    command = OpenSignatureBatch(
        kind=BatchKind.SIGN,
        certificate_id=ward.office.certificates["leader"],
        capacity=SigningCapacity.KT,
        result_ids=tuple(one_more),
    )
    services, at = ward.services, ward.services.clock()
    with pytest.raises(InputInvalid):
        open_signature_batch.open_signature_batch(command, services, leader_of(ward), at)
    nobody = replace(leader_of(ward), subject_id=None)
    with pytest.raises(Forbidden):
        open_signature_batch.open_signature_batch(replace(command, result_ids=(RESULT,)), services, nobody, at)
    with pytest.raises(Forbidden):
        list_signature_batches(services, nobody, after=None, limit=1)
    assert ward.sealing([RESULT], all_ready=True).json()["code"] == "INPUT_INVALID"
    assert ward.sealing([]).status_code == 422


def test_the_same_person_in_another_role_sees_another_roles_batches_only(ward: BatchOffice) -> None:
    mine = ward.prepared([RESULT])
    for path in ("", "/items", "/events"):
        seen = ward.get(f"/{mine}{path}", figure="leader", seal=True)
        assert (seen.status_code, seen.json()["code"]) == (404, "NOT_FOUND"), path
    for path in ("/challenge", "/authorization", "/retry", "/cancellation"):
        done = ward.post(f"/{mine}{path}", figure="leader", seal=True)
        assert (done.status_code, done.json()["code"]) == (404, "NOT_FOUND"), path


def test_a_page_of_batches_is_full_also_where_its_owner_has_two_roles(ward: BatchOffice) -> None:
    seal = {"certificate_id": ward.office.certificates["seal_secondary"], "result_ids": [RESULT]}
    made = []
    for kind in ("sign", "seal", "seal", "sign"):
        body = seal | {"kind": kind} | ({"capacity": "kt"} if kind == "sign" else {})
        made.append(ward.post("", body, figure="clerk", seal=kind == "seal").json()["id"])
        ward.office.installation.clock.forward(seconds=1)
    for of_seals, wanted in ((False, [made[3], made[0]]), (True, [made[2], made[1]])):
        first = ward.get("?limit=1", figure="clerk", seal=of_seals).json()
        rest = ward.get(f"?limit=1&cursor={first['next_cursor']}", figure="clerk", seal=of_seals).json()
        assert [one["id"] for one in (*first["items"], *rest["items"])] == wanted


def test_a_certificate_whose_key_is_in_a_token_signs_no_batch(ward: BatchOffice) -> None:
    own = CERTIFICATES.c.certificate_id == ward.office.certificates["leader"]

    def kept_in(device: KeyDevice) -> None:
        with ward.services.db.transaction() as tx:
            tx.execute(CERTIFICATES.update().where(own).values(key_device=device.value))

    kept_in(KeyDevice.TOKEN)
    refused = ward.opened([RESULT])
    kept_in(KeyDevice.SERVER)
    assert (refused.status_code, refused.json()["code"]) == (409, "SIG_KEY_ON_TOKEN")


def test_other_peoples_and_finished_batches_do_not_count(ward: BatchOffice) -> None:
    def counted() -> int:
        with ward.services.db.reading() as tx:
            return SignatureBatches(tx).count_open(leader_of(ward).subject_id or "")

    before = counted()
    own = ward.opened([RESULT]).json()["id"]
    body = {"kind": "sign", "certificate_id": ward.office.certificates["chairman"], "capacity": "head"}
    assert ward.post("", body | {"result_ids": [RESULT]}, figure="chairman").status_code == 202
    assert counted() == before + 1
    run_jobs(ward.services)
    assert ward.get(f"/{own}").json()["state"] == "finished"
    assert counted() <= before


def test_of_all_that_waits_for_the_seal_only_signed_results_that_no_open_batch_holds_are_taken(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward.sealing()  # what the module's other tests left
    unsigned, signed = ward.office.numbered(), ward.signed(2)
    monkeypatch.setattr(open_signature_batch, "MAX_ITEMS", 1)
    first = ward.sealing().json()
    assert first["count"] == 1
    run_jobs(ward.services)
    second = ward.sealing().json()["id"]
    run_jobs(ward.services)
    held = [ward.items(one, seal=True)[0]["result_id"] for one in (first["id"], second)]
    assert sorted(held) == sorted(signed)
    assert ward.sealing().json()["code"] == "BATCH_NOTHING_READY"
    assert ward.post(f"/{second}/cancellation", seal=True).status_code == 202
    third = ward.sealing().json()["id"]
    run_jobs(ward.services)
    assert [one["result_id"] for one in ward.items(third, seal=True)] == held[1:]
    assert unsigned not in held
    assert ward.states(third, seal=True) == ["prepared"]


def test_a_seal_is_not_prepared_before_the_persons_signature_nor_on_a_file_that_changed(ward: BatchOffice) -> None:
    unsigned, (changed, signed) = ward.office.numbered(), ward.signed(2)
    made = ward.sealing([unsigned, changed, signed], previewed={changed: "0" * 64})
    run_jobs(ward.services)
    batch = made.json()["id"]
    reasons = [one["reason_code"] for one in ward.items(batch, seal=True)]
    assert reasons == ["SEAL_BEFORE_SIGNATURE", "DOCUMENT_CHANGED_SINCE_PREVIEW", None]
    assert ward.states(batch, seal=True) == ["refused", "refused", "prepared"]
    again = ward.sealing().json()["id"]
    waiting = {one["result_id"] for one in ward.items(again, seal=True)}
    assert waiting >= {changed}  # what was refused waits for its seal as before
    assert waiting.isdisjoint({unsigned, signed})


def test_what_waits_for_a_seal_is_of_its_agency_and_in_no_batch_of_the_same_seal(ward: BatchOffice) -> None:
    ward.sealing()  # what the module's other tests left
    own, foreign = ward.signed(2)

    def belongs_to(org_code: str) -> None:
        with ward.services.db.transaction() as tx:
            tx.execute(RESULTS.update().where(RESULTS.c.result_id == foreign).values(org_code=org_code))

    primary = {"kind": "seal", "certificate_id": ward.office.certificates["seal_primary"], "result_ids": [own]}
    assert ward.post("", primary, figure="ward_clerk", seal=True).status_code == 202
    belongs_to(SCHOOL)
    made = ward.sealing().json()["id"]
    belongs_to(WARD)
    assert [one["result_id"] for one in ward.items(made, seal=True)] == [own]


def test_every_act_upon_a_batch_counts_once_under_its_key(ward: BatchOffice, passkey: SoftPasskey) -> None:
    client, installation = ward.office.installation.client, ward.office.installation
    batch, draft = with_one_refused(ward)

    def twice(path: str, body: dict[str, Any], other: dict[str, Any]) -> None:
        headers = installation.headers(Role.AUTHORISED_SIGNER, "leader")
        answers = [client.post(f"{PATH}/{batch}{path}", json=body, headers=headers) for _ in range(2)]
        assert answers[0].status_code in (201, 202), answers[0].text
        assert answers[0].json() == answers[1].json()
        changed = client.post(f"{PATH}/{batch}{path}", json=other, headers=headers)
        assert changed.status_code == 422, changed.text

    twice("/challenge", {}, {"x": 1})
    answer = answered(ward, batch, passkey)
    made_ready(ward, draft)
    twice("/retry", {}, {"x": 1})
    assert ward.get(f"/{batch}").json()["authorisation_id"] is None
    run_jobs(ward.services)
    late = ward.authorised(batch, answer)
    assert (late.status_code, late.json()["code"]) == (409, "BATCH_STATE")  # it was for the list of before
    answer = answered(ward, batch, passkey)
    twice("/authorization", answer, {"code": "123456"})
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2
    batch = ward.prepared([ward.office.numbered()])
    twice("/cancellation", {}, {"x": 1})


def grow(ward: BatchOffice, batch: str, draft: str) -> None:
    """The item that was refused is ready now and joins the list."""
    made_ready(ward, draft)
    assert ward.post(f"/{batch}/retry").status_code == 202
    run_jobs(ward.services)


def test_a_list_that_grew_between_question_and_answer_is_not_agreed_to(
    ward: BatchOffice, passkey: SoftPasskey, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, draft = with_one_refused(ward)
    before = uses_of(ward, "leader")

    with monkeypatch.context() as patch:
        opened = first_then(authorise_signature_batch.open_authorisation, lambda: grow(ward, batch, draft))
        patch.setattr(authorise_signature_batch, "open_authorisation", opened)
        answer = answered(ward, batch, passkey)
    assert ward.states(batch) == ["prepared"] * 2
    refused = ward.authorised(batch, answer)
    assert (refused.status_code, refused.json()["code"]) == (409, "BATCH_LIST_CHANGED")
    run_jobs(ward.services)
    assert uses_of(ward, "leader") == before


def test_a_list_that_grew_while_its_holder_agreed_is_not_signed(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, draft = with_one_refused(ward)
    before = uses_of(ward, "leader")

    with monkeypatch.context() as patch:
        agreed = first_then(authorise_signature_batch.confirm_authorisation, lambda: grow(ward, batch, draft))
        patch.setattr(authorise_signature_batch, "confirm_authorisation", agreed)
        refused = ward.authorised(batch)
    assert (refused.status_code, refused.json()["code"]) == (409, "BATCH_STATE")
    run_jobs(ward.services)
    assert ward.states(batch) == ["prepared"] * 2
    assert uses_of(ward, "leader") == before


def test_a_second_authorisation_does_not_come_between_the_first_and_its_list(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ward.prepared(ward.results(2))
    first: list[str] = []

    def begins() -> None:
        first.append(ward.authorised(batch).json()["authorisation_id"])

    with monkeypatch.context() as patch:
        agreed = first_then(authorise_signature_batch.confirm_authorisation, begins)
        patch.setattr(authorise_signature_batch, "confirm_authorisation", agreed)
        second = ward.authorised(batch)
    assert (second.status_code, second.json()["code"]) == (409, "BATCH_STATE")
    assert ward.get(f"/{batch}").json()["authorisation_id"] == first[0]
    assert ward.post(f"/{batch}/challenge").json()["code"] == "BATCH_STATE"
    assert {one["authorisation_id"] for one in ward.items(batch)} == set(first)
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2


def test_a_batch_that_is_in_work_is_not_prepared_again_however_old_it_is(ward: BatchOffice) -> None:
    batch = ward.prepared(ward.results(1))
    assert ward.authorised(batch).status_code == 202
    ward.office.installation.clock.forward(minutes=31)
    for path in ("/challenge", "/authorization"):
        assert ward.post(f"/{batch}{path}").json()["code"] == "BATCH_STATE", path
    seen = ward.get(f"/{batch}").json()
    assert (seen["state"], seen["counts"]["prepared"], seen["list_sha256"]) == ("signing", 1, None)
    assert ward.get(f"/{batch}").headers["retry-after"] == "1"
    run_jobs(ward.services)
    assert ward.get(f"/{batch}").json()["reason_code"] == "AUTHORISATION_EXPIRED"


def test_a_batch_that_is_cancelled_while_its_holder_is_asked_is_not_agreed_to(
    ward: BatchOffice, passkey: SoftPasskey, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (ward.prepared([result]) for result in ward.results(2))
    unasked = ward.authorised(one, {"assertion": passkey.answer_json(bytes(32))})
    assert (unasked.status_code, unasked.json()["code"]) == (409, "BATCH_STATE")
    with monkeypatch.context() as patch:
        opened = first_then(authorise_signature_batch.open_authorisation, lambda: ward.post(f"/{one}/cancellation"))
        patch.setattr(authorise_signature_batch, "open_authorisation", opened)
        asked = ward.post(f"/{one}/challenge")
    assert (asked.status_code, asked.json()["code"]) == (409, "BATCH_STATE")
    with monkeypatch.context() as patch:
        agreed = first_then(
            authorise_signature_batch.confirm_authorisation, lambda: ward.post(f"/{other}/cancellation")
        )
        patch.setattr(authorise_signature_batch, "confirm_authorisation", agreed)
        refused = ward.authorised(other)
    assert (refused.status_code, refused.json()["code"]) == (409, "BATCH_STATE")
    run_jobs(ward.services)
    assert ward.states(one) == ward.states(other) == ["cancelled"]


def test_an_answer_that_was_taken_before_its_process_died_begins_the_batch_when_it_comes_again(
    ward: BatchOffice, passkey: SoftPasskey, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ward.prepared(ward.results(1))
    answer = answered(ward, batch, passkey)

    def dies(*_: object) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as patch:
        patch.setattr(authorise_signature_batch, "_begin", dies)
        assert ward.authorised(batch, answer).status_code == 500
    assert ward.authorised(batch, answer).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"]


def test_an_authorisation_of_another_person_in_a_batchs_row_begins_nothing(
    ward: BatchOffice, passkey: SoftPasskey
) -> None:
    batch = ward.prepared(ward.results(1))
    answer = answered(ward, batch, passkey)
    path = "/v1/signature-authorisations"
    body = {"certificate_id": ward.office.certificates["chairman"], "digests": [ward.items(batch)[0]["digest"]]}
    foreign = ward.office.send(Role.AUTHORISED_SIGNER, "chairman", path, body).json()["id"]
    agreed = ward.office.send(Role.AUTHORISED_SIGNER, "chairman", f"{path}/{foreign}/confirmation")
    assert agreed.status_code == 201, agreed.text
    with ward.services.db.transaction() as tx:  # as an intruder in the database could
        SignatureBatches(tx).change(batch, ward.services.clock(), authorisation_id=foreign)
    refused = ward.authorised(batch, answer)
    assert (refused.status_code, refused.json()["code"]) == (404, "AUTHORISATION_UNKNOWN")
    assert ward.get(f"/{batch}").json()["state"] == "prepared"


def test_what_is_agreed_to_names_the_capacity_and_is_at_most_half_an_hour_old(ward: BatchOffice) -> None:
    forward = ward.office.installation.clock.forward
    batch, other = (ward.prepared([one]) for one in ward.results(2))
    asked = ward.post(f"/{batch}/challenge").json()
    assert (asked["purpose"], asked["capacity"]) == ("sign_result", "kt")
    forward(minutes=-1)
    assert ward.authorised(batch).json()["code"] == "BATCH_PREPARED_ANEW"  # prepared in what is the future now
    assert ward.get(f"/{batch}").json()["authorisation_id"] is None
    run_jobs(ward.services)
    forward(minutes=30)
    assert ward.authorised(batch).status_code == 202
    assert {one["authorisation_id"] for one in ward.items(other)} == {None}
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"]
    forward(minutes=1, seconds=1)
    assert ward.authorised(other).json()["code"] == "BATCH_PREPARED_ANEW"


def test_what_was_signed_is_not_tried_again_and_a_cancelled_batch_is_over(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, draft = with_one_refused(ward)
    assert ward.authorised(batch).status_code == 202
    assert ward.post(f"/{batch}/retry").json()["code"] == "BATCH_STATE"  # it is in work
    assert [one["authorisation_id"] is None for one in ward.items(batch)] == [False, True]
    run_jobs(ward.services)
    over = ward.get(f"/{batch}")
    assert (over.json()["state"], "retry-after" in over.headers) == ("finished", False)
    signed = ward.items(batch)[0]
    with monkeypatch.context() as patch:
        patch.setattr(change_signature_batch, "MAX_OPEN", 0)
        assert ward.post(f"/{batch}/retry").json()["code"] == "BATCHES_TOO_MANY"
    made_ready(ward, draft)
    assert ward.post(f"/{batch}/retry").status_code == 202
    assert ward.post(f"/{batch}/retry").json()["code"] == "BATCH_STATE"
    with monkeypatch.context() as patch:  # it is open already, and takes nobody's place
        run_jobs(ward.services)
        assert ward.states(batch) == ["signed", "prepared"]
        patch.setattr(change_signature_batch, "MAX_OPEN", 0)
        assert ward.post(f"/{batch}/retry").json()["code"] == "BATCH_STATE"
    assert ward.items(batch)[0] == signed
    assert ward.post(f"/{batch}/cancellation").status_code == 202
    assert ward.items(batch)[0] == signed
    given_up, _ = with_one_refused(ward)
    with monkeypatch.context() as patch:
        patch.setattr(change_signature_batch, "MAX_OPEN", 0)
        assert ward.post(f"/{given_up}/retry").status_code == 202
    run_jobs(ward.services)
    assert ward.post(f"/{given_up}/cancellation").status_code == 202
    assert ward.states(given_up) == ["cancelled", "refused"]
    assert ward.post(f"/{given_up}/retry").json()["code"] == "BATCH_STATE"


def test_a_clerk_with_a_second_factor_agrees_to_seals_by_one_code(fresh_install: Install) -> None:
    ward = batch_office(fresh_install())
    clock = ward.office.installation.clock
    ward.signed(2)
    enrolled = ward.office.send(Role.CLERK, "clerk", "/v1/second-factors").json()
    secret = base64.b32decode(enrolled["secret"] + "=" * (-len(enrolled["secret"]) % 8))

    def code() -> str:
        clock.forward(seconds=STEP_S)
        return code_at(secret, int(clock.at.timestamp()) // STEP_S)

    path = f"/v1/second-factors/{enrolled['id']}/confirmation"
    assert ward.office.send(Role.CLERK, "clerk", path, {"code": code()}).status_code == 204
    batch = ward.sealing().json()["id"]
    run_jobs(ward.services)
    assert ward.states(batch, seal=True) == ["prepared"] * 2
    assert ward.authorised(batch, seal=True).json()["code"] == "SECOND_FACTOR_REQUIRED"
    assert ward.authorised(batch, {"code": code()}, seal=True).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch, seal=True) == ["signed"] * 2


def test_places_and_numbers_of_changes_that_nobody_gave_out_are_refused_or_lead_nowhere(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ward.prepared([ward.office.draft().json()["id"], RESULT])

    def at(place: str) -> Any:
        return ward.get(f"/{batch}/items?cursor={base64.urlsafe_b64encode(place.encode()).decode().rstrip('=')}")

    first = ward.get(f"/{batch}/items?limit=1").json()
    rest = ward.get(f"/{batch}/items?limit=1&cursor={first['next_cursor']}").json()
    assert [one["position"] for one in (*first["items"], *rest["items"])] == [0, 1]
    assert at("1:٣").json()["code"] == "INPUT_INVALID"
    beyond = at("1:" + "9" * 30)
    assert (beyond.status_code, beyond.json()["items"]) == (200, [])
    monkeypatch.setattr(routes, "_AT_ONCE", 1)
    installation = ward.office.installation
    headers = installation.headers(Role.AUTHORISED_SIGNER, "leader")
    told = installation.client.get(f"{PATH}/{batch}/events", headers=headers).text
    assert [line for line in told.splitlines() if line.startswith("event: ")] == ["event: item"] * 2 + ["event: batch"]
    after_all = installation.client.get(f"{PATH}/{batch}/events", headers=headers | {"Last-Event-ID": "9" * 20})
    assert [line for line in after_all.text.splitlines() if line.startswith("event: ")] == ["event: batch"]
    changed, _ = with_one_refused(ward)
    assert ward.post(f"/{changed}/cancellation").status_code == 202
    told = installation.client.get(f"{PATH}/{changed}/events", headers=headers).text
    places = [json.loads(line[6:]).get("position") for line in told.splitlines() if line.startswith("data: ")]
    assert places == [1, 0, None]  # in the order in which they changed
    assert ward.get("/x").json()["code"] == "ID_INVALID"
    assert ward.get(f"/sgb_{RESULT[4:]}").json()["code"] == "NOT_FOUND"


def test_changes_of_one_batch_are_not_told_of_another(ward: BatchOffice) -> None:
    one, other = (ward.prepared([result]) for result in ward.results(2))
    with ward.services.db.reading() as tx:
        before = SignatureBatches(tx).get(other), BatchItems(tx, other).in_states(tuple(ItemState))
    assert ward.get(f"/{one}").json()["counts"]["prepared"] == 1
    assert ward.authorised(one).status_code == 202
    run_jobs(ward.services)
    with ward.services.db.reading() as tx:
        after = SignatureBatches(tx).get(other), BatchItems(tx, other).in_states(tuple(ItemState))
    assert before == after
