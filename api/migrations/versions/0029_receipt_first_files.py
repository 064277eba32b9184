"""Schema step 0029_receipt_first_files: what an applicant fetched before the time-stamp came is known too."""

import sqlalchemy as sa
from alembic import op

revision = "0029_receipt_first_files"
down_revision = "0028_receipt_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column of this step."""
    op.add_column("receipt_slips", sa.Column("first_sha256", sa.String(64)))
    op.create_index("ix_receipt_slips_first_file", "receipt_slips", ["first_sha256"])
