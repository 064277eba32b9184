"""Schema step 0008_certificate_life: requests of every type, devices and their hand-over."""

revision = "0008_certificate_life"
down_revision = "0007_idempotent_creation"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
