"""Schema step 0020_pending_stamps: files that lack a time-stamp or evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0020_pending_stamps"
down_revision = "0019_mark_pictures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of this step."""
    op.create_table(
        "pending_stamps",
        sa.Column("object_id", sa.String(40), primary_key=True),
        sa.Column("job_kind", sa.String(64), nullable=False),
        sa.Column("job_id", sa.String(40), nullable=False),
        sa.Column("org_code", sa.String(35), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error_code", sa.String(64), nullable=False),
        sa.Column("tried_at", sa.BigInteger),
        sa.Column("alarmed_at", sa.BigInteger),
        sa.Column("done_at", sa.BigInteger),
        sa.Index("ix_pending_stamps_open", "done_at", "since"),
    )
