"""Reads a batch of signatures: how far it is, its documents, and what changed since somebody last looked.

Only its holder sees it. Knows no document's content.
"""

from dataclasses import dataclass

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden
from api.records.signature_batch_items import BatchItem, BatchItems, ItemState
from api.records.signature_batches import BatchState, SignatureBatch, SignatureBatches
from api.services import Services
from api.usecases.authorise_signature_batch import list_digest
from api.usecases.signature_batch_work import ROLE_OF, own_batch


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBatchItems:
    """Which documents of which batch."""

    batch_id: str
    state: ItemState | None
    after: int | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowBatch:
    """Which batch, and the number of the last change that was seen."""

    batch_id: str
    seen: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFound:
    """A batch and how many of its documents stand where."""

    batch: SignatureBatch
    counts: dict[ItemState, int]
    list_sha256: str | None
    """What its holder agrees to; None unless it waits for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChanges:
    """What changed since."""

    found: BatchFound
    items: tuple[BatchItem, ...]


def read_signature_batch(batch_id: str, services: Services, caller: Caller) -> BatchFound:
    """The caller's batch as it stands.

    Raises:
        NotFound: there is none of the caller's.
    """
    with services.db.reading() as tx:
        return _found(tx, own_batch(tx, batch_id, caller))


def list_signature_batches(
    services: Services, caller: Caller, *, after: str | None, limit: int
) -> tuple[BatchFound, ...]:
    """The caller's batches, newest first.

    Raises:
        Forbidden: nobody stands behind the account.
    """
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    # asked for by kind, not left out afterwards: a page that lost some would look like the last one
    kinds = [kind for kind, role in ROLE_OF.items() if role is caller.role]
    with services.db.reading() as tx:
        listed = SignatureBatches(tx).of_person(caller.subject_id, kinds=kinds, after=after, limit=limit)
        return tuple(_found(tx, batch) for batch in listed)


def read_batch_items(command: ReadBatchItems, services: Services, caller: Caller) -> tuple[BatchItem, ...]:
    """At most `limit` documents in their order.

    Raises:
        NotFound: there is no such batch of the caller's.
    """
    with services.db.reading() as tx:
        own_batch(tx, command.batch_id, caller)
        return BatchItems(tx, command.batch_id).page(state=command.state, after=command.after, limit=command.limit)


def follow_batch(command: FollowBatch, services: Services, caller: Caller) -> BatchChanges:
    """The batch, and its documents that changed after what was seen, in the order of their changes.

    Raises:
        NotFound: there is no such batch of the caller's.
    """
    with services.db.reading() as tx:
        batch = own_batch(tx, command.batch_id, caller)
        items = BatchItems(tx, command.batch_id).changed_after(command.seen, command.limit)
        return BatchChanges(found=_found(tx, batch), items=items)


def _found(tx: Tx, batch: SignatureBatch) -> BatchFound:
    items = BatchItems(tx, batch.batch_id)
    listed: str | None = None
    if batch.state is BatchState.PREPARED:
        listed = list_digest(tuple(item.digest or "" for item in items.in_states((ItemState.PREPARED,))))
    return BatchFound(batch=batch, counts=items.counts(), list_sha256=listed)
