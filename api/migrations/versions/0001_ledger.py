"""Schema step 0001_ledger."""

revision = "0001_ledger"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
