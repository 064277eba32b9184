"""Schema step 0014_mergers: mergers of agencies, notices of expiry."""

revision = "0014_mergers"
down_revision = "0013_trust_policies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
