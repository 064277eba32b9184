"""Schema step 0023_remote_credentials: certificates whose keys are at providers of remote signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0023_remote_credentials"
down_revision = "0022_archive"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of this step."""
    op.create_table(
        "remote_credentials",
        sa.Column("certificate_id", sa.String(40), primary_key=True),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("credential_id", sa.String(255), nullable=False),
        sa.Column("registered_by", sa.String(40), nullable=False),
        sa.Column("registered_at", sa.BigInteger, nullable=False),
    )
