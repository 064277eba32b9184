"""Batches: files with many rows that are worked on by a job, one row at a time.

Knows batches and who filed and approved them. Their rows are in `bulk_rows`. Must not know what a row asks for.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound
from api.records.bulk_tables import BULK_BATCHES


class BatchKind(StrEnum):
    """What each row of a batch asks for."""

    CITIZENS = "citizens"
    """A new citizen's certificate of our own authority."""
    OFFICIALS = "officials"
    """A new personal certificate of our own authority."""
    CAMPAIGN = "campaign"
    """A place in a campaign with a licensed authority (F4)."""
    EXTERNAL = "external"
    """The import of a certificate that another authority issued."""
    CAMPAIGN_CERTIFICATES = "campaign_certificates"
    """The same, matched with the applicants of a campaign."""


class BatchState(StrEnum):
    """`received → finished | failed`; a failed batch leaves its open rows pending."""

    RECEIVED = "received"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One file."""

    batch_id: str
    kind: BatchKind
    state: BatchState
    job_id: str
    evidence: str
    """Reference to what the officer saw, for rows that name none themselves."""
    row_count: int
    filed_by: str
    filer_subject_id: str
    filer_org: str | None
    created_at: datetime
    changed_at: datetime
    campaign_id: str | None = None
    approval_job_id: str | None = None
    approved_by: str | None = None
    approver_subject_id: str | None = None
    approver_org: str | None = None
    error_code: str | None = None


class Batches:
    """Batches and rows in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, batch: Batch) -> None:
        """Record a batch."""
        values = {name: getattr(batch, name) for name in _PLAIN}
        self._tx.execute(
            BULK_BATCHES.insert().values(
                **values,
                kind=batch.kind.value,
                state=batch.state.value,
                created_at=to_micros(batch.created_at),
                changed_at=to_micros(batch.changed_at),
            )
        )

    def find(self, batch_id: str) -> Batch | None:
        """The batch of that id."""
        row = self._tx.execute(sa.select(BULK_BATCHES).where(BULK_BATCHES.c.batch_id == batch_id)).one_or_none()
        return None if row is None else _batch(row)

    def get(self, batch_id: str) -> Batch:
        """The batch of that id.

        Raises:
            NotFound: there is none.
        """
        batch = self.find(batch_id)
        if batch is None:
            raise NotFound("Không có tệp hàng loạt này.", "There is no such batch.")
        return batch

    def take(self, batch_id: str) -> Batch:
        """The batch, for this transaction alone: two workers on one batch go one after the other."""
        locked = sa.select(BULK_BATCHES.c.batch_id).where(BULK_BATCHES.c.batch_id == batch_id).with_for_update()
        self._tx.execute(locked)  # SQLite: the writing transaction itself is the lock
        return self.get(batch_id)

    def begin_approval(self, batch: Batch, at: datetime) -> bool:
        """Keep who approved the batch and by which job; False when somebody did before."""
        batches = BULK_BATCHES.c
        taken = self._tx.execute(
            BULK_BATCHES.update()
            .where(batches.batch_id == batch.batch_id, batches.approval_job_id.is_(None))
            .values(
                approval_job_id=batch.approval_job_id,
                approved_by=batch.approved_by,
                approver_subject_id=batch.approver_subject_id,
                approver_org=batch.approver_org,
                changed_at=to_micros(at),
            )
        )
        return taken.rowcount == 1

    def end(self, batch_id: str, state: BatchState, at: datetime, error_code: str | None = None) -> None:
        """The batch's own work is over."""
        self._tx.execute(
            BULK_BATCHES.update()
            .where(BULK_BATCHES.c.batch_id == batch_id)
            .values(state=state.value, error_code=error_code, changed_at=to_micros(at))
        )


_PLAIN: Final = (
    "batch_id",
    "job_id",
    "approval_job_id",
    "campaign_id",
    "evidence",
    "row_count",
    "filed_by",
    "filer_subject_id",
    "filer_org",
    "approved_by",
    "approver_subject_id",
    "approver_org",
    "error_code",
)
"""Columns of a batch that are stored as they are."""


def _batch(row: sa.Row[tuple[object, ...]]) -> Batch:
    values = {name: getattr(row, name) for name in _PLAIN}
    return Batch(
        **values,
        kind=BatchKind(row.kind),
        state=BatchState(row.state),
        created_at=from_micros(row.created_at),
        changed_at=from_micros(row.changed_at),
    )
