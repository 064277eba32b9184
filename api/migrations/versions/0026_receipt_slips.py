"""Schema step 0026_receipt_slips: which receipt slip a dossier's applicant was given."""

import sqlalchemy as sa
from alembic import op

revision = "0026_receipt_slips"
down_revision = "0025_result_acts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of this step."""
    op.create_table(
        "receipt_slips",
        sa.Column("slip_id", sa.String(40), primary_key=True),
        sa.Column("dossier_id", sa.String(40), nullable=False),
        sa.Column("ordinal", sa.Integer),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("replaces", sa.String(40)),
        sa.Column("owner_subject", sa.String(40), nullable=False),
        sa.Column("org_code", sa.String(35), nullable=False),
        sa.Column("drafted_by", sa.String(40), nullable=False),
        sa.Column("verification_code", sa.String(40), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("page_sha256", sa.String(64), nullable=False),
        sa.Column("certificate_id", sa.String(40)),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("signature_level", sa.String(8)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("signed_at", sa.BigInteger),
        sa.Index("ix_receipt_slips_code", "verification_code", unique=True),
        sa.Index("ix_receipt_slips_ordinal", "dossier_id", "ordinal", unique=True),
    )
