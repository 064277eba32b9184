"""Schema step 0030_copy_preparations: an officer's copy waits for a token's value, as results and slips do."""

import sqlalchemy as sa
from alembic import op

revision = "0030_copy_preparations"
down_revision = "0029_receipt_first_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column of this step."""
    op.add_column("signature_preparations", sa.Column("digitisation_id", sa.String(40)))
