"""Reads a batch, how far it is, and the results of its rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import NotFound
from api.records.bulk import Batch, Batches, BatchKind
from api.records.bulk_rows import BatchRows, RowApproval, RowResult, RowState
from api.services import Services

REQUESTS: Final = (BatchKind.CITIZENS, BatchKind.OFFICIALS)
_EXPORT_ROWS: Final = 60_000  # more than any file may have


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBatch:
    """Which batch; of another kind is as good as none."""

    batch_id: str
    kinds: tuple[BatchKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBatchRows:
    """Which rows of which batch."""

    batch: ReadBatch
    state: RowState | None
    after: int | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFound:
    """A batch and how many of its rows stand where."""

    batch: Batch
    counts: dict[RowState, int]
    approvals: dict[RowApproval, int]


def read_batch(command: ReadBatch, services: Services, caller: Caller, at: datetime) -> BatchFound:
    """The batch as it stands.

    Raises:
        NotFound: there is none of these kinds.
    """
    del caller, at  # the roles of registration may read every batch: results hold no personal data
    with services.db.reading() as tx:
        batch = _wanted(tx, command)
        rows = BatchRows(tx, services.sealer, batch.batch_id)
        return BatchFound(batch=batch, counts=rows.counts(), approvals=rows.approval_counts())


def read_batch_rows(command: ReadBatchRows, services: Services, caller: Caller, at: datetime) -> tuple[RowResult, ...]:
    """At most `limit` results in the order of the rows.

    Raises:
        NotFound: there is no such batch.
    """
    del caller, at  # as above
    with services.db.reading() as tx:
        batch = _wanted(tx, command.batch)
        rows = BatchRows(tx, services.sealer, batch.batch_id)
        return rows.page(state=command.state, after=command.after, limit=command.limit)


def read_all_rows(command: ReadBatch, services: Services, caller: Caller, at: datetime) -> tuple[RowResult, ...]:
    """Every result, for an export.

    Raises:
        NotFound: there is no such batch.
    """
    whole = ReadBatchRows(batch=command, state=None, after=None, limit=_EXPORT_ROWS)
    return read_batch_rows(whole, services, caller, at)


def _wanted(tx: Tx, command: ReadBatch) -> Batch:
    batch = Batches(tx).find(command.batch_id)
    if batch is None or batch.kind not in command.kinds:
        raise NotFound("Không có tệp hàng loạt này.", "There is no such batch.")
    return batch
