"""A batch's jobs when the world moves under them: twins, stale lanes, stores and clocks; each guard by itself."""

import errno
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.callers import Role
from api.errors import Forbidden, ServiceUnavailable, SignerStatusUnknown, VersionConflict
from api.jobs import Turns
from api.records.demonstration import PEOPLE, WARD
from api.records.results import Results
from api.records.signature_batch_items import (
    BatchItem,
    BatchItems,
    ItemState,
    SignatureKey,
    SignatureOutcome,
    SignatureOutcomes,
)
from api.records.signature_batches import SignatureBatch, SignatureBatches
from api.records.tables import ACCOUNTS
from api.routes import signature_batches as routes
from api.services import Services
from api.settings import StatusPolicy
from api.usecases import prepare_signature_batch, sign_signature_batch, status_policy
from api.usecases.authorise_signature_batch import list_digest
from api.usecases.change_signature_batch import lapse_batch
from api.usecases.open_signature_batch import LAPSE_JOB, LIFE
from api.usecases.result_files import store_revision
from api.usecases.signature_batch_work import (
    KILLS_WORKERS,
    PREPARE_JOB,
    SIGN_JOB,
    Lane,
    give_up_lane,
    settle_batch,
)
from api.usecases.signing_parts import credential_of
from signing.authorisation_sql.tables import AUTHORISATIONS, AUTHORISED_DIGESTS
from signing.errors import AuthorisationExpired, KeyUnavailable
from signing.identity import CertificateClass, load_certificate
from signing.registry_sql import RegistrySql
from signing.signer import LocalDesk
from tests.api.batch_office import BatchOffice, batch_office, run_batch_jobs, run_jobs
from tests.api.conftest import Install, Installation
from tests.api.imports.outside import Outside
from tests.api.strict_status import imported_row
from tests.api.test_signature_batches_guarded import uses_of
from vault.naming import Area


@pytest.fixture(scope="module")
def ward(installation: Installation) -> BatchOffice:
    made = batch_office(installation)
    installation.clock.forward(hours=1)  # so that it can go back without the certificates being too new
    return made


def nothing_told(*_: object) -> None:
    """A job's progress, to nobody."""


def payloads(ward: BatchOffice, batch: str, kind: str) -> list[dict[str, str]]:
    """What the batch's jobs of a kind carry, the oldest first."""
    with ward.services.db.reading() as tx:
        rows = tx.exec_driver_sql("SELECT payload FROM jobs WHERE kind = ? ORDER BY created_at, job_id", (kind,))
        found = [json.loads(row.payload) for row in rows]
    return [one for one in found if one["batch_id"] == batch]


def elsewhere(ward: BatchOffice) -> Services:
    """What a worker in another process works with: it waits for no turn of ours."""
    return replace(ward.services, turns=Turns())


def prepare(ward: BatchOffice, batch: str) -> None:
    payload = payloads(ward, batch, PREPARE_JOB)[-1]
    prepare_signature_batch.prepare_signature_batch(elsewhere(ward), payload, nothing_told)


def sign(ward: BatchOffice, payload: dict[str, str]) -> None:
    sign_signature_batch.sign_signature_batch(elsewhere(ward), payload, nothing_told)


def agreed(ward: BatchOffice, results: list[str]) -> tuple[str, dict[str, str]]:
    """A batch to which its holder agreed, and what the job carries that will sign it."""
    batch = ward.prepared(results)
    answer = ward.authorised(batch)
    assert answer.status_code == 202, answer.text
    return batch, payloads(ward, batch, SIGN_JOB)[-1]


def stored(ward: BatchOffice, batch: str) -> tuple[SignatureBatch, tuple[BatchItem, ...]]:
    with ward.services.db.reading() as tx:
        return SignatureBatches(tx).get(batch), BatchItems(tx, batch).in_states(tuple(ItemState))


def slots(ward: BatchOffice, batch: str) -> tuple[str, ...]:
    with ward.services.db.reading() as tx:
        return tuple(ward.services.vault.work.slots(tx, batch))


def state_of(ward: BatchOffice, result: str) -> str:
    return str(ward.office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json()["state"])


