"""The tables of batches and their rows, as migration 0010 makes them. Knows columns; rules stand beside it."""

from typing import Final

import sqlalchemy as sa

METADATA = sa.MetaData()
REASON_LENGTH: Final = 255
_ID = sa.String(40)

BULK_BATCHES = sa.Table(
    "bulk_batches",
    METADATA,
    sa.Column("batch_id", _ID, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("job_id", _ID, nullable=False),
    sa.Column("approval_job_id", _ID),
    sa.Column("campaign_id", _ID, index=True),
    sa.Column("evidence", sa.String(128), nullable=False),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("filed_by", _ID, nullable=False),
    sa.Column("filer_subject_id", _ID, nullable=False),
    sa.Column("filer_org", sa.String(35)),
    sa.Column("approved_by", _ID),
    sa.Column("approver_subject_id", _ID),
    sa.Column("approver_org", sa.String(35)),
    sa.Column("error_code", sa.String(64)),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)

BULK_ROWS = sa.Table(
    "bulk_rows",
    METADATA,
    sa.Column("batch_id", _ID, sa.ForeignKey("bulk_batches.batch_id"), primary_key=True),
    sa.Column("row_number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason_code", sa.String(64)),
    sa.Column("reason_vi", sa.String(REASON_LENGTH)),
    sa.Column("reason_en", sa.String(REASON_LENGTH)),
    sa.Column("result_id", _ID),
    sa.Column("approval", sa.String(16)),
    sa.Column("approval_code", sa.String(64)),
    sa.Column("certificate_id", _ID),
    sa.Index("ix_bulk_rows_state", "batch_id", "state", "row_number"),
    sa.Index("ix_bulk_rows_approval", "batch_id", "approval", "row_number"),
)
