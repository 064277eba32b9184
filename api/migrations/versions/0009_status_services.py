"""Schema step 0009_status_services: shards of revocation lists, kept status answers."""

revision = "0009_status_services"
down_revision = "0008_certificate_life"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
