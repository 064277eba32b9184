"""Schema step 0005_results."""

revision = "0005_results"
down_revision = "0004_vault"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
