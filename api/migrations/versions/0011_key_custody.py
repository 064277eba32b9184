"""Schema step 0011_key_custody: find the private keys that a key-encryption key of the device wraps."""

from alembic import op

revision = "0011_key_custody"
down_revision = "0010_bulk_and_imports"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index by which a rotation carries keys over, page by page."""
    op.create_index("ix_signing_keys_kek_id", "signing_keys", ["kek_id", "key_id"])
