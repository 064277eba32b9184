"""Schema step 0009_status_services: shards of revocation lists, kept status answers."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0009_status_services"
down_revision = "0008_certificate_life"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns of this step.

    Certificates from before have no shard: their pointer leads to the full list, which stays.
    """
    op.add_column("certificates", sa.Column("crl_shard", sa.Integer))
    op.create_index("ix_certificates_issuer_crl_shard", "certificates", ["issuer", "crl_shard", "status"])
    op.create_index("ix_certificate_history_issuer_at", "certificate_history", ["issuer", "at"])
    _extend_lists()
    op.create_table(
        "crl_marks",
        sa.Column("mark_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("shard", sa.Integer),
    )
    op.create_index("ix_crl_marks_issuer", "crl_marks", ["issuer", "shard"])
    op.create_table(
        "ocsp_answers",
        sa.Column("cert_id", sa.String(64), primary_key=True),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("serial", sa.String(40), nullable=False),
        sa.Column("encoded", sa.LargeBinary, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("produced_at", sa.BigInteger, nullable=False),
        sa.Column("next_update", sa.BigInteger, nullable=False),
        sa.Column("asked_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_ocsp_answers_issuer_serial", "ocsp_answers", ["issuer", "serial"])
    op.create_index("ix_ocsp_answers_next_update", "ocsp_answers", ["next_update"])


def _extend_lists() -> None:
    """Give the published lists their scope and fingerprint; marks take the place of the counted revision."""
    for column in (
        sa.Column("shard", sa.Integer),
        sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("base_number", sa.BigInteger),
        sa.Column("delta", sa.LargeBinary),
    ):
        op.add_column("published_crls", column)
    op.drop_column("published_crls", "revision")
    op.create_index("ix_published_crls_issuer_shard", "published_crls", ["issuer", "shard", "number"])
    lists = sa.table("published_crls", sa.column("issuer"), sa.column("number"), sa.column("der"), sa.column("sha256"))
    here = op.get_bind()
    for row in here.execute(sa.select(lists.c.issuer, lists.c.number, lists.c.der)).all():
        is_this = (lists.c.issuer == row.issuer) & (lists.c.number == row.number)
        here.execute(lists.update().where(is_this).values(sha256=hashlib.sha256(row.der).hexdigest()))
