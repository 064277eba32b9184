"""Schema step 0012_key_use: authorisations to sign, passkeys, the chain of key uses."""

revision = "0012_key_use"
down_revision = "0011_key_custody"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step."""
