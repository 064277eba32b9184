"""Schema step 0007_idempotent_creation: a claimed key holds the id of what its request creates (decision 0012)."""

import sqlalchemy as sa
from alembic import op

revision = "0007_idempotent_creation"
down_revision = "0006_digitisations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; keys claimed before have none and get one when they are taken over."""
    op.add_column("idempotency_keys", sa.Column("creates", sa.String(26)))
