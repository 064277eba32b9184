"""Batches and the results of their rows on the wire."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from api.records.bulk import Batch, BatchKind, BatchState
from api.records.bulk_rows import RowApproval, RowResult, RowState
from api.schemas.spreadsheet import spreadsheet
from api.usecases.read_batch import BatchFound

Reason = Callable[[str], tuple[str, str]]
"""The Vietnamese and the English text of a code."""


class BatchStarted(BaseModel):
    """A batch that was taken in; its rows are worked on in the background."""

    id: str
    job_id: str

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """The wire form."""
        return cls(id=batch.batch_id, job_id=batch.job_id)

    @classmethod
    def of_approval(cls, batch: Batch) -> Self:
        """The wire form of an ordered approval."""
        return cls(id=batch.batch_id, job_id=batch.approval_job_id or "")


class RowCounts(BaseModel):
    """How many rows stand where."""

    pending: int
    created: int
    refused: int
    duplicate: int


class ApprovalCounts(BaseModel):
    """How many of the created requests the approval has reached."""

    waiting: int
    issued: int
    failed: int


class BatchView(BaseModel):
    """A batch and how far it is."""

    model_config = ConfigDict(title="Batch")

    id: str
    kind: BatchKind
    state: BatchState
    job_id: str
    approval_job_id: str | None
    campaign_id: str | None
    evidence: str
    rows: int = Field(description="Rows of the file; blank lines are not counted")
    counts: RowCounts
    approvals: ApprovalCounts
    error_code: str | None
    created_at: datetime

    @classmethod
    def of(cls, found: BatchFound) -> Self:
        """The wire form."""
        batch = found.batch
        return cls(
            id=batch.batch_id,
            kind=batch.kind,
            state=batch.state,
            job_id=batch.job_id,
            approval_job_id=batch.approval_job_id,
            campaign_id=batch.campaign_id,
            evidence=batch.evidence,
            rows=batch.row_count,
            counts=RowCounts(**{state.value: number for state, number in found.counts.items()}),
            approvals=ApprovalCounts(**{state.value: number for state, number in found.approvals.items()}),
            error_code=batch.error_code,
            created_at=batch.created_at,
        )


class BatchRowView(BaseModel):
    """The result of one row."""

    row: int = Field(description="As a spreadsheet counts: the first line is 1")
    state: RowState
    reason_code: str | None
    reason_vi: str | None
    reason_en: str | None
    result_id: str | None = Field(description="The request, applicant or certificate that the row made or found")
    approval: RowApproval | None
    approval_code: str | None
    certificate_id: str | None

    @classmethod
    def of(cls, result: RowResult, reason: Reason) -> Self:
        """The wire form; `reason` gives the texts of codes that came without."""
        title_vi, title_en = reason(result.reason_code) if result.reason_code else (None, None)
        return cls(
            row=result.row_number,
            state=result.state,
            reason_code=result.reason_code,
            reason_vi=result.reason_vi or title_vi,
            reason_en=result.reason_en or title_en,
            result_id=result.result_id,
            approval=result.approval,
            approval_code=result.approval_code,
            certificate_id=result.certificate_id,
        )


class BatchRowPage(BaseModel):
    """Results in the order of the rows."""

    items: list[BatchRowView]
    next_cursor: str | None


def rows_as_csv(results: Iterable[RowResult], reason: Reason) -> bytes:
    """Every result as CSV for a spreadsheet."""
    return spreadsheet(
        BatchRowView.model_fields,
        (BatchRowView.of(result, reason).model_dump(mode="json").values() for result in results),
    )
