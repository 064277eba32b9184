"""Schema step 0010_bulk_and_imports: batches of requests, campaigns, certificates issued elsewhere."""

revision = "0010_bulk_and_imports"
down_revision = "0009_status_services"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
