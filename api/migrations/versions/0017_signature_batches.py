"""Schema step 0017_signature_batches: batches of signatures, their documents, one result for one signature."""

import sqlalchemy as sa
from alembic import op

revision = "0017_signature_batches"
down_revision = "0016_signature_preparations"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_SHA256 = sa.String(64)


def upgrade() -> None:
    """Make the tables of this step."""
    op.create_table(
        "signature_batches",
        sa.Column("batch_id", _ID, primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("certificate_id", _ID, nullable=False),
        sa.Column("capacity", sa.String(8)),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("org_code", sa.String(35)),
        sa.Column("item_count", sa.Integer, nullable=False),
        sa.Column("authorisation_id", _ID),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Index("ix_signature_batches_subject_id", "subject_id", "batch_id"),
    )
    _create_items()
    op.create_table(
        "signature_outcomes",
        sa.Column("input_sha256", _SHA256, primary_key=True),
        sa.Column("certificate_id", _ID, primary_key=True),
        sa.Column("step_no", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("result_id", _ID, nullable=False),
        sa.Column("file_sha256", _SHA256, nullable=False),
        sa.Column("signature_level", sa.String(5), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
    )


def _create_items() -> None:
    op.create_table(
        "signature_batch_items",
        sa.Column("batch_id", _ID, sa.ForeignKey("signature_batches.batch_id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("result_id", _ID, nullable=False),
        sa.Column("seen_sha256", _SHA256),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("reason_vi", sa.String(255)),
        sa.Column("reason_en", sa.String(255)),
        sa.Column("input_sha256", _SHA256),
        sa.Column("step_no", sa.Integer),
        sa.Column("digest", sa.String(128)),
        sa.Column("prepared_at", sa.BigInteger),
        sa.Column("authorisation_id", _ID),
        sa.Column("file_sha256", _SHA256),
        sa.Column("signature_level", sa.String(5)),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("batch_id", "result_id", name="uq_signature_batch_items_result"),
        sa.Index("ix_signature_batch_items_state", "batch_id", "state", "position"),
        sa.Index("ix_signature_batch_items_seq", "batch_id", "seq"),
    )
