"""Schema step 0016_signature_preparations: signatures that wait for the value of a key in a token."""

import sqlalchemy as sa
from alembic import op

revision = "0016_signature_preparations"
down_revision = "0015_signing_plans"
branch_labels = None
depends_on = None

_ID = sa.String(40)


def upgrade() -> None:
    """Make the table of this step."""
    op.create_table(
        "signature_preparations",
        sa.Column("preparation_id", _ID, primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("account_id", _ID, nullable=False),
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("owner_subject", _ID, nullable=False),
        sa.Column("certificate_id", _ID, nullable=False),
        sa.Column("result_id", _ID),
        sa.Column("capacity", sa.String(8)),
        sa.Column("base_sha256", sa.String(64), nullable=False),
        sa.Column("document_digest", sa.String(128), nullable=False),
        sa.Column("attributes", sa.LargeBinary, nullable=False),
        sa.Column("spki", sa.LargeBinary, nullable=False),
        sa.Column("algorithm", sa.String(24), nullable=False),
        sa.Column("wrong_values", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("file_sha256", sa.String(64)),
        sa.Column("signature_level", sa.String(8)),
        sa.Column("kept_until", sa.BigInteger),
        sa.Index("ix_signature_preparations_waiting", "state", "expires_at"),
        sa.Index("ix_signature_preparations_account", "account_id", "state"),
    )
