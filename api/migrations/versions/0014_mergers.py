"""Schema step 0014_mergers: mergers of agencies, devices that hold keys, notices of expiry, days off."""

import sqlalchemy as sa
from alembic import op

revision = "0014_mergers"
down_revision = "0013_trust_policies"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_ORG = sa.String(35)


def _widen_rights() -> None:
    """For whom and by whom a right is; the same right may be given again for a later time."""
    op.create_table(
        "signing_rights_in_time",
        sa.Column("employment_id", _ID, sa.ForeignKey("employments.employment_id"), primary_key=True),
        sa.Column("procedure_code", sa.String(64), primary_key=True),
        sa.Column("capacity", sa.String(8), primary_key=True),
        sa.Column("valid_from", sa.BigInteger, primary_key=True),
        sa.Column("valid_to", sa.BigInteger),
        sa.Column("basis", sa.String(255), nullable=False),
        sa.Column("for_org", _ORG),
        sa.Column("granted_by", _ID),
    )
    op.execute(
        "INSERT INTO signing_rights_in_time"
        " (employment_id, procedure_code, capacity, valid_from, valid_to, basis)"
        " SELECT employment_id, procedure_code, capacity, valid_from, valid_to, basis FROM signing_rights"
    )
    op.drop_table("signing_rights")
    op.rename_table("signing_rights_in_time", "signing_rights")


def upgrade() -> None:
    """Make the tables and columns of this step."""
    op.add_column("dossiers", sa.Column("custodian_org", _ORG))
    _widen_rights()
    op.create_index("ix_dossiers_org_code", "dossiers", ["org_code"])
    op.create_table(
        "mergers",
        sa.Column("merger_id", _ID, primary_key=True),
        sa.Column("closing_org", _ORG, sa.ForeignKey("organisations.org_code"), nullable=False),
        sa.Column("successor_org", _ORG, sa.ForeignKey("organisations.org_code"), nullable=False),
        sa.Column("act", sa.String(128), nullable=False),
        sa.Column("effective_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_by", _ID, nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", _ID),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("performed_at", sa.BigInteger),
        sa.Column("figures", sa.Text),
        sa.Column("record_pdf", sa.LargeBinary),
        sa.Index("ix_mergers_closing_org", "closing_org"),
    )
    op.create_table(
        "key_devices",
        sa.Column("device_id", _ID, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("org_code", _ORG, sa.ForeignKey("organisations.org_code"), nullable=False),
        sa.Column("keeper_subject_id", _ID, sa.ForeignKey("people.subject_id"), nullable=False),
        sa.Column("certificate_id", _ID),
        sa.Column("registered_at", sa.BigInteger, nullable=False),
        sa.Column("returned_at", sa.BigInteger),
        sa.Column("alarmed_at", sa.BigInteger),
        sa.UniqueConstraint("kind", "label", name="uq_key_devices_label"),
        sa.Index("ix_key_devices_certificate_id", "certificate_id"),
    )
    op.create_table(
        "device_handovers",
        sa.Column("device_id", _ID, sa.ForeignKey("key_devices.device_id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("from_subject_id", _ID),
        sa.Column("to_subject_id", _ID),
        sa.Column("minute", sa.String(128), nullable=False),
        sa.Column("recorded_by", _ID, nullable=False),
    )
    op.create_table(
        "expiry_notices",
        sa.Column("certificate_id", _ID, primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("sent_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "days_off",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("name", sa.String(128), nullable=False),
    )
