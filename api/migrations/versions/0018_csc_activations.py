"""Schema step 0018_csc_activations: activation data that CSC clients got."""

import sqlalchemy as sa
from alembic import op

revision = "0018_csc_activations"
down_revision = "0017_signature_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of this step."""
    op.create_table(
        "csc_activations",
        sa.Column("sad_sha256", sa.String(64), primary_key=True),
        sa.Column("authorisation_id", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(40), nullable=False),
        sa.Column("certificate_id", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hashes", sa.Text, nullable=False),
        sa.Column("used", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("authorisation_id", "number", name="uq_csc_activations_number"),
    )
    op.create_index("ix_csc_activations_expires_at", "csc_activations", ["expires_at"])
