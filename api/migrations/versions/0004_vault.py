"""Schema step 0004_vault: wrapped keys, documents and files, intermediate results, consents, reuse events."""

import sqlalchemy as sa
from alembic import op

revision = "0004_vault"
down_revision = "0003_certificates"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_ORG = sa.String(35)
_CODE = sa.String(64)
_HEX = sa.String(64)


def upgrade() -> None:
    """Add this step's tables."""
    _keys()
    _documents()
    _work()
    _consents()
    _reuses()


def _keys() -> None:
    op.create_table(
        "vault_keks",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("check_value", sa.String(16), nullable=False),
        sa.Column("first_used_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "vaults",
        sa.Column("citizen_id", _ID, primary_key=True),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "vault_keys",
        sa.Column("citizen_id", _ID, sa.ForeignKey("vaults.citizen_id"), primary_key=True),
        sa.Column("kek_version", sa.Integer, sa.ForeignKey("vault_keks.version"), nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
    )


def _documents() -> None:
    op.create_table(
        "vault_documents",
        sa.Column("document_id", _ID, primary_key=True),
        sa.Column("citizen_id", _ID, sa.ForeignKey("vaults.citizen_id"), nullable=False),
        sa.Column("type_code", _CODE, nullable=False),
        sa.Column("grade", sa.String(1), nullable=False),
        sa.Column("origin", sa.String(24), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("issuing_org", _ORG),
        sa.Column("custodian_org", _ORG, nullable=False),
        sa.Column("source_dossier_id", _ID),
        sa.Column("digitised_by", _ID),
        sa.Column("valid_from", sa.BigInteger),
        sa.Column("valid_to", sa.BigInteger),
        sa.Column("retention_until", sa.BigInteger),
        sa.Column("supersedes", _ID, sa.ForeignKey("vault_documents.document_id")),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("number_tag", _HEX),
        sa.Column("sealed_details", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_vault_documents_citizen", "vault_documents", ["citizen_id", "document_id"])
    op.create_index("ix_vault_documents_held", "vault_documents", ["citizen_id", "type_code", "state"])
    active = sa.text("state = 'active'")
    op.create_index(
        "uq_vault_documents_active_number",
        "vault_documents",
        ["citizen_id", "number_tag"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_table(
        "vault_files",
        sa.Column("object_name", sa.String(80), primary_key=True),
        sa.Column("document_id", _ID, sa.ForeignKey("vault_documents.document_id"), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("media_type", sa.String(128), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("stored_size", sa.BigInteger, nullable=False),
        sa.Column("stored_sha256", _HEX, nullable=False),
        sa.Column("content_tag", _HEX, nullable=False),
        sa.Column("lookup_tag", _HEX, nullable=False, index=True),
        sa.Column("protected_until", sa.BigInteger),
        sa.Column("quarantined_at", sa.BigInteger),
        sa.Column("quarantine_reason", sa.String(32)),
        sa.UniqueConstraint("document_id", "role", name="uq_vault_files_role"),
    )


def _work() -> None:
    op.create_table(
        "vault_work",
        sa.Column("record_id", _ID, primary_key=True),
        sa.Column("slot", sa.String(40), primary_key=True),
        sa.Column("citizen_id", _ID, sa.ForeignKey("vaults.citizen_id"), nullable=False),
        sa.Column("media_type", sa.String(128), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("object_name", sa.String(80), nullable=False, unique=True),
        sa.Column("stored_size", sa.BigInteger, nullable=False),
        sa.Column("stored_sha256", _HEX, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _consents() -> None:
    op.create_table(
        "vault_consents",
        sa.Column("consent_id", _ID, primary_key=True),
        sa.Column("citizen_id", _ID, sa.ForeignKey("vaults.citizen_id"), nullable=False, index=True),
        sa.Column("receiver_dossier_id", _ID, nullable=False, index=True),
        sa.Column("receiver_org", _ORG, nullable=False),
        sa.Column("purpose", _CODE, nullable=False),
        sa.Column("granted_at", sa.BigInteger, nullable=False),
        sa.Column("granted_by", _ID, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("single_use", sa.Boolean, nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger),
    )
    op.create_table(
        "vault_consent_documents",
        sa.Column("consent_id", _ID, sa.ForeignKey("vault_consents.consent_id"), primary_key=True),
        sa.Column("document_id", _ID, sa.ForeignKey("vault_documents.document_id"), primary_key=True, index=True),
        sa.Column("content_tag", _HEX, nullable=False),
        sa.Column("spent_at", sa.BigInteger),
    )


def _reuses() -> None:
    op.create_table(
        "reuse_events",
        sa.Column("reuse_id", _ID, primary_key=True),
        sa.Column("document_id", _ID, sa.ForeignKey("vault_documents.document_id"), nullable=False, index=True),
        sa.Column("content_tag", _HEX),
        sa.Column("citizen_id", _ID, nullable=False),
        sa.Column("dossier_id", _ID, nullable=False),
        sa.Column("component_type", _CODE, nullable=False),
        sa.Column("consent_id", _ID, nullable=False),
        sa.Column("org_code", _ORG, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("refusal_code", sa.String(40)),
        sa.Column("counted", sa.Boolean, nullable=False),
    )
    op.create_index("ix_reuse_events_dossier", "reuse_events", ["dossier_id", "counted"])
    op.create_index(
        "uq_reuse_events_counted",
        "reuse_events",
        ["dossier_id", "component_type"],
        unique=True,
        sqlite_where=sa.text("counted"),
        postgresql_where=sa.text("counted"),
    )
