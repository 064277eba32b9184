"""Schema step 0032_certified_copy_preparations: the seal of a certified copy waits for a token's value."""

import sqlalchemy as sa
from alembic import op

revision = "0032_certified_copy_preparations"
down_revision = "0031_annex_preparations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column of this step."""
    op.add_column("signature_preparations", sa.Column("copy_id", sa.String(40)))
