"""The job that prepares a batch: each document is planned and prepared up to its value, or refused with its reason.

Uses no key. The prepared revisions lie encrypted in the vault's work area, never in tables. Done twice, it goes on
with what still waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.errors import ServiceUnavailable, VersionConflict
from api.records.signature_batch_items import BatchItem, BatchItems, ItemState
from api.records.signature_batches import BatchState, SignatureBatches
from api.services import Services
from api.usecases.batch_work import require_role
from api.usecases.result_signing import prepare_step
from api.usecases.signature_batch_work import (
    FAILURES,
    PATIENCE,
    LaneWork,
    Progress,
    log_broken,
    plan_item,
    reason_of_failure,
    settle_batch,
    slot_of,
)
from signing.pades import PreparedSignature
from vault.catalogue import WorkEntry
from vault.model import CitizenId

_CHUNK: Final = 5
"""Documents whose states are noted together: few enough to be seen live, and little memory."""


def prepare_signature_batch(services: Services, payload: Mapping[str, str], progress: Progress) -> None:
    """Prepare what waits in one lane, then move the batch on.

    Raises:
        RoleMissing: the holder's account or role was taken away. Errors that may pass later.
    """
    work, standing = LaneWork.begin(services, payload)
    away: Exception | None = None
    in_a_row = 0
    for start in range(0, len(standing), _CHUNK):
        if not _is_preparing(work) or in_a_row >= PATIENCE:
            break
        made: list[_Prepared] = []
        for item in standing[start : start + _CHUNK]:
            with services.turns.taken():
                err = _prepare(work, item, made)
            away, in_a_row = (away or err, in_a_row + 1) if err else (away, 0)
        _keep(work, made)
        progress(min(start + _CHUNK, len(standing)), len(standing), "preparing")
    settle_batch(work.batch.batch_id, services, services.clock())
    if away is not None:
        raise away


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """One document that was prepared and written, and is not noted yet."""

    item: BatchItem
    prepared: PreparedSignature
    step_no: int
    staged: WorkEntry
    at: datetime


def _is_preparing(work: LaneWork) -> bool:
    with work.services.db.reading() as tx:
        require_role(tx, work.caller, work.services.clock())
        return SignatureBatches(tx).get(work.batch.batch_id).state is BatchState.PREPARING


def _prepare(work: LaneWork, item: BatchItem, made: list[_Prepared]) -> Exception | None:
    """Prepare one document or refuse it; gives the error when it may pass later."""
    at = work.services.clock()
    try:
        made.append(_prepare_one(work, item, at))
    except FAILURES as err:
        if err.retryable or isinstance(err, VersionConflict):
            return err if err.retryable else ServiceUnavailable()
        _refuse(work, item, at, err)
    except Exception as err:  # noqa: BLE001 - one bad document fails alone, whatever it breaks in us
        log_broken(work, item, err)
        _refuse(work, item, at, err)
    return None


def _prepare_one(work: LaneWork, item: BatchItem, at: datetime) -> _Prepared:
    services, batch_id = work.services, work.batch.batch_id
    planned = plan_item(work, item, at)
    prepared = prepare_step(planned, services, at)
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(planned.record.owner_subject), at)
    staged = services.vault.work.stage(
        key,
        record_id=batch_id,
        slot=slot_of(item),
        media_type="application/octet-stream",
        content=prepared.to_bytes(),
        at=at,
    )
    return _Prepared(item=item, prepared=prepared, step_no=planned.step.no, staged=staged, at=at)


def _keep(work: LaneWork, made: Sequence[_Prepared]) -> None:
    """Note what was prepared; what was written for a batch that was cancelled meanwhile is swept."""
    if not made:
        return
    with work.services.db.transaction() as tx:
        SignatureBatches(tx).take(work.batch.batch_id)
        items = BatchItems(tx, work.batch.batch_id)  # those of a batch that is not being prepared do not wait
        for one in made:
            moved = items.move(
                [one.item.position],
                ItemState.PREPARED,
                one.at,
                only=(ItemState.WAITING,),
                input_sha256=one.prepared.base_sha256,
                step_no=one.step_no,
                digest=one.prepared.document_digest.hex(),
                prepared_at=one.at,
                authorisation_id=None,
            )
            if moved:
                work.services.vault.work.keep(tx, one.staged)


def _refuse(work: LaneWork, item: BatchItem, at: datetime, err: Exception) -> None:
    with work.services.db.transaction() as tx:
        SignatureBatches(tx).take(work.batch.batch_id)
        items = BatchItems(tx, work.batch.batch_id)
        items.move([item.position], ItemState.REFUSED, at, only=(ItemState.WAITING,), **reason_of_failure(err))
