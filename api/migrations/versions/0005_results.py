"""Results of procedures and the register of document numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0005_results"
down_revision = "0004_vault"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
    op.create_table(
        "number_series",
        sa.Column("org_code", sa.String(35), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("symbol", sa.String(40), primary_key=True),
        sa.Column("last_number", sa.Integer, nullable=False),
    )
    op.create_table(
        "number_entry",
        sa.Column("org_code", sa.String(35), primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True),
        sa.Column("symbol", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("result_id", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("document_date", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_number_entry_result", "number_entry", ["result_id"])
    op.create_table(
        "result",
        sa.Column("result_id", sa.String(40), primary_key=True),
        sa.Column("dossier_id", sa.String(40), nullable=False),
        sa.Column("procedure_code", sa.String(40), nullable=False),
        sa.Column("result_type", sa.String(60), nullable=False),
        sa.Column("org_code", sa.String(35), nullable=False),
        sa.Column("owner_subject", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("signer_subject", sa.String(40), nullable=False),
        sa.Column("capacity", sa.String(8), nullable=False),
        sa.Column("draft_sha256", sa.String(64), nullable=False),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("signature_level", sa.String(4)),
        sa.Column("document_number", sa.String(60)),
        sa.Column("document_date", sa.String(10)),
        sa.Column("verification_code", sa.String(40)),
        sa.Column("drafted_by", sa.String(40), nullable=False),
        sa.Column("appraised_by", sa.String(40)),
        sa.Column("signed_by", sa.String(40)),
        sa.Column("sealed_by", sa.String(40)),
        sa.Column("document_id", sa.String(40)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_result_code", "result", ["verification_code"], unique=True)
    op.create_index("ix_result_file", "result", ["file_sha256"])
    op.create_index("ix_result_dossier", "result", ["dossier_id"])
