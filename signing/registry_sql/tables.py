"""The tables of requests, certificates, their history and status, as migrations 0003, 0008 and 0009 make them.

Knows columns. Must not know rules. Times are whole microseconds since 1970 UTC; scopes are JSON texts
of codes; a serial is written in hex because it has up to 160 bits.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa

METADATA = sa.MetaData()

_ID = sa.String(40)
_ORG = sa.String(35)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

CERTIFICATE_REQUESTS = sa.Table(
    "certificate_requests",
    METADATA,
    sa.Column("request_id", _ID, primary_key=True),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("certificate_class", sa.String(16), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("org_code", _ORG, index=True),
    sa.Column("subject_id", _ID, index=True),
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
    sa.Column("target_id", _ID, index=True),
    sa.Column("reason", sa.String(32)),
    sa.Column("key_device", sa.String(8), nullable=False, server_default="server"),
    sa.Column("challenge", sa.String(64)),
    sa.Column("proof_spki", sa.LargeBinary),
    sa.Column("proof_by", _ID),
    sa.Column("proof_at", sa.BigInteger),
    sa.Column("cascaded", sa.Text),
    sa.Index("ix_certificate_requests_state", "state", "request_id"),
)

CERTIFICATES = sa.Table(
    "certificates",
    METADATA,
    sa.Column("certificate_id", _ID, primary_key=True),
    sa.Column("issuer", sa.String(32), nullable=False),
    sa.Column("serial", sa.String(40), nullable=False),
    sa.Column("profile", sa.String(32), nullable=False),
    sa.Column("certificate_class", sa.String(16)),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("primary_id", _ID, sa.ForeignKey("certificates.certificate_id"), index=True),
    sa.Column("service", sa.String(48), index=True),
    sa.Column("subject_id", _ID, index=True),
    sa.Column("org_code", _ORG, index=True),
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
    sa.Column("key_device", sa.String(8), nullable=False, server_default="server"),
    sa.Column("spki_sha256", sa.String(64), index=True),
    sa.Column("supersedes_id", _ID, index=True),
    sa.Column("crl_shard", sa.Integer),
    sa.UniqueConstraint("issuer", "serial", name="uq_certificates_serial"),
    sa.Index("ix_certificates_issuer_status", "issuer", "status"),
    sa.Index("ix_certificates_issuer_crl_shard", "issuer", "crl_shard", "status"),
)

CERTIFICATE_HISTORY = sa.Table(
    "certificate_history",
    METADATA,
    sa.Column("step", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("certificate_id", _ID, sa.ForeignKey("certificates.certificate_id"), nullable=False, index=True),
    sa.Column("issuer", sa.String(32), nullable=False),
    sa.Column("before", sa.String(16)),
    sa.Column("after", sa.String(16), nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", _ID, nullable=False),
    sa.Column("reason", sa.String(32)),
    sa.Column("because_of", _ID),
    sa.Index("ix_certificate_history_issuer_before", "issuer", "before"),
    sa.Index("ix_certificate_history_issuer_at", "issuer", "at"),
)

PKI_COUNTERS = sa.Table(
    "pki_counters",
    METADATA,
    sa.Column("name", sa.String(48), primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

PUBLISHED_CRLS = sa.Table(
    "published_crls",
    METADATA,
    sa.Column("issuer", sa.String(32), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("this_update", sa.BigInteger, nullable=False),
    sa.Column("next_update", sa.BigInteger, nullable=False),
    sa.Column("der", sa.LargeBinary, nullable=False),
    sa.Column("shard", sa.Integer),
    sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
    sa.Column("base_number", sa.BigInteger),
    sa.Column("delta", sa.LargeBinary),
    sa.Index("ix_published_crls_issuer_shard", "issuer", "shard", "number"),
)

CRL_MARKS = sa.Table(
    "crl_marks",
    METADATA,
    sa.Column("mark_id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("issuer", sa.String(32), nullable=False),
    sa.Column("shard", sa.Integer),
    sa.Index("ix_crl_marks_issuer", "issuer", "shard"),
)

OCSP_ANSWERS = sa.Table(
    "ocsp_answers",
    METADATA,
    sa.Column("cert_id", sa.String(64), primary_key=True),
    sa.Column("issuer", sa.String(32), nullable=False),
    sa.Column("serial", sa.String(40), nullable=False),
    sa.Column("encoded", sa.LargeBinary, nullable=False),
    sa.Column("der", sa.LargeBinary, nullable=False),
    sa.Column("produced_at", sa.BigInteger, nullable=False),
    sa.Column("next_update", sa.BigInteger, nullable=False),
    sa.Column("asked_at", sa.BigInteger, nullable=False),
    sa.Index("ix_ocsp_answers_issuer_serial", "issuer", "serial"),
    sa.Index("ix_ocsp_answers_next_update", "next_update"),
)


def to_micros(at: datetime) -> int:
    """A moment as whole microseconds since 1970 UTC."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_micros(value: int) -> datetime:
    """The moment in UTC of a time column."""
    return _EPOCH + timedelta(microseconds=value)
