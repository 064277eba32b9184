"""Schema step 0011_key_custody: private keys wrapped by a device."""

revision = "0011_key_custody"
down_revision = "0010_bulk_and_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
