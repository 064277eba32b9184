"""Schema step 0027_receipt_preparations: a receipt slip waits for a token's value, as results do."""

import sqlalchemy as sa
from alembic import op

revision = "0027_receipt_preparations"
down_revision = "0026_receipt_slips"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column of this step."""
    op.add_column("signature_preparations", sa.Column("slip_id", sa.String(40)))
