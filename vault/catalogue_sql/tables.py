"""The vault's tables, as migration 0004_vault makes them. Nothing that is written on a paper stands here open."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from vault.ledger import from_micros, micros

METADATA: Final = sa.MetaData()

_ID: Final = sa.String(40)
_ORG: Final = sa.String(35)
_CODE: Final = sa.String(64)
_HEX: Final = sa.String(64)
_NAME: Final = sa.String(80)

KEKS: Final = sa.Table(
    "vault_keks",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("check_value", sa.String(16), nullable=False),
    sa.Column("first_used_at", sa.BigInteger, nullable=False),
)

VAULTS: Final = sa.Table(
    "vaults",
    METADATA,
    sa.Column("citizen_id", _ID, primary_key=True),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
)

# a table of its own: destroying a key (erasure) must be possible in every copy, on another schedule
KEYS: Final = sa.Table(
    "vault_keys",
    METADATA,
    sa.Column("citizen_id", _ID, sa.ForeignKey("vaults.citizen_id"), primary_key=True),
    sa.Column("kek_version", sa.Integer, sa.ForeignKey("vault_keks.version"), nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
)

DOCUMENTS: Final = sa.Table(
    "vault_documents",
    METADATA,
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
    sa.Index("ix_vault_documents_citizen", "citizen_id", "document_id"),
    sa.Index("ix_vault_documents_held", "citizen_id", "type_code", "state"),
    sa.Index(
        "uq_vault_documents_active_number",
        "citizen_id",
        "number_tag",
        unique=True,
        sqlite_where=sa.text("state = 'active'"),
        postgresql_where=sa.text("state = 'active'"),
    ),
)

FILES: Final = sa.Table(
    "vault_files",
    METADATA,
    sa.Column("object_name", _NAME, primary_key=True),
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
    sa.Column("generation", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("document_id", "role", "generation", name="uq_vault_files_generation"),
)

WORK: Final = sa.Table(
    "vault_work",
    METADATA,
    sa.Column("record_id", _ID, primary_key=True),
    sa.Column("slot", sa.String(40), primary_key=True),
    sa.Column("citizen_id", _ID, sa.ForeignKey("vaults.citizen_id"), nullable=False),
    sa.Column("media_type", sa.String(128), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("object_name", _NAME, nullable=False, unique=True),
    sa.Column("stored_size", sa.BigInteger, nullable=False),
    sa.Column("stored_sha256", _HEX, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

CONSENTS: Final = sa.Table(
    "vault_consents",
    METADATA,
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

CONSENT_DOCUMENTS: Final = sa.Table(
    "vault_consent_documents",
    METADATA,
    sa.Column("consent_id", _ID, sa.ForeignKey("vault_consents.consent_id"), primary_key=True),
    sa.Column("document_id", _ID, sa.ForeignKey("vault_documents.document_id"), primary_key=True, index=True),
    sa.Column("content_tag", _HEX, nullable=False),
    sa.Column("spent_at", sa.BigInteger),
)

REUSES: Final = sa.Table(
    "reuse_events",
    METADATA,
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
    sa.Index("ix_reuse_events_dossier", "dossier_id", "counted"),
    # I27: one component of one dossier counts once, whatever is tried
    sa.Index(
        "uq_reuse_events_counted",
        "dossier_id",
        "component_type",
        unique=True,
        sqlite_where=sa.text("counted"),
        postgresql_where=sa.text("counted"),
    ),
)


def stored_time(at: datetime | None) -> int | None:
    """A time as it is stored."""
    return None if at is None else micros(at)


def read_time(value: int | None) -> datetime | None:
    """A stored time."""
    return None if value is None else from_micros(value)
