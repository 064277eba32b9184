"""The job that signs a batch under its authorisation: check again, value, completion, and the result with its row.

Each document fails alone. The key is used outside any transaction and only under the authorisation; a value that was
made and not kept is given again by the desk for the very same bytes, so a killed worker goes on without signing twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.db import Tx
from api.errors import DocumentMovedOn, VersionConflict
from api.records.results import ResultRecord
from api.records.signature_batch_items import (
    BatchItem,
    BatchItems,
    ItemState,
    SignatureKey,
    SignatureOutcome,
    SignatureOutcomes,
)
from api.records.signature_batches import BatchKind, BatchState, SignatureBatches
from api.services import Services
from api.usecases.batch_work import require_role
from api.usecases.recent_evidence import RecentEvidence
from api.usecases.result_signing import complete_step
from api.usecases.seal_result import keep_seal
from api.usecases.sign_result import keep_signature
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
    stand_back,
)
from signing.errors import (
    AuthorisationClosed,
    AuthorisationExpired,
    AuthorisationRequired,
    AuthorisationUnknown,
)
from signing.pades import PreparedSignature

_IN_HAND = 4
"""Documents that are taken in hand together."""
_TRIES = 3
"""Of one document that somebody else changes at the same moment."""
_ENDED = (AuthorisationClosed, AuthorisationExpired, AuthorisationRequired, AuthorisationUnknown)


def sign_signature_batch(services: Services, payload: Mapping[str, str], progress: Progress) -> None:
    """Sign what one lane was authorised for, then move the batch on.

    Raises:
        RoleMissing: the holder's account or role was taken away. Errors that may pass later.
    """
    work, standing = LaneWork.begin(services, payload)
    evidence, passing = RecentEvidence(services), _Passing()
    ended: str | None = None
    try:
        for start in range(0, len(standing), _IN_HAND):
            chunk = standing[start : start + _IN_HAND]
            in_hand = None if passing.is_general else _begin(work, chunk)
            if in_hand is None:
                break
            for item in in_hand:
                with services.turns.taken():
                    passing.note(_sign(work, item, evidence))
            progress(start + len(chunk), len(standing), "signing")
    except _ENDED as over:
        ended = over.code
    _close(work, ended)
    if passing.first is not None and ended is None:
        raise passing.first


@dataclass(slots=True)
class _Passing:
    """Errors that may pass later: one stops one document, some in a row stop the job for now."""

    first: Exception | None = None
    in_a_row: int = 0

    @property
    def is_general(self) -> bool:
        """Whether it is not the documents."""
        return self.in_a_row >= PATIENCE

    def note(self, err: Exception | None) -> None:
        """How the newest document ended."""
        self.first, self.in_a_row = (self.first or err, self.in_a_row + 1) if err else (self.first, 0)


def _close(work: LaneWork, ended: str | None) -> None:
    at, batch_id = work.services.clock(), work.batch.batch_id
    with work.services.db.transaction() as tx:
        state = SignatureBatches(tx).take(batch_id).state
        if ended is not None or state is BatchState.CANCELLED:
            stand_back(tx, work.lane, at)
    settle_batch(batch_id, work.services, at, reason_code=ended)


def _begin(work: LaneWork, chunk: Sequence[BatchItem]) -> Sequence[BatchItem] | None:
    """Take some items in hand, but those that ended meanwhile; None: the batch goes on without us."""
    at = work.services.clock()
    with work.services.db.transaction() as tx:
        now = SignatureBatches(tx).take(work.batch.batch_id)
        if now.state is not BatchState.SIGNING or now.authorisation_id != work.lane.authorisation_id:
            return None
        require_role(tx, work.caller, at)
        items = BatchItems(tx, work.batch.batch_id)
        positions = [item.position for item in chunk]
        taken = items.move(positions, ItemState.SIGNING, at, only=(ItemState.PREPARED, ItemState.SIGNING))
        if taken == len(chunk):
            return chunk
        standing = {item.position for item in items.in_states((ItemState.SIGNING,))}
    return [item for item in chunk if item.position in standing]


def _sign(work: LaneWork, item: BatchItem, evidence: RecentEvidence) -> Exception | None:
    """Sign one document or let it fail; gives the error when it may pass later.

    Raises:
        AuthorisationExpired, AuthorisationClosed, AuthorisationUnknown, AuthorisationRequired: nothing more is signed.
    """
    failure: Exception = VersionConflict()
    for _ in range(_TRIES):
        try:
            _sign_once(work, item, evidence)
        except VersionConflict:  # somebody changed the result at this very moment: look at it again
            continue
        except _ENDED:
            raise
        except FAILURES as err:
            if err.retryable:
                return err
            failure = err
        except Exception as err:  # noqa: BLE001 - one bad document fails alone, whatever it breaks in us
            log_broken(work, item, err)
            failure = err
        else:
            return None
        break
    with work.services.db.transaction() as tx:
        SignatureBatches(tx).take(work.batch.batch_id)
        items, reason = BatchItems(tx, work.batch.batch_id), reason_of_failure(failure)
        items.move([item.position], ItemState.FAILED, work.services.clock(), only=(ItemState.SIGNING,), **reason)
    return None


def _sign_once(work: LaneWork, item: BatchItem, evidence: RecentEvidence) -> None:
    """Sign the document, unless this very signature was made before: then its one result is the item's."""
    at = work.services.clock()
    with work.services.db.reading() as tx:
        known = SignatureOutcomes(tx).find(_key_of(work, item))
        stored = None if known else work.services.vault.work.read(tx, work.batch.batch_id, slot_of(item))
    if stored is not None:
        _sign_now(work, item, PreparedSignature.from_bytes(stored.content), evidence, at)
    elif known is not None:
        with work.services.db.transaction() as tx:
            SignatureBatches(tx).take(work.batch.batch_id)
            _keep_item(tx, work, item, known, at)


