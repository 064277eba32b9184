"""Schema step 0031_annex_preparations: the seal of an annex waits for a token's value beside its result's."""

import sqlalchemy as sa
from alembic import op

revision = "0031_annex_preparations"
down_revision = "0030_copy_preparations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column of this step."""
    op.add_column("signature_preparations", sa.Column("annex_id", sa.String(40)))
