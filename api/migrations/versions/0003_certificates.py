"""Schema step 0003_certificates: keys, requests, certificates and their history, counters, CRLs."""

import sqlalchemy as sa
from alembic import op

revision = "0003_certificates"
down_revision = "0002_foundation"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_ORG = sa.String(35)


def upgrade() -> None:
    """Add this step's tables."""
    op.create_table(
        "signing_keys",
        sa.Column("key_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("spki", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("binding", sa.LargeBinary, nullable=False),
        sa.Column("kek_id", sa.String(16), nullable=False),
    )
    _create_requests()
    _create_certificates()
    _create_history()
    op.create_table(
        "pki_counters",
        sa.Column("name", sa.String(48), primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "published_crls",
        sa.Column("issuer", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("this_update", sa.BigInteger, nullable=False),
        sa.Column("next_update", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("der", sa.LargeBinary, nullable=False),
    )


def _create_requests() -> None:
    op.create_table(
        "certificate_requests",
        sa.Column("request_id", _ID, primary_key=True),
        sa.Column("type", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("certificate_class", sa.String(16), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("org_code", _ORG),
        sa.Column("subject_id", _ID),
        sa.Column("employment_id", _ID),
        sa.Column("primary_certificate_id", _ID),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("ra_account_id", _ID, nullable=False),
        sa.Column("ra_subject_id", _ID, nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", _ID),
        sa.Column("decider_subject_id", _ID),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("rejection", sa.String(255)),
        sa.Column("certificate_id", _ID),
    )
    op.create_index("ix_certificate_requests_org_code", "certificate_requests", ["org_code"])
    op.create_index("ix_certificate_requests_subject_id", "certificate_requests", ["subject_id"])


def _create_certificates() -> None:
    op.create_table(
        "certificates",
        sa.Column("certificate_id", _ID, primary_key=True),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("serial", sa.String(40), nullable=False),
        sa.Column("profile", sa.String(32), nullable=False),
        sa.Column("certificate_class", sa.String(16)),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("primary_id", _ID, sa.ForeignKey("certificates.certificate_id")),
        sa.Column("service", sa.String(48)),
        sa.Column("subject_id", _ID),
        sa.Column("org_code", _ORG),
        sa.Column("employment_id", _ID),
        sa.Column("common_name", sa.String(64), nullable=False),
        sa.Column("organisation", sa.String(64), nullable=False),
        sa.Column("title", sa.String(64)),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("key_id", sa.String(64), nullable=False, unique=True),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("not_after", sa.BigInteger, nullable=False),
        sa.Column("tbs", sa.LargeBinary, nullable=False),
        sa.Column("der", sa.LargeBinary),
        sa.Column("sha256", sa.String(64), unique=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("status_since", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("request_id", _ID, unique=True),
        sa.UniqueConstraint("issuer", "serial", name="uq_certificates_serial"),
    )
    op.create_index("ix_certificates_issuer_status", "certificates", ["issuer", "status"])
    for column in ("primary_id", "service", "subject_id", "org_code"):
        op.create_index(f"ix_certificates_{column}", "certificates", [column])


def _create_history() -> None:
    op.create_table(
        "certificate_history",
        sa.Column("step", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("certificate_id", _ID, sa.ForeignKey("certificates.certificate_id"), nullable=False),
        sa.Column("issuer", sa.String(32), nullable=False),
        sa.Column("before", sa.String(16)),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", _ID, nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("because_of", _ID),
    )
    op.create_index("ix_certificate_history_certificate_id", "certificate_history", ["certificate_id"])
    op.create_index("ix_certificate_history_issuer_before", "certificate_history", ["issuer", "before"])
