"""Schema step 0002_foundation."""

revision = "0002_foundation"
down_revision = "0001_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
