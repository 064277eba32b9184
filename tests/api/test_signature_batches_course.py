"""The course of a batch: one bad document fails alone, what ends early is taken up again, nothing is signed twice."""

import errno
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pyhanko.pdf_utils.reader import PdfFileReader

from api.callers import Role
from api.records.signature_batches import SignatureBatches
from api.records.tables import ACCOUNTS
from api.usecases import sign_signature_batch
from api.usecases.signature_batch_work import KILLS_WORKERS, give_up_lane
from api.usecases.signing_parts import credential_of
from signing.authorisation import DigestState
from signing.authorisation_sql.tables import AUTHORISED_DIGESTS
from signing.key_use_sql import KEY_USES
from signing.registry_sql import RegistrySql
from tests.api.batch_office import BatchOffice, batch_office, run_batch_jobs, run_jobs
from tests.api.conftest import Install, Installation
from tests.api.dying_worker import POINTS
from vault.naming import Area

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ward(installation: Installation) -> BatchOffice:
    made = batch_office(installation)
    installation.clock.forward(hours=1)  # so that it can go back without the certificates being too new
    return made


@pytest.fixture
def forward(ward: BatchOffice) -> Callable[..., None]:
    """Moves the clock; it stays there for the module's other tests, which do not mind."""
    return ward.office.installation.clock.forward  # type: ignore[no-any-return] # a StandingClock


def uses_of_the_leader(ward: BatchOffice) -> int:
    with ward.services.db.reading() as tx:
        key = credential_of(tx, RegistrySql(tx).get(ward.office.certificates["leader"])).key_id
        query = sa.select(sa.func.count()).where(KEY_USES.c.kind == "document", KEY_USES.c.key_id == key)
        return int(tx.execute(query).scalar_one())


def signing(ward: BatchOffice, results: list[str]) -> str:
    """A batch to which its holder has agreed, and on which no job has worked yet."""
    batch = ward.prepared(results)
    agreed = ward.authorised(batch)
    assert agreed.status_code == 202, agreed.text
    return batch


def authorisation_of(ward: BatchOffice, batch: str) -> str:
    with ward.services.db.reading() as tx:
        return SignatureBatches(tx).get(batch).authorisation_id or ""


def test_a_document_that_somebody_else_moved_on_fails_alone(ward: BatchOffice) -> None:
    first, second, third = ward.results(3)
    batch = signing(ward, [first, second, third])
    voided = ward.office.send(Role.CLERK, "clerk", f"/v1/results/{second}/voiding", {"reason": "nhầm"})
    assert voided.status_code == 201, voided.text
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed", "failed", "signed"]
    failed = ward.items(batch)[1]
    assert failed["reason_code"] == "STATE_CONFLICT"
    assert failed["reason_vi"]
    assert failed["reason_en"]
    assert ward.get(f"/{batch}").json()["state"] == "finished"


def test_what_cannot_be_prepared_is_refused_with_its_reason_and_the_rest_goes_on(ward: BatchOffice) -> None:
    good = ward.office.numbered()
    draft = ward.office.draft().json()["id"]
    unknown = good[:-4] + ("0000" if not good.endswith("0000") else "1111")
    batch = ward.prepared([draft, good, unknown])
    assert [one["reason_code"] for one in ward.items(batch)] == ["STATE_CONFLICT", None, "NOT_FOUND"]
    assert ward.states(batch) == ["refused", "prepared", "refused"]
    assert ward.get(f"/{batch}/items?status=refused&limit=1").json()["next_cursor"] is not None
    listed = ward.get(f"/{batch}/items?status=prepared").json()["items"]
    assert [one["result_id"] for one in listed] == [good]


def test_a_file_that_changed_since_its_preview_is_refused(ward: BatchOffice) -> None:
    good, other = ward.results(2)
    shown = ward.office.fetch(Role.AUTHORISED_SIGNER, "leader", f"/v1/results/{good}").json()["sha256"]
    batch = ward.prepared([good, other], previewed={good: shown, other: "0" * 64})
    assert [one["reason_code"] for one in ward.items(batch)] == [None, "DOCUMENT_CHANGED_SINCE_PREVIEW"]


