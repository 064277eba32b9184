"""Schema step 0022_archive: archive files of documents, and until when each document's time-stamps protect it."""

import sqlalchemy as sa
from alembic import op

revision = "0022_archive"
down_revision = "0021_copies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of this step, and room for more than one file in a role."""
    with op.batch_alter_table("vault_files") as table:
        table.add_column(sa.Column("generation", sa.Integer, nullable=False, server_default="1"))
        table.drop_constraint("uq_vault_files_role", type_="unique")
        table.create_unique_constraint("uq_vault_files_generation", ["document_id", "role", "generation"])
    op.create_table(
        "archive_terms",
        sa.Column("document_id", sa.String(40), primary_key=True),
        sa.Column("policy_id", sa.String(64), nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("tokens", sa.Integer, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("examined_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error_code", sa.String(64)),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("alarmed_at", sa.BigInteger),
        sa.Index("ix_archive_terms_until", "until"),
    )
