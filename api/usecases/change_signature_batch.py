"""A batch is cancelled, tried again where it failed, or lapses because nobody came back.

What was signed stays signed. Knows batches; uses no key.
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import BatchesTooMany, BatchLapsed, BatchStateWrong
from api.records.signature_batch_items import BatchItems, ItemState
from api.records.signature_batches import BatchState, SignatureBatch, SignatureBatches
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.open_signature_batch import LAPSE_JOB, LIFE, MAX_OPEN
from api.usecases.signature_batch_work import Progress, acting, own_batch, start_lanes
from signing.errors import SigningError
from vault.ledger import AuditEvent

_AGAIN = (ItemState.FAILED, ItemState.REFUSED)
_NOT_BEGUN = (ItemState.WAITING, ItemState.PREPARED)


def retry_batch(batch_id: str, services: Services, caller: Caller, at: datetime) -> SignatureBatch:
    """Prepare again what was refused or failed; it needs an authorisation of its own.

    Raises:
        NotFound. BatchStateWrong: it is in work, or nothing failed. BatchesTooMany.
    """
    with services.db.transaction() as tx:
        batch = own_batch(tx, batch_id, caller, to_change=True)
        items = BatchItems(tx, batch_id)
        failed = [item.position for item in items.in_states(_AGAIN)]
        if batch.state not in (BatchState.PREPARED, BatchState.FINISHED) or not failed:
            raise BatchStateWrong("Không có văn bản nào để thử lại lúc này.", "There is nothing to try again now.")
        if batch.state.is_final and SignatureBatches(tx).count_open(batch.subject_id) >= MAX_OPEN:
            raise BatchesTooMany
        nothing = {"reason_code": None, "reason_vi": None, "reason_en": None, "authorisation_id": None}
        items.move(failed, ItemState.WAITING, at, only=_AGAIN, **nothing)
        SignatureBatches(tx).change(
            batch_id, at, state=BatchState.PREPARING.value, authorisation_id=None, reason_code=None
        )
        start_lanes(tx, batch, services, at, count=len(failed))
        _watch(tx, batch, services, at)
        services.audit.append(tx, _event(batch, "retry_signature_batch", caller, at))
        return SignatureBatches(tx).get(batch_id)


def cancel_batch(batch_id: str, services: Services, caller: Caller, at: datetime) -> SignatureBatch:
    """Take back what is not signed yet; a document whose signature is being set ends as it ends.

    Raises:
        NotFound. BatchStateWrong: it is over.
    """
    with services.db.transaction() as tx:
        batch = own_batch(tx, batch_id, caller, to_change=True)
        if batch.state.is_final:
            raise BatchStateWrong
        garbage = _cancel(tx, batch, services, at, reason_code=None)
        services.audit.append(tx, _event(batch, "cancel_signature_batch", caller, at))
        cancelled = SignatureBatches(tx).get(batch_id)
    services.vault.work.discard(garbage, at)
    if batch.authorisation_id is not None:
        # the signer may be away, or the authorisation over: without its batch it signs nothing any more
        with contextlib.suppress(SigningError):
            services.desk.cancel(batch.authorisation_id, batch.subject_id)
    return cancelled


def lapse_batch(services: Services, payload: Mapping[str, str], _progress: Progress) -> None:
    """The job's body: cancel a batch in which nothing happened for long; look again later where something did."""
    at, batch_id = services.clock(), payload["batch_id"]
    with services.db.transaction() as tx:
        batch = SignatureBatches(tx).take(batch_id)
        if batch.state.is_final:
            return
        if batch.state is BatchState.SIGNING or at < batch.changed_at + LIFE:
            _watch(tx, batch, services, at if batch.state is BatchState.SIGNING else batch.changed_at)
            return
        garbage = _cancel(tx, batch, services, at, reason_code=BatchLapsed.code)
        services.audit.append(tx, _event(batch, "lapse_signature_batch", acting(batch), at))
    services.vault.work.discard(garbage, at)


def _cancel(
    tx: Tx, batch: SignatureBatch, services: Services, at: datetime, *, reason_code: str | None
) -> tuple[str, ...]:
    items = BatchItems(tx, batch.batch_id)
    standing = [item.position for item in items.in_states(_NOT_BEGUN)]
    items.move(standing, ItemState.CANCELLED, at, only=_NOT_BEGUN)
    SignatureBatches(tx).change(batch.batch_id, at, state=BatchState.CANCELLED.value, reason_code=reason_code)
    if items.counts()[ItemState.SIGNING]:
        return ()  # the job that is at it settles the rest
    return services.vault.work.forget(tx, batch.batch_id)


def _watch(tx: Tx, batch: SignatureBatch, services: Services, at: datetime) -> None:
    """Look at the batch again when it could have lapsed."""
    services.jobs.enqueue(tx, LAPSE_JOB, {"batch_id": batch.batch_id}, at, owner=batch.account_id, due_at=at + LIFE)


def _event(batch: SignatureBatch, action: str, caller: Caller, at: datetime) -> AuditEvent:
    return event_of(caller, action, at, object_type="signature_batch", object_id=batch.batch_id)
