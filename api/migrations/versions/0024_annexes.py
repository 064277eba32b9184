"""Schema step 0024_annexes: separate files that are sealed together with a result."""

import sqlalchemy as sa
from alembic import op

revision = "0024_annexes"
down_revision = "0023_remote_credentials"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of this step."""
    op.create_table(
        "result_annexes",
        sa.Column("annex_id", sa.String(40), primary_key=True),
        sa.Column("result_id", sa.String(40), nullable=False),
        sa.Column("no", sa.Integer, nullable=False),
        sa.Column("plain_sha256", sa.String(64), nullable=False),
        sa.Column("sealed_sha256", sa.String(64)),
        sa.Column("signature_level", sa.String(5)),
        sa.Column("document_id", sa.String(40)),
        sa.Column("added_by", sa.String(40), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Index("ix_result_annexes_no", "result_id", "no", unique=True),
    )
