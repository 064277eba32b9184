"""The tables of the application's own records, as migration 0002 makes them.

Knows columns. Must not know rules: those are in the record classes beside it. Times are whole
microseconds since 1970 UTC (`api.db.to_micros`); dates are ISO texts.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

_ID = sa.String(40)
_CODE = sa.String(64)
_ORG = sa.String(35)  # Decision 20/2020: at most 35 characters

ORGANISATIONS = sa.Table(
    "organisations",
    METADATA,
    sa.Column("org_code", _ORG, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("level", sa.String(16), nullable=False),
    sa.Column("parent_code", _ORG, sa.ForeignKey("organisations.org_code")),
    sa.Column("valid_from", sa.BigInteger, nullable=False),
    sa.Column("valid_to", sa.BigInteger),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("successor_code", _ORG, sa.ForeignKey("organisations.org_code")),
    sa.Column("merger_act", sa.String(128)),
)

PEOPLE = sa.Table(
    "people",
    METADATA,
    sa.Column("subject_id", _ID, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("personal_id_sealed", sa.LargeBinary),
    sa.Column("personal_id_index", sa.String(64), unique=True),
    sa.Column("date_of_birth", sa.String(10)),
    sa.Column("sex", sa.String(8)),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("guardian_subject_id", _ID, sa.ForeignKey("people.subject_id")),
)

EMPLOYMENTS = sa.Table(
    "employments",
    METADATA,
    sa.Column("employment_id", _ID, primary_key=True),
    sa.Column("subject_id", _ID, sa.ForeignKey("people.subject_id"), nullable=False, index=True),
    sa.Column("org_code", _ORG, sa.ForeignKey("organisations.org_code"), nullable=False, index=True),
    sa.Column("title", sa.String(255), nullable=False),
    sa.Column("place_code", _ORG, sa.ForeignKey("organisations.org_code")),
    sa.Column("valid_from", sa.BigInteger, nullable=False),
    sa.Column("valid_to", sa.BigInteger),
)

SIGNING_RIGHTS = sa.Table(
    "signing_rights",
    METADATA,
    sa.Column("employment_id", _ID, sa.ForeignKey("employments.employment_id"), primary_key=True),
    sa.Column("procedure_code", _CODE, primary_key=True),
    sa.Column("capacity", sa.String(8), primary_key=True),
    # a right that ended is kept as it was; a later one of the same kind is another row
    sa.Column("valid_from", sa.BigInteger, primary_key=True),
    sa.Column("valid_to", sa.BigInteger),
    sa.Column("basis", sa.String(255), nullable=False),
    sa.Column("for_org", _ORG),
    sa.Column("granted_by", _ID),
)

PROCEDURES = sa.Table(
    "procedures",
    METADATA,
    sa.Column("procedure_code", _CODE, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("valid_from", sa.BigInteger, nullable=False),
    sa.Column("valid_to", sa.BigInteger),
    sa.Column("deadline_days", sa.Integer, nullable=False),
    sa.Column("components", sa.Text, nullable=False),
    sa.Column("result_types", sa.Text, nullable=False),
)

DOSSIERS = sa.Table(
    "dossiers",
    METADATA,
    sa.Column("dossier_id", _ID, primary_key=True),
    sa.Column("code", _CODE, nullable=False, unique=True),
    sa.Column("procedure_code", _CODE, nullable=False),
    sa.Column("procedure_version", sa.Integer, nullable=False),
    sa.Column("applicant_subject_id", _ID, sa.ForeignKey("people.subject_id"), nullable=False, index=True),
    sa.Column("org_code", _ORG, sa.ForeignKey("organisations.org_code"), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("received_at", sa.BigInteger, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("received_by", _ID, nullable=False),
    sa.Column("custodian_org", _ORG),
    sa.ForeignKeyConstraint(
        ["procedure_code", "procedure_version"], ["procedures.procedure_code", "procedures.version"]
    ),
    sa.Index("ix_dossiers_org_code", "org_code"),
)

DOSSIER_SERIES = sa.Table(
    "dossier_series",
    METADATA,
    sa.Column("org_code", _ORG, sa.ForeignKey("organisations.org_code"), primary_key=True),
    sa.Column("day", sa.String(6), primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("account_id", _ID, primary_key=True),
    sa.Column("issuer", sa.String(255), nullable=False),
    sa.Column("external_id", sa.String(255), nullable=False),
    sa.Column("subject_id", _ID, sa.ForeignKey("people.subject_id"), index=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("issuer", "external_id", name="uq_accounts_external"),
)

ROLE_GRANTS = sa.Table(
    "role_grants",
    METADATA,
    sa.Column("grant_id", _ID, primary_key=True),
    sa.Column("account_id", _ID, sa.ForeignKey("accounts.account_id"), nullable=False, index=True),
    sa.Column("role", sa.String(32), nullable=False),
    sa.Column("org_code", _ORG, sa.ForeignKey("organisations.org_code")),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("requested_by", _ID, nullable=False),
    sa.Column("decided_by", _ID),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decided_at", sa.BigInteger),
    sa.Column("valid_to", sa.BigInteger),
)

SECOND_FACTORS = sa.Table(
    "second_factors",
    METADATA,
    sa.Column("factor_id", _ID, primary_key=True),
    sa.Column("account_id", _ID, sa.ForeignKey("accounts.account_id"), nullable=False, index=True),
    sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("last_counter", sa.BigInteger, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", sa.BigInteger),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)

SECOND_FACTOR_RESETS = sa.Table(
    "second_factor_resets",
    METADATA,
    sa.Column("reset_id", _ID, primary_key=True),
    sa.Column("account_id", _ID, sa.ForeignKey("accounts.account_id"), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("requested_by", _ID, nullable=False),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by", _ID),
    sa.Column("decided_at", sa.BigInteger),
)

OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("event_id", _ID, primary_key=True),
    sa.Column("type", _CODE, nullable=False),
    sa.Column("recipient", _ID, nullable=False, index=True),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("done_at", sa.BigInteger),
)