def _sign_now(
    work: LaneWork, item: BatchItem, prepared: PreparedSignature, evidence: RecentEvidence, at: datetime
) -> None:
    services = work.services
    planned = plan_item(work, item, at)  # I10, I11: as it is now, not as it was prepared
    if planned.record.file_sha256 != item.input_sha256:
        raise DocumentMovedOn
    evidence.require_provable_status(planned.certificate, at)  # S26: its authority may have spoken since
    credential = prepared.credential
    keys = services.desk.keys_for(work.lane.authorisation_id)
    value = keys.sign(credential.key_id, prepared.attributes, credential.algorithm)
    signed = complete_step(planned.pdf, prepared, value, services, at, evidence=evidence.source(at))
    outcome = SignatureOutcome(result_id=item.result_id, file_sha256=signed.sha256, signature_level=signed.level)

    def with_the_row(tx: Tx, _changed: ResultRecord) -> None:
        SignatureOutcomes(tx).add(_key_of(work, item), outcome, at)
        _keep_item(tx, work, item, outcome, at)

    keep = keep_seal if work.batch.kind is BatchKind.SEAL else keep_signature
    keep(planned, signed, services, work.caller, at, also=with_the_row)


def _keep_item(tx: Tx, work: LaneWork, item: BatchItem, outcome: SignatureOutcome, at: datetime) -> None:
    BatchItems(tx, work.batch.batch_id).move(
        [item.position],
        ItemState.SIGNED,
        at,
        only=(ItemState.PREPARED, ItemState.SIGNING),
        file_sha256=outcome.file_sha256,
        signature_level=outcome.signature_level,
    )


def _key_of(work: LaneWork, item: BatchItem) -> SignatureKey:
    return SignatureKey(
        input_sha256=item.input_sha256 or "", certificate_id=work.batch.certificate_id, step_no=item.step_no or 0
    )
