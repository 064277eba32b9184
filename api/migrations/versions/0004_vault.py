"""Schema step 0004_vault."""

revision = "0004_vault"
down_revision = "0003_certificates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
