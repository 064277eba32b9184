"""Schema step 0002_foundation: organisations, people, accounts, dossiers, outbox, jobs, idempotency."""

import sqlalchemy as sa
from alembic import op

revision = "0002_foundation"
down_revision = "0001_ledger"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add this step's tables."""
    _organisations_and_people()
    _procedures_and_dossiers()
    _accounts()
    _operation()


def _organisations_and_people() -> None:
    op.create_table(
        "organisations",
        sa.Column("org_code", sa.String(35), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("parent_code", sa.String(35), sa.ForeignKey("organisations.org_code")),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("successor_code", sa.String(35), sa.ForeignKey("organisations.org_code")),
        sa.Column("merger_act", sa.String(128)),
    )
    op.create_table(
        "people",
        sa.Column("subject_id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("personal_id_sealed", sa.LargeBinary),
        sa.Column("personal_id_index", sa.String(64), unique=True),
        sa.Column("date_of_birth", sa.String(10)),
        sa.Column("sex", sa.String(8)),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("guardian_subject_id", sa.String(40), sa.ForeignKey("people.subject_id")),
    )
    op.create_table(
        "employments",
        sa.Column("employment_id", sa.String(40), primary_key=True),
        sa.Column("subject_id", sa.String(40), sa.ForeignKey("people.subject_id"), nullable=False, index=True),
        sa.Column("org_code", sa.String(35), sa.ForeignKey("organisations.org_code"), nullable=False, index=True),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("place_code", sa.String(35), sa.ForeignKey("organisations.org_code")),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger),
    )
    op.create_table(
        "signing_rights",
        sa.Column("employment_id", sa.String(40), sa.ForeignKey("employments.employment_id"), primary_key=True),
        sa.Column("procedure_code", sa.String(64), primary_key=True),
        sa.Column("capacity", sa.String(8), primary_key=True),
        sa.Column("basis", sa.String(255), nullable=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger),
    )


def _procedures_and_dossiers() -> None:
    op.create_table(
        "procedures",
        sa.Column("procedure_code", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("valid_from", sa.BigInteger, nullable=False),
        sa.Column("valid_to", sa.BigInteger),
        sa.Column("deadline_days", sa.Integer, nullable=False),
        sa.Column("components", sa.Text, nullable=False),
        sa.Column("result_types", sa.Text, nullable=False),
    )
    op.create_table(
        "dossiers",
        sa.Column("dossier_id", sa.String(40), primary_key=True),
        sa.Column("code", sa.String(64), nullable=False, unique=True),
        sa.Column("procedure_code", sa.String(64), nullable=False),
        sa.Column("procedure_version", sa.Integer, nullable=False),
        sa.Column(
            "applicant_subject_id",
            sa.String(40),
            sa.ForeignKey("people.subject_id"),
            nullable=False,
            index=True,
        ),
        sa.Column("org_code", sa.String(35), sa.ForeignKey("organisations.org_code"), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("received_by", sa.String(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_code", "procedure_version"], ["procedures.procedure_code", "procedures.version"]
        ),
    )
    op.create_table(
        "dossier_series",
        sa.Column("org_code", sa.String(35), sa.ForeignKey("organisations.org_code"), primary_key=True),
        sa.Column("day", sa.String(6), primary_key=True),
        sa.Column("last", sa.Integer, nullable=False),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.String(40), primary_key=True),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("subject_id", sa.String(40), sa.ForeignKey("people.subject_id"), index=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("issuer", "external_id", name="uq_accounts_external"),
    )
    op.create_table(
        "role_grants",
        sa.Column("grant_id", sa.String(40), primary_key=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.account_id"), nullable=False, index=True),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("org_code", sa.String(35), sa.ForeignKey("organisations.org_code")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("valid_to", sa.BigInteger),
    )
    op.create_table(
        "second_factors",
        sa.Column("factor_id", sa.String(40), primary_key=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.account_id"), nullable=False, index=True),
        sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("last_counter", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "second_factor_resets",
        sa.Column("reset_id", sa.String(40), primary_key=True),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.account_id"), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.String(40), nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.BigInteger),
    )


def _operation() -> None:
    op.create_table(
        "outbox",
        sa.Column("event_id", sa.String(40), primary_key=True),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("recipient", sa.String(40), nullable=False, index=True),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("done_at", sa.BigInteger),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("principal", sa.String(40), primary_key=True),
        sa.Column("idempotency_key", sa.String(255), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("claimed_at", sa.BigInteger, nullable=False),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_index("ix_idempotency_keys_claimed_at", "idempotency_keys", ["claimed_at"])
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("owner_account", sa.String(40)),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("error_code", sa.String(64)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("deaths", sa.Integer, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "worker_leases",
        sa.Column("executor_id", sa.String(64), primary_key=True),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