def test_a_certificate_that_is_held_between_preparing_and_signing_leaves_the_key_untouched(ward: BatchOffice) -> None:
    leader = ward.office.certificates["leader"]
    batch = signing(ward, ward.results(2))
    before = uses_of_the_leader(ward)
    with ward.services.db.transaction() as tx:
        tx.exec_driver_sql("UPDATE certificates SET status = 'on_hold' WHERE certificate_id = ?", (leader,))
    run_jobs(ward.services)
    assert [one["reason_code"] for one in ward.items(batch)] == ["SIG_CERT_HOLD"] * 2
    assert ward.opened(["res_" + "0" * 26]).json()["code"] == "SIG_CERT_HOLD"
    with ward.services.db.transaction() as tx:
        tx.exec_driver_sql("UPDATE certificates SET status = 'active' WHERE certificate_id = ?", (leader,))
    assert uses_of_the_leader(ward) == before
    assert ward.post(f"/{batch}/retry").status_code == 202
    run_jobs(ward.services)
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2


def test_an_authorisation_that_was_not_started_in_time_signs_nothing_and_a_new_one_does(
    ward: BatchOffice, forward: Callable[..., None]
) -> None:
    batch = signing(ward, ward.results(2))
    before = uses_of_the_leader(ward)
    forward(minutes=6)
    run_jobs(ward.services)
    seen = ward.get(f"/{batch}").json()
    assert (seen["state"], seen["reason_code"]) == ("prepared", "AUTHORISATION_EXPIRED")
    assert seen["reason_vi"]
    assert uses_of_the_leader(ward) == before
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2