def before_first(function: Callable[..., Any], then: Callable[[], object]) -> Callable[..., Any]:
    """A function before whose first call something else happens."""
    calls: list[int] = []

    def called(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            then()
        return function(*arguments, **named)

    return called


def failing(function: Callable[..., Any], err: BaseException, times: Callable[[int], bool], calls: list[int]) -> Any:
    """A function that fails at some of its calls, which are counted."""

    def called(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if times(len(calls) - 1):
            raise err
        return function(*arguments, **named)

    return called


def blocked(ward: BatchOffice, status: str) -> None:
    """The leader's account, taken away or given back."""
    with ward.services.db.transaction() as tx:
        accounts = [row.account_id for row in tx.exec_driver_sql("SELECT account_id FROM signature_batches")]
        tx.execute(ACCOUNTS.update().where(ACCOUNTS.c.account_id.in_(accounts)).values(status=status))


def test_who_lost_the_role_has_nothing_prepared(ward: BatchOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = ward.opened(ward.results(2)).json()["id"]
    calls: list[int] = []
    prepared = failing(prepare_signature_batch.prepare_step, RuntimeError(), lambda _: False, calls)
    monkeypatch.setattr(prepare_signature_batch, "prepare_step", prepared)
    blocked(ward, "blocked")
    assert run_batch_jobs(ward.services) == ["ROLE_MISSING"]
    blocked(ward, "active")
    assert calls == []
    assert [(one["state"], one["reason_code"]) for one in ward.items(batch)] == [("refused", "ROLE_MISSING")] * 2


def test_a_batch_that_is_cancelled_while_it_is_prepared_ends_there(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ward.opened(ward.results(6)).json()["id"]
    calls: list[int] = []
    known = failing(prepare_signature_batch.prepare_step, RuntimeError(), lambda _: False, calls)
    cancelled = before_first(known, lambda: ward.post(f"/{batch}/cancellation"))
    monkeypatch.setattr(prepare_signature_batch, "prepare_step", cancelled)
    run_jobs(ward.services)
    assert len(calls) < 6
    assert ward.states(batch) == ["cancelled"] * 6
    assert slots(ward, batch) == ()


def test_of_two_workers_on_one_lane_the_first_one_prepares_and_the_other_changes_nothing(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = ward.opened(ward.results(3)).json()["id"]
    step, told = prepare_signature_batch.prepare_step, []
    later = failing(step, ServiceUnavailable(), lambda number: number == 2, [])

    def twin() -> None:
        """Prepares the first two; the third one cannot be prepared now."""
        ward.office.installation.clock.forward(seconds=1)
        monkeypatch.setattr(prepare_signature_batch, "prepare_step", later)
        with suppress(ServiceUnavailable):
            prepare(ward, batch)
        monkeypatch.setattr(prepare_signature_batch, "prepare_step", unforeseen)
        told.extend(one["digest"] for one in ward.items(batch))

    unforeseen = failing(step, RuntimeError("a defect"), lambda number: number == 0, [])
    monkeypatch.setattr(prepare_signature_batch, "prepare_step", before_first(step, twin))
    run_jobs(ward.services, kinds=frozenset({PREPARE_JOB}))
    assert None not in told[:2]
    # the second one was prepared by the twin and broke here: it stays as it was
    assert ward.states(batch) == ["prepared"] * 3
    assert [one["digest"] for one in ward.items(batch)][:2] == told[:2]
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 3, ward.items(batch)


def test_what_breaks_while_it_is_prepared_fails_alone_and_what_was_changed_just_now_waits(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = prepare_signature_batch.prepare_step
    batch = ward.opened(ward.results(2)).json()["id"]
    with monkeypatch.context() as patch:
        broken = failing(step, RuntimeError("022193900013"), lambda number: number == 0, [])
        patch.setattr(prepare_signature_batch, "prepare_step", broken)
        run_jobs(ward.services)
    assert [one["reason_code"] for one in ward.items(batch)] == ["ITEM_BROKEN", None]
    assert "022193900013" not in json.dumps(ward.items(batch))
    other = ward.opened(ward.results(1)).json()["id"]
    with monkeypatch.context() as patch:
        patch.setattr(prepare_signature_batch, "prepare_step", failing(step, VersionConflict(), lambda _: True, []))
        assert run_batch_jobs(ward.services) == ["SERVICE_UNAVAILABLE"]
    assert ward.states(other) == ["waiting"]
    long = Forbidden("dài " * 100, "long " * 100)
    with monkeypatch.context() as patch:
        patch.setattr(prepare_signature_batch, "prepare_step", failing(step, long, lambda _: True, []))
        run_jobs(ward.services)
    (refused,) = ward.items(other)
    assert (refused["reason_code"], len(refused["reason_vi"]), len(refused["reason_en"])) == ("FORBIDDEN", 255, 255)


@pytest.mark.parametrize("job", ["prepare", "sign"])
def test_when_nothing_goes_now_the_job_waits_and_when_something_does_it_goes_on(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    module: Any = prepare_signature_batch if job == "prepare" else sign_signature_batch
    made = ward.opened(ward.results(6)).json()["id"]
    todo, done = ("waiting", "prepared") if job == "prepare" else ("signing", "signed")
    if job == "sign":
        run_jobs(ward.services)
        assert ward.authorised(made).status_code == 202
    plan, calls = module.plan_item, []
    with monkeypatch.context() as patch:
        patch.setattr(module, "plan_item", failing(plan, ServiceUnavailable(), lambda _: True, calls))
        assert run_batch_jobs(ward.services) == ["SERVICE_UNAVAILABLE"]
    assert 3 <= len(calls) < 6
    assert done not in ward.states(made)
    with monkeypatch.context() as patch:
        # three in all, not in a row
        patch.setattr(module, "plan_item", failing(plan, ServiceUnavailable(), lambda number: number in (0, 1, 3), []))
        assert run_batch_jobs(ward.services) == ["SERVICE_UNAVAILABLE"]
    assert ward.states(made) == [todo, todo, done, todo, done, done]
    run_jobs(ward.services)
    assert ward.states(made) == [done] * 6
    if job == "prepare":
        in_order = tuple(one["digest"] for one in ward.items(made))
        assert ward.get(f"/{made}").json()["list_sha256"] == list_digest(in_order)
        assert ward.post(f"/{made}/cancellation").status_code == 202
    assert slots(ward, made) == ()


def test_a_work_store_that_is_away_or_full_while_a_batch_is_prepared_loses_nothing(
    fresh_install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward = batch_office(fresh_install())
    batch = ward.opened(ward.results(2)).json()["id"]
    objects = ward.services.settings.data / "objects" / Area.WORK.value
    objects.rename(objects.with_name("away"))
    objects.write_bytes(b"")  # what is no folder cannot be read as one
    assert run_batch_jobs(ward.services) == ["STO_UNAVAILABLE"]
    objects.unlink()
    objects.with_name("away").rename(objects)
    assert ward.states(batch) == ["waiting"] * 2

    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room)
        assert run_batch_jobs(ward.services) == ["STO_UNAVAILABLE"]
    assert ward.states(batch) == ["waiting"] * 2
    assert slots(ward, batch) == ()
    run_jobs(ward.services)
    assert ward.states(batch) == ["prepared"] * 2
    before = sum(one.is_file() for one in objects.rglob("*"))
    assert ward.post(f"/{batch}/cancellation").status_code == 202
    assert slots(ward, batch) == ()
    assert sum(one.is_file() for one in objects.rglob("*")) == before - 2


def test_of_two_workers_on_one_lane_each_document_is_signed_by_one_and_stays_signed(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, payload = agreed(ward, ward.results(3))
    before, told = uses_of(ward, "leader"), []
    plan = sign_signature_batch.plan_item

    def twin() -> None:
        monkeypatch.setattr(sign_signature_batch, "plan_item", plan)
        sign(ward, payload)
        told.append(stored(ward, batch)[1])

    def breaks(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(sign_signature_batch, "plan_item", before_first(breaks, twin))
    sign(ward, payload)
    assert ward.states(batch) == ["signed"] * 3
    assert stored(ward, batch)[1] == told[0]
    assert len(uses_of(ward, "leader")) == len(before) + 3


def test_a_document_that_ended_before_a_worker_took_it_in_hand_is_not_signed_by_it(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = ward.results(2)
    batch, payload = agreed(ward, results)
    evidence = sign_signature_batch.RecentEvidence

    def ended() -> None:
        give_up_lane(ward.services, payload | {"left": "2"}, KILLS_WORKERS)

    monkeypatch.setattr(sign_signature_batch, "RecentEvidence", before_first(evidence, ended))
    sign(ward, payload)
    assert ward.states(batch) == ["failed", "signed"]
    assert ward.items(batch)[0]["reason_code"] == "ITEM_KILLS_WORKERS"
    assert state_of(ward, results[0]) == "numbered"


def test_a_worker_of_an_old_authorisation_takes_nothing_of_the_new_one(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, old = agreed(ward, ward.results(2))
    evidence, told = sign_signature_batch.RecentEvidence, []

    def again() -> None:
        """The first authorisation ends while its worker is still at the door; the holder agrees anew."""
        give_up_lane(ward.services, old, "AUTHORISATION_CLOSED")
        assert {one["authorisation_id"] for one in ward.items(batch)} == {None}
        assert ward.authorised(batch).status_code == 202
        told.append(stored(ward, batch))

    with monkeypatch.context() as patch:
        patch.setattr(sign_signature_batch, "RecentEvidence", before_first(evidence, again))
        sign(ward, old)
    assert stored(ward, batch) == told[0]
    give_up_lane(ward.services, old, "KEY_UNAVAILABLE")
    settle_batch(batch, ward.services, ward.services.clock())
    assert stored(ward, batch) == told[0]
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2


def test_after_a_cancellation_that_did_not_reach_the_signer_only_what_was_in_hand_is_signed(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = ward.results(5)
    batch, _ = agreed(ward, results)
    kept: list[tuple[str, ...]] = []

    def cancelled() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(LocalDesk, "cancel", failing(sign, KeyUnavailable("away"), lambda _: True, []))
            assert ward.post(f"/{batch}/cancellation").status_code == 202
        settle_batch(batch, ward.services, ward.services.clock())  # another lane's job ends meanwhile
        kept.append(slots(ward, batch))

    completed = before_first(sign_signature_batch.complete_step, cancelled)
    monkeypatch.setattr(sign_signature_batch, "complete_step", completed)
    run_jobs(ward.services)
    assert kept[0] != ()  # whoever goes on for a worker that dies now needs what was prepared
    assert ward.states(batch) == ["signed"] * 4 + ["cancelled"]
    assert state_of(ward, results[4]) == "numbered"
    assert ward.get(f"/{batch}").json()["state"] == "cancelled"
    assert slots(ward, batch) == ()


def test_a_cancelled_batch_whose_worker_died_signs_nothing_when_its_job_is_taken_up_again(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = ward.results(2)
    batch, payload = agreed(ward, results)
    before = uses_of(ward, "leader")
    with monkeypatch.context() as patch:
        patch.setattr(sign_signature_batch, "plan_item", failing(sign, KeyboardInterrupt(), lambda _: True, []))
        with pytest.raises(KeyboardInterrupt):
            sign(ward, payload)
    assert ward.states(batch) == ["signing"] * 2
    with monkeypatch.context() as patch:
        patch.setattr(LocalDesk, "cancel", failing(sign, KeyUnavailable("away"), lambda _: True, []))
        assert ward.post(f"/{batch}/cancellation").status_code == 202
    objects = ward.services.settings.data / "objects" / Area.WORK.value
    stored_before = sum(one.is_file() for one in objects.rglob("*"))

    async def goes_on(_seconds: float) -> None:
        run_jobs(ward.services)

    with monkeypatch.context() as patch:  # who follows the batch is told to the end
        patch.setattr(routes.asyncio, "sleep", goes_on)
        told = ward.get(f"/{batch}/events").text
    assert told.count('"state":"cancelled"') >= 2 + 1, told
    assert ward.states(batch) == ["cancelled"] * 2
    assert sum(one.is_file() for one in objects.rglob("*")) == stored_before - 2
    assert uses_of(ward, "leader") == before
    assert slots(ward, batch) == ()


def test_an_authorisation_that_is_over_whatever_ended_it_sends_its_list_back_to_the_holder(ward: BatchOffice) -> None:
    results = ward.results(2)
    batch = ward.prepared(results)
    before = uses_of(ward, "leader")
    for code, change in (
        ("AUTHORISATION_REQUIRED", AUTHORISATIONS.update().values(state="open")),
        ("AUTHORISATION_CLOSED", AUTHORISATIONS.update().values(state="cancelled")),
        ("AUTHORISATION_UNKNOWN", AUTHORISATIONS.delete()),
    ):
        assert ward.authorised(batch).status_code == 202
        authorisation = str(ward.get(f"/{batch}").json()["authorisation_id"])
        with ward.services.db.transaction() as tx:
            if code == "AUTHORISATION_UNKNOWN":
                uses = AUTHORISED_DIGESTS.c.authorisation_id == authorisation
                tx.execute(AUTHORISED_DIGESTS.delete().where(uses))
            tx.execute(change.where(AUTHORISATIONS.c.authorisation_id == authorisation))
        assert run_batch_jobs(ward.services) == []
        seen = ward.get(f"/{batch}").json()
        assert (seen["state"], seen["reason_code"], seen["authorisation_id"]) == ("prepared", code, None)
        assert [(one["state"], one["authorisation_id"]) for one in ward.items(batch)] == [("prepared", None)] * 2
    assert uses_of(ward, "leader") == before
    assert {state_of(ward, one) for one in results} == {"numbered"}


def test_an_authorisation_that_ended_is_not_waited_for_though_something_else_could_not_be_done_now(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, _ = agreed(ward, ward.results(2))
    plan = failing(sign_signature_batch.plan_item, ServiceUnavailable(), lambda number: number == 0, [])
    ending = failing(plan, AuthorisationExpired("too late"), lambda number: number == 1, [])
    monkeypatch.setattr(sign_signature_batch, "plan_item", ending)
    assert run_batch_jobs(ward.services) == []
    assert ward.get(f"/{batch}").json()["reason_code"] == "AUTHORISATION_EXPIRED"
    assert ward.states(batch) == ["prepared"] * 2


def test_a_result_that_others_change_at_the_same_moment_is_looked_at_again_and_not_for_ever(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, _ = agreed(ward, ward.results(2))
    before = uses_of(ward, "leader")
    keep = sign_signature_batch.keep_signature
    conflicts = failing(keep, VersionConflict(), lambda number: number in (0, 2, 3, 4), [])
    monkeypatch.setattr(sign_signature_batch, "keep_signature", conflicts)
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed", "failed"]
    assert ward.items(batch)[1]["reason_code"] == "VERSION"
    assert len(uses_of(ward, "leader")) == len(before) + 2  # the same bytes get the same value again


def test_a_file_that_changed_between_the_agreement_and_the_signature_is_not_signed(ward: BatchOffice) -> None:
    changed, good = ward.results(2)
    batch, _ = agreed(ward, [changed, good])
    before = uses_of(ward, "leader")
    other, at = ward.office.content(good), ward.services.clock()
    with ward.services.db.reading() as tx:
        record, kept = Results(tx).get(changed), Results(tx).get(good)
    store_revision(record, other, ward.services, at, file_sha256=kept.file_sha256)
    run_jobs(ward.services)
    assert ward.states(batch) == ["failed", "signed"]
    assert ward.items(batch)[0]["reason_code"] == "DOCUMENT_CHANGED"
    assert len(uses_of(ward, "leader")) == len(before) + 1
    assert ward.office.content(changed) == other


def test_an_imported_certificate_whose_status_nobody_tells_any_more_signs_nothing_of_its_batch(
    ward: BatchOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(tmp_path)
    with ward.services.db.reading() as tx:
        own = credential_of(tx, RegistrySql(tx).get(ward.office.certificates["leader"]))
    official = replace(
        own,
        certificate=outside.official("leader", public_key=load_certificate(own.certificate).public_key()),
        chain=(outside.pki.ca.der, outside.pki.root.der),
    )
    imported = imported_row(
        ward.office.installation,
        official,
        "leader",
        certificate_id="cert_" + "0" * 25 + "8",
        certificate_class=CertificateClass.PERSONAL,
        key_id=own.key_id,
        org_code=WARD,
    )
    settings = ward.services.settings.model_copy(update={"status_policy": StatusPolicy.STRICT})
    strict = BatchOffice(
        replace(
            ward.office,
            installation=replace(ward.office.installation, services=replace(ward.services, settings=settings)),
        )
    )
    batch = ward.opened(ward.results(2), certificate_id=imported).json()["id"]
    with pytest.raises(SignerStatusUnknown) as unknown:
        prepare(strict, batch)
    assert unknown.value.code == "STATUS_UNKNOWN"
    assert ward.states(batch) == ["waiting"] * 2
    run_jobs(ward.services)
    assert ward.states(batch) == ["prepared"] * 2, ward.items(batch)
    assert ward.authorised(batch).status_code == 202
    before = uses_of(ward, "leader")
    with pytest.raises(SignerStatusUnknown):
        sign(strict, payloads(ward, batch, SIGN_JOB)[-1])
    assert uses_of(ward, "leader") == before
    asked: list[int] = []
    known = failing(status_policy.require_known_status, RuntimeError(), lambda _: False, asked)
    monkeypatch.setattr(status_policy, "require_known_status", known)
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2, ward.items(batch)
    assert len(asked) == 1  # some seconds hold for the whole list


def test_a_number_whose_day_ended_between_preparing_and_signing_is_not_signed(ward: BatchOffice) -> None:
    clock = ward.office.installation.clock
    was = clock.at
    try:
        clock.at = was.replace(hour=16, minute=58)  # 23:58 in Việt Nam
        results = ward.results(2)
        batch, _ = agreed(ward, results)
        before = uses_of(ward, "leader")
        clock.forward(minutes=2)
        run_jobs(ward.services)
        items = ward.items(batch)
        assert [(one["state"], one["reason_code"]) for one in items] == [("failed", "DOCUMENT_DATE_PASSED")] * 2
        assert ward.post(f"/{batch}/retry").status_code == 202
        run_jobs(ward.services)
        assert [one["reason_code"] for one in ward.items(batch)] == ["DOCUMENT_DATE_PASSED"] * 2
        assert uses_of(ward, "leader") == before
    finally:
        clock.at = was


def test_who_took_an_earlier_step_takes_no_later_one_in_a_batch(ward: BatchOffice) -> None:
    drafted, appraised, *signed = [*ward.results(2), *ward.signed(2)]

    def taken_by(figure: str, result: str, step: str) -> None:
        with ward.services.db.transaction() as tx:
            record = Results(tx).get(result)
            Results(tx).change(record, at=ward.services.clock(), **{step: PEOPLE[figure].subject_id})

    taken_by("leader", drafted, "drafted_by")
    taken_by("leader", appraised, "appraised_by")
    own = ward.prepared([drafted, appraised])
    assert [one["reason_code"] for one in ward.items(own)] == ["SAME_PERSON"] * 2
    taken_by("clerk", signed[0], "signed_by")
    batch = ward.sealing(signed).json()["id"]
    run_jobs(ward.services)
    assert [one["reason_code"] for one in ward.items(batch, seal=True)] == ["SAME_PERSON", None]
    assert ward.authorised(batch, seal=True).status_code == 202
    taken_by("clerk", signed[1], "signed_by")  # after the agreement, before the key
    run_jobs(ward.services)
    assert [one["reason_code"] for one in ward.items(batch, seal=True)] == ["SAME_PERSON"] * 2
    assert {state_of(ward, one) for one in signed} == {"approved"}


@pytest.mark.parametrize("change", [{"certificate_id": "cert_other"}, {"step_no": 9}, {"input_sha256": "0" * 64}])
def test_another_signatures_result_is_not_told_as_this_ones(ward: BatchOffice, change: dict[str, object]) -> None:
    batch, _ = agreed(ward, ward.results(1))
    item = stored(ward, batch)[1][0]
    key = SignatureKey(
        input_sha256=item.input_sha256 or "",
        certificate_id=ward.office.certificates["leader"],
        step_no=item.step_no or 0,
    )
    other = SignatureOutcome(result_id=item.result_id, file_sha256="0" * 64, signature_level="B-LT")
    with ward.services.db.transaction() as tx:
        SignatureOutcomes(tx).add(replace(key, **change), other, ward.services.clock())  # type: ignore[arg-type] # names of the key
    run_jobs(ward.services)
    (signed,) = ward.items(batch)
    assert (signed["state"], signed["sha256"] == "0" * 64) == ("signed", False)


def test_lanes_share_a_batch_and_no_document_is_in_two(ward: BatchOffice) -> None:
    batch = ward.opened(ward.results(5)).json()["id"]
    with ward.services.db.reading() as tx:
        lanes = [Lane(batch_id=batch, number=number, lanes=2).open_items(tx) for number in (0, 1)]
    assert [[item.position for item in lane] for lane in lanes] == [[0, 2, 4], [1, 3]]
    assert ward.post(f"/{batch}/cancellation").status_code == 202


def test_a_lane_that_got_on_since_its_workers_died_loses_no_document_and_an_empty_one_ends(ward: BatchOffice) -> None:
    batch, payload = agreed(ward, ward.results(3))
    give_up_lane(ward.services, payload | {"left": "5"}, KILLS_WORKERS)
    assert "failed" not in ward.states(batch)
    assert {one["left"] for one in payloads(ward, batch, SIGN_JOB)} == {"-1", "3"}
    give_up_lane(ward.services, payload | {"left": "3"}, KILLS_WORKERS)
    assert ward.states(batch).count("failed") == 1
    assert {one["left"] for one in payloads(ward, batch, SIGN_JOB)} == {"-1", "3", "2"}
    run_jobs(ward.services)
    assert ward.get(f"/{batch}").json()["state"] == "finished"
    give_up_lane(ward.services, payload | {"left": "0"}, KILLS_WORKERS)
    assert ward.states(batch) == ["failed", "signed", "signed"]


def test_a_batch_lapses_a_day_after_its_last_change_and_not_while_it_is_signed(ward: BatchOffice) -> None:
    clock = ward.office.installation.clock
    was = clock.at

    def lapse(batch: str) -> str:
        lapse_batch(ward.services, {"batch_id": batch}, nothing_told)
        return str(ward.get(f"/{batch}").json()["state"])

    try:
        waiting = ward.prepared(ward.results(1))
        finished = ward.prepared([ward.office.draft().json()["id"]])
        asked = ward.prepared(ward.results(1))
        signing, _ = agreed(ward, ward.results(1))
        clock.forward(minutes=20)
        assert ward.post(f"/{asked}/challenge").status_code == 201
        clock.forward(minutes=40)
        assert ward.authorised(waiting).json()["code"] == "BATCH_PREPARED_ANEW"
        run_jobs(ward.services, kinds=frozenset({PREPARE_JOB}))
        clock.at = was + LIFE
        run_jobs(ward.services, kinds=frozenset({LAPSE_JOB}))
        assert ward.get(f"/{asked}").json()["state"] == "prepared"  # its holder was there
        clock.at = was + LIFE + (LIFE / 24) * 0.99
        assert lapse(waiting) == "prepared"
        assert lapse(signing) == "signing"
        assert lapse(finished) == "finished"
        clock.at = was + LIFE + LIFE / 24
        run_jobs(ward.services, kinds=frozenset({LAPSE_JOB}))
        assert ward.get(f"/{waiting}").json()["reason_code"] == "BATCH_LAPSED"
        assert ward.get(f"/{signing}").json()["state"] == "signing"
        settle_batch(waiting, ward.services, clock.at)
        assert ward.get(f"/{waiting}").json()["reason_code"] == "BATCH_LAPSED"
        # one that was over begins its day anew when it is tried again
        assert ward.post(f"/{finished}/retry").status_code == 202
        clock.forward(hours=24)
        run_jobs(ward.services, kinds=frozenset({LAPSE_JOB}))
        assert ward.get(f"/{finished}").json()["reason_code"] == "BATCH_LAPSED"
    finally:
        clock.at = was
    run_jobs(ward.services)
    assert ward.states(signing) == ["signed"]


def test_what_happens_to_a_batch_stands_in_the_ledger(ward: BatchOffice) -> None:
    batch = ward.prepared([ward.office.draft().json()["id"]])
    for path in ("/retry", "/cancellation"):
        assert ward.post(f"/{batch}{path}").status_code == 202
    ward.office.installation.clock.forward(seconds=1)
    lapsed = ward.prepared([ward.office.numbered()])
    clock = ward.office.installation.clock
    was = clock.at
    clock.forward(hours=24)
    objects = ward.services.settings.data / "objects" / Area.WORK.value
    before = sum(one.is_file() for one in objects.rglob("*"))
    lapse_batch(ward.services, {"batch_id": lapsed}, nothing_told)
    assert sum(one.is_file() for one in objects.rglob("*")) == before - 1  # what was prepared
    clock.at = was
    told = {}
    for one in (batch, lapsed):
        headers = ward.office.installation.headers(Role.AUDITOR, "auditor")
        path = f"/v1/audit-events?object_id={one}&limit=50"
        events = ward.office.installation.client.get(path, headers=headers).json()["items"]
        told[one] = {event["action"] for event in events}
    assert told[batch] >= {
        "open_signature_batch",
        "signature_batch_finished",
        "retry_signature_batch",
        "cancel_signature_batch",
    }
    assert told[lapsed] >= {"open_signature_batch", "signature_batch_prepared", "lapse_signature_batch"}
