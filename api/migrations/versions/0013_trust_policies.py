"""Schema step 0013_trust_policies: trust policies that were put into force."""

import sqlalchemy as sa
from alembic import op

revision = "0013_trust_policies"
down_revision = "0012_key_use"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
    op.create_table(
        "trust_policies",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("profile", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger),
        sa.Column("loaded_at", sa.BigInteger, nullable=False),
        sa.Column("signed_by", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("profile", "version", name="uq_trust_policies_version"),
    )
