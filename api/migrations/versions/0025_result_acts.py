"""Schema step 0025_result_acts: by which act an issued result was corrected, replaced or recalled."""

import sqlalchemy as sa
from alembic import op

revision = "0025_result_acts"
down_revision = "0024_annexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns of this step."""
    op.add_column("result", sa.Column("act_number", sa.String(128)))
    op.add_column("result", sa.Column("replaced_by", sa.String(40)))
