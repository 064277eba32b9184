"""Schema step 0003_certificates."""

revision = "0003_certificates"
down_revision = "0002_foundation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
