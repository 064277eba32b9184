"""Schema step 0013_trust_policies: trust policies that were put into force."""

revision = "0013_trust_policies"
down_revision = "0012_key_use"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
