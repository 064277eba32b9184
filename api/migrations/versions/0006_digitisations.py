"""Schema step 0006_digitisations: papers on their way from upload to vault; nothing that stands on them."""

import sqlalchemy as sa
from alembic import op

revision = "0006_digitisations"
down_revision = "0005_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
    op.create_table(
        "digitisations",
        sa.Column("digitisation_id", sa.String(40), primary_key=True),
        sa.Column("dossier_id", sa.String(40), nullable=False, index=True),
        sa.Column("component_type", sa.String(64), nullable=False),
        sa.Column("owner_subject", sa.String(40), nullable=False, index=True),
        sa.Column("org_code", sa.String(35), nullable=False),
        sa.Column("received_by", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("job_id", sa.String(40), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("page_count", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error_code", sa.String(64)),
        sa.Column("document_type", sa.String(64)),
        sa.Column("confidence_permille", sa.Integer),
        sa.Column("needs_human", sa.Boolean),
        sa.Column("findings", sa.String(500), nullable=False),
        sa.Column("confirmed_by", sa.String(40)),
        sa.Column("document_id", sa.String(40)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
