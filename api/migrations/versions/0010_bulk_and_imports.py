"""Schema step 0010_bulk_and_imports: batches of requests, campaigns, certificates issued elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0010_bulk_and_imports"
down_revision = "0009_status_services"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_ORG = sa.String(35)
_NAME = sa.String(255)


def upgrade() -> None:
    """Make the tables and columns of this step."""
    _create_batches()
    _create_rows()
    _create_campaigns()
    _create_external_certificates()
    _create_external_holds()


def _create_batches() -> None:
    op.create_table(
        "bulk_batches",
        sa.Column("batch_id", _ID, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("job_id", _ID, nullable=False),
        sa.Column("approval_job_id", _ID),
        sa.Column("campaign_id", _ID),
        sa.Column("evidence", sa.String(128), nullable=False),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("filed_by", _ID, nullable=False),
        sa.Column("filer_subject_id", _ID, nullable=False),
        sa.Column("filer_org", _ORG),
        sa.Column("approved_by", _ID),
        sa.Column("approver_subject_id", _ID),
        sa.Column("approver_org", _ORG),
        sa.Column("error_code", sa.String(64)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_bulk_batches_kind", "bulk_batches", ["kind"])
    op.create_index("ix_bulk_batches_campaign_id", "bulk_batches", ["campaign_id"])


def _create_rows() -> None:
    op.create_table(
        "bulk_rows",
        sa.Column("batch_id", _ID, sa.ForeignKey("bulk_batches.batch_id"), primary_key=True),
        sa.Column("row_number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("reason_vi", _NAME),
        sa.Column("reason_en", _NAME),
        sa.Column("result_id", _ID),
        sa.Column("approval", sa.String(16)),
        sa.Column("approval_code", sa.String(64)),
        sa.Column("certificate_id", _ID),
    )
    op.create_index("ix_bulk_rows_state", "bulk_rows", ["batch_id", "state", "row_number"])
    op.create_index("ix_bulk_rows_approval", "bulk_rows", ["batch_id", "approval", "row_number"])


def _create_campaigns() -> None:
    op.create_table(
        "certificate_campaigns",
        sa.Column("campaign_id", _ID, primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("authority", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("opened_by", _ID, nullable=False),
        sa.Column("opener_subject_id", _ID, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("exported_by", _ID),
        sa.Column("exported_at", sa.BigInteger),
        sa.Column("package_sealed", sa.LargeBinary),
        sa.Column("package_sha256", sa.String(64)),
    )
    op.create_table(
        "campaign_entries",
        sa.Column("entry_id", _ID, primary_key=True),
        sa.Column("campaign_id", _ID, sa.ForeignKey("certificate_campaigns.campaign_id"), nullable=False),
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("csr_sealed", sa.LargeBinary),
        sa.Column("key_sha256", sa.String(64)),
        sa.Column("certificate_id", _ID),
        sa.Column("added_by", _ID, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("campaign_id", "subject_id", name="uq_campaign_entries_subject"),
        sa.UniqueConstraint("campaign_id", "key_sha256", name="uq_campaign_entries_key"),
    )
    op.create_index("ix_campaign_entries_subject_id", "campaign_entries", ["subject_id"])
    op.create_index("ix_campaign_entries_state", "campaign_entries", ["campaign_id", "state", "entry_id"])


def _create_external_certificates() -> None:
    op.create_table(
        "external_certificates",
        sa.Column("certificate_id", _ID, primary_key=True),
        sa.Column("der", sa.LargeBinary, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("spki_sha256", sa.String(64), nullable=False),
        sa.Column("issuer", _NAME, nullable=False),
        sa.Column("serial", sa.String(48), nullable=False),
        sa.Column("profile", sa.String(16), nullable=False),
        sa.Column("certificate_class", sa.String(16), nullable=False),
        sa.Column("subject_id", _ID),
        sa.Column("org_code", _ORG),
        sa.Column("employment_id", _ID),
        sa.Column("common_name", _NAME, nullable=False),
        sa.Column("organisation", _NAME, nullable=False),
        sa.Column("title", _NAME),
        sa.Column("key_id", sa.String(64)),
        sa.Column("not_before", sa.BigInteger, nullable=False),
        sa.Column("not_after", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("state_since", sa.BigInteger, nullable=False),
        sa.Column("evidence", sa.String(128), nullable=False),
        sa.Column("imported_by", _ID, nullable=False),
        sa.Column("importer_subject_id", _ID, nullable=False),
        sa.Column("imported_at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_by", _ID),
        sa.Column("confirmed_at", sa.BigInteger),
    )
    for column in ("spki_sha256", "subject_id", "org_code"):
        op.create_index(f"ix_external_certificates_{column}", "external_certificates", [column])


def _create_external_holds() -> None:
    op.create_table(
        "external_certificate_holds",
        sa.Column("hold", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("certificate_id", _ID, sa.ForeignKey("external_certificates.certificate_id"), nullable=False),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("evidence", sa.String(128)),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("begun_by", _ID, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", _ID),
    )
    op.create_index("ix_external_certificate_holds_certificate_id", "external_certificate_holds", ["certificate_id"])
