"""Schema step 0006_digitisations."""

revision = "0006_digitisations"
down_revision = "0005_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
