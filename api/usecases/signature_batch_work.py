"""What the steps of a batch of signatures share: whose it is, its lanes of work, and when it is through.

Knows batches, items and the plan of each kind. Must not know HTTP; uses no key. A batch is worked on in lanes, each a
durable job with its own share of the places, so that several workers finish one batch together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from api.callers import Caller, Purpose, Role
from api.db import Tx
from api.errors import AnsoError, ItemBroken, ItemKillsWorkers, NotFound
from api.log import logger
from api.records.employments import SigningCapacity
from api.records.signature_batch_items import BatchItem, BatchItems, ItemState
from api.records.signature_batches import BatchKind, BatchState, SignatureBatch, SignatureBatches
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.result_signing import PlannedSignature
from api.usecases.seal_result import SealResult, plan_seal
from api.usecases.sign_result import SignResult, plan_signature
from signing.authorisation import MAX_DIGESTS, SigningPurpose
from signing.errors import SigningError
from vault.errors import VaultError

Progress = Callable[[int, int, str], None]

MAX_ITEMS: Final = MAX_DIGESTS
"""A batch is one authorisation; a longer list is nothing that a person looked at."""
PREPARE_JOB: Final = "prepare_signature_batch"
SIGN_JOB: Final = "sign_signature_batch"
ROLE_OF: Final[Mapping[BatchKind, Role]] = {BatchKind.SIGN: Role.AUTHORISED_SIGNER, BatchKind.SEAL: Role.CLERK}
PURPOSE_OF: Final[Mapping[BatchKind, SigningPurpose]] = {
    BatchKind.SIGN: SigningPurpose.SIGN_RESULT,
    BatchKind.SEAL: SigningPurpose.SEAL_RESULT,
}
PATIENCE: Final = 3
"""So many documents in a row that could not be worked on now: then it is not the documents, and the job waits."""
KILLS_WORKERS: Final = "JOB_KILLS_WORKERS"

_ACCESS: Final[Mapping[BatchKind, Purpose]] = {
    BatchKind.SIGN: Purpose.SIGN_RESULT,
    BatchKind.SEAL: Purpose.SEAL_RESULT,
}
_ITEMS_FOR_A_LANE: Final = 10
"""Fewer are not worth a second job."""
_LOG: Final = logger("signature_batch")

Failure = AnsoError | SigningError | VaultError
FAILURES: Final = (AnsoError, SigningError, VaultError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One job's share of a batch: every place whose number leaves this remainder."""

    batch_id: str
    number: int
    lanes: int
    authorisation_id: str = ""
    """Under which the lane signs; empty while it prepares."""
    left: int = -1
    """How many items were left when the job began: one that gets nowhere is told from one that only died often."""

    @classmethod
    def of(cls, payload: Mapping[str, str]) -> Self:
        """The lane of a job."""
        return cls(
            batch_id=payload["batch_id"],
            number=int(payload["lane"]),
            lanes=int(payload["lanes"]),
            authorisation_id=payload.get("authorisation_id", ""),
            left=int(payload.get("left", "-1")),
        )

    def payload(self) -> dict[str, str]:
        """What a job carries: ids and numbers only."""
        return {
            "batch_id": self.batch_id,
            "lane": str(self.number),
            "lanes": str(self.lanes),
            "authorisation_id": self.authorisation_id,
            "left": str(self.left),
        }

    def open_items(self, tx: Tx) -> tuple[BatchItem, ...]:
        """What is left to do in this lane, in order."""
        preparing = not self.authorisation_id
        states = (ItemState.WAITING,) if preparing else (ItemState.PREPARED, ItemState.SIGNING)
        return tuple(
            item
            for item in BatchItems(tx, self.batch_id).in_states(states)
            if item.position % self.lanes == self.number
            and (preparing or item.authorisation_id == self.authorisation_id)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneWork:
    """What a lane's job works with."""

    lane: Lane
    batch: SignatureBatch
    """As it was when the job began."""
    caller: Caller
    """The batch's holder, so that the ledger names a person."""
    services: Services

    @classmethod
    def begin(cls, services: Services, payload: Mapping[str, str]) -> tuple[Self, tuple[BatchItem, ...]]:
        """The work of a job, and what is left to do in its lane."""
        lane = Lane.of(payload)
        with services.db.reading() as tx:
            batch = SignatureBatches(tx).get(lane.batch_id)
            return cls(lane=lane, batch=batch, caller=acting(batch), services=services), lane.open_items(tx)


def start_lanes(
    tx: Tx, batch: SignatureBatch, services: Services, at: datetime, *, count: int, authorisation_id: str = ""
) -> None:
    """Have so many items of a batch prepared, or signed under an authorisation, as durable jobs."""
    lanes = max(1, min(services.settings.batch_lanes, count // _ITEMS_FOR_A_LANE))
    for number in range(lanes):
        enqueue_lane(
            tx,
            Lane(batch_id=batch.batch_id, number=number, lanes=lanes, authorisation_id=authorisation_id),
            batch,
            services,
            at,
        )


def enqueue_lane(tx: Tx, lane: Lane, batch: SignatureBatch, services: Services, at: datetime) -> None:
    """Have one lane worked on after the commit."""
    kind = SIGN_JOB if lane.authorisation_id else PREPARE_JOB
    services.jobs.enqueue(tx, kind, lane.payload(), at, owner=batch.account_id)


def own_batch(tx: Tx, batch_id: str, caller: Caller, *, to_change: bool = False) -> SignatureBatch:
    """The caller's batch.

    Raises:
        NotFound: there is none, or it is another person's or of another role: all look the same.
    """
    batches = SignatureBatches(tx)
    batch = batches.take(batch_id) if to_change else batches.get(batch_id)
    if caller.subject_id != batch.subject_id or caller.role is not ROLE_OF[batch.kind]:
        raise NotFound("Không có lô ký này.", "There is no such batch of signatures.")
    return batch


def acting(batch: SignatureBatch) -> Caller:
    """Who acts in a batch's jobs: its holder, so that the ledger names a person."""
    return Caller(
        account_id=batch.account_id,
        subject_id=batch.subject_id,
        role=ROLE_OF[batch.kind],
        org_code=batch.org_code,
        purpose=_ACCESS[batch.kind],
        request_id=batch.batch_id,
    )


def plan_item(work: LaneWork, item: BatchItem, at: datetime) -> PlannedSignature:
    """Every check that comes before the key, for one document (I10, I11, I14).

    Raises:
        What `plan_signature` and `plan_seal` raise.
    """
    batch = work.batch
    if batch.kind is BatchKind.SEAL:
        seal = SealResult(result_id=item.result_id, certificate_id=batch.certificate_id, file_sha256=item.seen_sha256)
        # the holder's second factor or passkey is asked for once, with the list of digests
        return plan_seal(seal, work.services, work.caller, at, asks_factor=False)
    signature = SignResult(
        result_id=item.result_id,
        certificate_id=batch.certificate_id,
        capacity=SigningCapacity(batch.capacity or SigningCapacity.HEAD.value),
        file_sha256=item.seen_sha256,
    )
    return plan_signature(signature, work.services, work.caller, at)


def slot_of(item: BatchItem) -> str:
    """Where in the batch's work area the prepared revision of an item lies."""
    return f"item-{item.position}"


def reason_of_failure(err: Exception) -> dict[str, object]:
    """Columns that say why an item stands where it stands; texts of libraries are not repeated."""
    if not isinstance(err, FAILURES):
        return {"reason_code": ItemBroken.code, "reason_vi": None, "reason_en": None}
    own = err if isinstance(err, AnsoError) else None
    return {
        "reason_code": err.code,
        "reason_vi": own.detail_vi if own else None,
        "reason_en": own.detail_en if own else None,
    }


def log_broken(work: LaneWork, item: BatchItem, err: Exception) -> None:
    """Tell operators of a failure that nobody foresaw."""
    _LOG.error("item_broken", batch_id=work.batch.batch_id, position=item.position, exc_info=err)


def settle_batch(batch_id: str, services: Services, at: datetime, *, reason_code: str | None = None) -> None:
    """Move a batch on when none of its jobs has anything left; what was prepared goes with its last use."""
    with services.db.transaction() as tx:
        batch = SignatureBatches(tx).take(batch_id)
        counts = BatchItems(tx, batch_id).counts()
        state = _state_after(tx, batch, counts)
        if state is None:
            return
        garbage: tuple[str, ...] = ()
        if state.is_final:
            garbage = services.vault.work.forget(tx, batch_id)
        if state is not batch.state:
            SignatureBatches(tx).change(batch_id, at, state=state.value, authorisation_id=None, reason_code=reason_code)
            details = tuple((one.value, str(number)) for one, number in counts.items())
            event = event_of(
                acting(batch),
                f"signature_batch_{state.value}",
                at,
                object_type="signature_batch",
                object_id=batch_id,
                reason_code=reason_code,
                details=details,
            )
            services.audit.append(tx, event)
    services.vault.work.discard(garbage, at)


def _state_after(tx: Tx, batch: SignatureBatch, counts: Mapping[ItemState, int]) -> BatchState | None:
    """Where the batch stands once its jobs are through; None: they are not."""
    if batch.state is BatchState.PREPARING and counts[ItemState.WAITING]:
        return None
    if batch.state is BatchState.CANCELLED:
        return None if counts[ItemState.SIGNING] else BatchState.CANCELLED
    if batch.state is BatchState.SIGNING:
        standing = BatchItems(tx, batch.batch_id).in_states((ItemState.PREPARED, ItemState.SIGNING))
        if any(item.authorisation_id == batch.authorisation_id for item in standing):
            return None
    elif batch.state is not BatchState.PREPARING:
        return None
    return BatchState.PREPARED if counts[ItemState.PREPARED] else BatchState.FINISHED


def give_up_lane(services: Services, payload: Mapping[str, str], error_code: str) -> None:
    """A lane's job has failed for good: go on without the item that stops it, or stand back."""
    lane, at = Lane.of(payload), services.clock()
    with services.db.transaction() as tx:
        batch = SignatureBatches(tx).take(lane.batch_id)
        standing = lane.open_items(tx)
        items = BatchItems(tx, lane.batch_id)
        if standing and error_code == KILLS_WORKERS:
            got_on = lane.left < 0 or len(standing) < lane.left
            if not got_on:  # the first one is where every worker of this job died
                items.move(
                    [standing[0].position],
                    ItemState.FAILED,
                    at,
                    only=(standing[0].state,),
                    **reason_of_failure(ItemKillsWorkers()),
                )
            enqueue_lane(tx, _again(lane, len(standing) - (not got_on)), batch, services, at)
        elif lane.authorisation_id:
            stand_back(tx, lane, at)
        else:
            positions = [item.position for item in standing]
            failure = {"reason_code": error_code, "reason_vi": None, "reason_en": None}
            items.move(positions, ItemState.REFUSED, at, only=(ItemState.WAITING,), **failure)
    settle_batch(lane.batch_id, services, at, reason_code=error_code)


def stand_back(tx: Tx, lane: Lane, at: datetime) -> None:
    """What is left of a lane waits for a new authorisation; in a cancelled batch it is cancelled."""
    batch, items = SignatureBatches(tx).take(lane.batch_id), BatchItems(tx, lane.batch_id)
    state = ItemState.CANCELLED if batch.state is BatchState.CANCELLED else ItemState.PREPARED
    positions = [item.position for item in lane.open_items(tx)]
    items.move(positions, state, at, only=(ItemState.PREPARED, ItemState.SIGNING), authorisation_id=None)


def _again(lane: Lane, left: int) -> Lane:
    return Lane(
        batch_id=lane.batch_id,
        number=lane.number,
        lanes=lane.lanes,
        authorisation_id=lane.authorisation_id,
        left=left,
    )
