"""Takes a batch in: its rows sealed, the job that works on them, and the ledger's line commit together.

Knows batches. Must not know files: whoever read one hands over its rows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import Forbidden
from api.ids import creation_id
from api.records.bulk import Batch, Batches, BatchKind, BatchState
from api.records.bulk_rows import BatchRows, WaitingRow
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.evidence_reference import require_reference

JOB_KIND: Final = "work_batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """What comes in."""

    kind: BatchKind
    evidence: str
    """What the officer saw, for every row."""
    rows: tuple[WaitingRow, ...] = field(repr=False)
    campaign_id: str | None = None


def receive_batch(new: NewBatch, services: Services, caller: Caller, at: datetime) -> Batch:
    """Keep the rows and queue the work on them.

    Raises:
        Forbidden: nobody stands behind the account. InputInvalid: no reference to evidence.
    """
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    require_reference(new.evidence)
    batch_id = creation_id("bat", at)
    with services.db.transaction() as tx:
        made = Batches(tx).find(batch_id)
        if made is not None:
            return made  # by an earlier run of this request
        batch = Batch(
            batch_id=batch_id,
            kind=new.kind,
            state=BatchState.RECEIVED,
            job_id=services.jobs.enqueue(tx, JOB_KIND, {"batch_id": batch_id}, at, owner=caller.account_id),
            evidence=new.evidence,
            row_count=len(new.rows),
            filed_by=caller.account_id,
            filer_subject_id=caller.subject_id,
            filer_org=caller.org_code,
            created_at=at,
            changed_at=at,
            campaign_id=new.campaign_id,
        )
        Batches(tx).add(batch)
        BatchRows(tx, services.sealer, batch_id).add(new.rows)
        details = (("kind", new.kind.value), ("rows", str(len(new.rows))))
        event = event_of(caller, "receive_batch", at, object_type="batch", object_id=batch_id, details=details)
        services.audit.append(tx, event)
    return batch
