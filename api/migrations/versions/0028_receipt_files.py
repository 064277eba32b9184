"""Schema step 0028_receipt_files: a receipt slip is found by its file."""

from alembic import op

revision = "0028_receipt_files"
down_revision = "0027_receipt_preparations"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index of this step."""
    op.create_index("ix_receipt_slips_file", "receipt_slips", ["file_sha256"])
