"""Schema step 0008_certificate_life: requests of every type, proofs of possession, what took whose place."""

import sqlalchemy as sa
from alembic import op

revision = "0008_certificate_life"
down_revision = "0007_idempotent_creation"
branch_labels = None
depends_on = None

_ID = sa.String(40)


def upgrade() -> None:
    """Add the columns; what stands is about nothing else, and all its keys are ours.

    Certificates from before have no fingerprint of their key: their keys never left the store, so nobody can prove one.
    """
    for column in (
        sa.Column("target_id", _ID),
        sa.Column("reason", sa.String(32)),
        sa.Column("key_device", sa.String(8), nullable=False, server_default="server"),
        sa.Column("challenge", sa.String(64)),
        sa.Column("proof_spki", sa.LargeBinary),
        sa.Column("proof_by", _ID),
        sa.Column("proof_at", sa.BigInteger),
        sa.Column("cascaded", sa.Text),
    ):
        op.add_column("certificate_requests", column)
    op.create_index("ix_certificate_requests_target_id", "certificate_requests", ["target_id"])
    op.create_index("ix_certificate_requests_state", "certificate_requests", ["state", "request_id"])
    for column in (
        sa.Column("key_device", sa.String(8), nullable=False, server_default="server"),
        sa.Column("spki_sha256", sa.String(64)),
        sa.Column("supersedes_id", _ID),
    ):
        op.add_column("certificates", column)
    for name in ("spki_sha256", "supersedes_id"):
        op.create_index(f"ix_certificates_{name}", "certificates", [name])
