"""Schema step 0021_copies: certified copies of stored documents, and papers made from electronic documents."""

import sqlalchemy as sa
from alembic import op

revision = "0021_copies"
down_revision = "0020_pending_stamps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of this step."""
    op.create_table(
        "certified_copies",
        sa.Column("copy_id", sa.String(40), primary_key=True),
        sa.Column("source_document_id", sa.String(40), nullable=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("owner_subject", sa.String(40), nullable=False),
        sa.Column("dossier_id", sa.String(40), nullable=False),
        sa.Column("org_code", sa.String(35), nullable=False),
        sa.Column("form", sa.String(12), nullable=False),
        sa.Column("pages", sa.String(500), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("certificate_id", sa.String(40), nullable=False),
        sa.Column("authorisation_id", sa.String(40)),
        sa.Column("number", sa.String(60)),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("document_id", sa.String(40)),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Index("ix_certified_copies_source", "source_document_id"),
        sa.Index("ix_certified_copies_authorisation", "authorisation_id", unique=True),
    )

    op.create_table(
        "paper_conversions",
        sa.Column("conversion_id", sa.String(40), primary_key=True),
        sa.Column("document_id", sa.String(40), nullable=False),
        sa.Column("owner_subject", sa.String(40), nullable=False),
        sa.Column("dossier_id", sa.String(40), nullable=False),
        sa.Column("org_code", sa.String(35), nullable=False),
        sa.Column("direction", sa.String(24), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("verification_code", sa.String(40), nullable=False),
        sa.Column("mark_text", sa.String(500), nullable=False),
        sa.Column("from_sha256", sa.String(64), nullable=False),
        sa.Column("to_sha256", sa.String(64), nullable=False),
        sa.Column("converted_by", sa.String(40), nullable=False),
        sa.Column("converted_at", sa.BigInteger, nullable=False),
        sa.Index("ix_paper_conversions_code", "verification_code", unique=True),
        sa.Index("ix_paper_conversions_document", "document_id"),
    )