def test_what_an_authorisation_left_over_is_prepared_again_and_needs_a_new_one(
    ward: BatchOffice, forward: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = signing(ward, ward.results(3))
    complete, calls = sign_signature_batch.complete_step, 0

    def once_then_late(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            made = complete(*arguments, **named)
            forward(minutes=31)
            return made
        return complete(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(sign_signature_batch, "complete_step", once_then_late)
        run_jobs(ward.services)
    assert ward.states(batch) == ["signed", "prepared", "prepared"]
    assert ward.get(f"/{batch}").json()["reason_code"] == "AUTHORISATION_EXPIRED"
    old = ward.authorised(batch)
    assert (old.status_code, old.json()["code"]) == (409, "BATCH_PREPARED_ANEW")
    assert ward.get(f"/{batch}").json()["state"] == "preparing"
    before = uses_of_the_leader(ward)
    run_jobs(ward.services)
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 3
    assert uses_of_the_leader(ward) == before + 2


def test_a_clock_that_went_back_signs_nothing_under_a_running_authorisation(
    ward: BatchOffice, forward: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = signing(ward, ward.results(2))
    complete = sign_signature_batch.complete_step

    def then_back(*arguments: Any, **named: Any) -> Any:
        made = complete(*arguments, **named)
        forward(minutes=-10)
        return made

    with monkeypatch.context() as patch:
        patch.setattr(sign_signature_batch, "complete_step", then_back)
        run_jobs(ward.services)
    assert ward.states(batch) == ["signed", "prepared"]
    forward(minutes=10)
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2


def test_a_digest_of_which_nobody_knows_whether_it_was_signed_needs_a_new_preparation(ward: BatchOffice) -> None:
    batch = signing(ward, ward.results(2))
    digest = ward.items(batch)[0]["digest"]
    with ward.services.db.transaction() as tx:  # a process that signs and is killed in that moment leaves this
        tx.execute(
            AUTHORISED_DIGESTS.update()
            .where(AUTHORISED_DIGESTS.c.digest == digest)
            .values(state=DigestState.TAKEN.value, data_sha256="0" * 64)
        )
    run_jobs(ward.services)
    assert ward.states(batch) == ["failed", "signed"]
    assert ward.items(batch)[0]["reason_code"] == "AUTHORISATION_REPLAYED"
    assert ward.post(f"/{batch}/retry").status_code == 202
    run_jobs(ward.services)
    assert ward.items(batch)[0]["digest"] != digest or ward.states(batch)[0] == "prepared"
    assert ward.authorised(batch).status_code == 202
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2


def test_a_worker_killed_at_any_point_of_a_signature_is_followed_by_one_that_signs_it_once(
    ward: BatchOffice,
) -> None:
    results = ward.results(2)
    batch = signing(ward, results)
    before = uses_of_the_leader(ward)
    installation = ward.office.installation
    payload = json.dumps(
        {"batch_id": batch, "lane": "0", "lanes": "1", "authorisation_id": authorisation_of(ward, batch)}
    )
    command = [sys.executable, "-m", "tests.api.dying_worker", str(ward.services.settings.data)]
    died = subprocess.run(
        [*command, installation.clock.at.isoformat(), payload], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert died.stdout.splitlines() == [f"{-signal.SIGKILL} {point}" for point in POINTS], died.stderr
    assert set(ward.states(batch)) == {"signing"}
    for result in results:
        assert ward.office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json()["state"] == "numbered"
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2, ward.items(batch)
    # the one child that used the key and kept nothing left no entry: what it made never got out
    assert uses_of_the_leader(ward) == before + 2
    for result in results:
        signatures = PdfFileReader(io.BytesIO(ward.office.content(result))).embedded_regular_signatures
        assert len(signatures) == 1


def test_the_same_signature_in_two_batches_is_made_once_and_both_tell_its_one_result(ward: BatchOffice) -> None:
    results = ward.results(2)
    first, second = ward.prepared(results), ward.prepared(results)
    before = uses_of_the_leader(ward)
    for batch in (first, second):
        assert ward.authorised(batch).status_code == 202
        run_jobs(ward.services)
    assert ward.states(second) == ["signed"] * 2
    assert [one["sha256"] for one in ward.items(first)] == [one["sha256"] for one in ward.items(second)]
    assert uses_of_the_leader(ward) == before + 2


def test_a_store_that_is_away_or_full_stops_the_job_for_now_and_half_signs_nothing(
    fresh_install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    ward = batch_office(fresh_install())
    results = ward.results(2)
    batch = signing(ward, results)
    before = uses_of_the_leader(ward)
    objects = ward.services.settings.data / "objects" / Area.WORK.value
    objects.rename(objects.with_name("away"))
    objects.write_bytes(b"")  # what is no folder cannot be read as one
    assert run_batch_jobs(ward.services) == ["STO_UNAVAILABLE"]
    objects.unlink()
    objects.with_name("away").rename(objects)
    assert set(ward.states(batch)) == {"signing"}
    assert uses_of_the_leader(ward) == before

    def no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_room)
        assert run_batch_jobs(ward.services) == ["STO_UNAVAILABLE"]
    for result in results:
        state = ward.office.fetch(Role.CLERK, "clerk", f"/v1/results/{result}").json()["state"]
        assert state == "numbered"
    run_jobs(ward.services)
    assert ward.states(batch) == ["signed"] * 2
    # the values that were made before the disk was full were given again, not made again
    assert uses_of_the_leader(ward) == before + 2


def test_what_nobody_foresaw_fails_one_document(ward: BatchOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    results = ward.results(2)
    batch = signing(ward, results)
    plan = sign_signature_batch.plan_item

    def breaks(work: Any, item: Any, at: Any) -> Any:
        if item.result_id == results[0]:
            raise RuntimeError("a defect of 022193900013")
        return plan(work, item, at)

    with monkeypatch.context() as patch:
        patch.setattr(sign_signature_batch, "plan_item", breaks)
        run_jobs(ward.services)
    assert ward.states(batch) == ["failed", "signed"]
    assert ward.items(batch)[0]["reason_code"] == "ITEM_BROKEN"
    assert "022193900013" not in json.dumps(ward.items(batch))


def test_a_document_on_which_every_worker_dies_is_left_out_and_the_others_are_signed(ward: BatchOffice) -> None:
    batch = signing(ward, ward.results(3))
    with ward.services.db.reading() as tx:
        rows = tx.exec_driver_sql("SELECT payload FROM jobs WHERE kind = 'sign_signature_batch'")
        (payload,) = [found for row in rows if (found := json.loads(row.payload))["batch_id"] == batch]
    give_up_lane(ward.services, payload, KILLS_WORKERS)  # five workers died; it is not known where
    assert "failed" not in ward.states(batch)
    give_up_lane(ward.services, payload | {"left": "3"}, KILLS_WORKERS)  # and five more without getting on
    assert ward.states(batch)[0] == "failed"
    assert ward.items(batch)[0]["reason_code"] == "ITEM_KILLS_WORKERS"
    run_jobs(ward.services)
    assert ward.states(batch) == ["failed", "signed", "signed"]


def test_who_lost_the_role_signs_nothing_more(ward: BatchOffice) -> None:
    batch = signing(ward, ward.results(2))
    before = uses_of_the_leader(ward)
    with ward.services.db.transaction() as tx:
        account = tx.exec_driver_sql(
            "SELECT account_id FROM signature_batches WHERE batch_id = ?", (batch,)
        ).scalar_one()
        tx.execute(ACCOUNTS.update().where(ACCOUNTS.c.account_id == account).values(status="blocked"))
    assert run_batch_jobs(ward.services) == ["ROLE_MISSING"]
    with ward.services.db.transaction() as tx:
        tx.execute(ACCOUNTS.update().where(ACCOUNTS.c.account_id == account).values(status="active"))
    seen = ward.get(f"/{batch}").json()
    assert (seen["state"], seen["reason_code"], seen["counts"]["prepared"]) == ("prepared", "ROLE_MISSING", 2)
    assert uses_of_the_leader(ward) == before


def test_a_cancelled_batch_keeps_what_was_signed_and_signs_nothing_more(
    ward: BatchOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = signing(ward, ward.results(6))
    complete, cancelled = sign_signature_batch.complete_step, []

    def then_cancel(*arguments: Any, **named: Any) -> Any:
        made = complete(*arguments, **named)
        if not cancelled:
            cancelled.append(ward.post(f"/{batch}/cancellation"))
        return made

    with monkeypatch.context() as patch:
        patch.setattr(sign_signature_batch, "complete_step", then_cancel)
        run_jobs(ward.services)
    assert cancelled[0].status_code == 202, cancelled[0].text
    assert ward.states(batch) == ["signed"] + ["cancelled"] * 5
    assert ward.get(f"/{batch}").json()["state"] == "cancelled"
    for path in ("/authorization", "/challenge", "/retry", "/cancellation"):
        assert ward.post(f"/{batch}{path}").json()["code"] == "BATCH_STATE", path


def test_a_batch_that_nobody_agrees_to_lapses_and_what_was_prepared_is_gone(fresh_install: Install) -> None:
    ward = batch_office(fresh_install())
    forward = ward.office.installation.clock.forward
    batch = ward.prepared(ward.results(1))
    with ward.services.db.reading() as tx:
        assert ward.services.vault.work.slots(tx, batch) == ("item-0",)
    forward(hours=23)
    run_jobs(ward.services)
    assert ward.get(f"/{batch}").json()["state"] == "prepared"
    forward(hours=26)
    run_jobs(ward.services)
    seen = ward.get(f"/{batch}").json()
    assert (seen["state"], seen["reason_code"], seen["counts"]["cancelled"]) == ("cancelled", "BATCH_LAPSED", 1)
    with ward.services.db.reading() as tx:
        assert ward.services.vault.work.slots(tx, batch) == ()


def test_a_prepared_revision_is_nowhere_in_plain_text(ward: BatchOffice) -> None:
    ward.prepared(ward.results(1))
    ward.services.db.close()  # what is in the journal goes into the file when the last connection ends
    stored = [path for path in Path(ward.services.settings.data).rglob("*") if path.is_file()]
    for path in stored:
        assert b"ETSI.CAdES.detached" not in path.read_bytes(), path


def test_evidence_of_a_moment_ago_is_given_again_for_some_seconds_only(ward: BatchOffice) -> None:
    at = ward.services.clock()
    with ward.services.db.reading() as tx:
        one = credential_of(tx, RegistrySql(tx).get(ward.office.certificates["leader"]))
    chain, recent = (one.certificate, *one.chain), sign_signature_batch.RecentEvidence(ward.services)
    first = recent.source(at)(chain)
    assert recent.source(at)(chain) is first
    for seconds in (6, -1):
        assert recent.source(at + timedelta(seconds=seconds))(chain) is not first
