"""Schema step 0012_key_use: authorisations to sign, passkeys, the chain of key uses.

Certificates that were issued before are entered into the chain as adopted, so that from here on every
certificate in force has its entry. The triggers stop the application and an ordinary mistake; whoever owns the
database can drop them, and is found by the chain.
"""

import hashlib

import sqlalchemy as sa
from alembic import op
from cryptography import x509

from signing.key_use_sql import append_uses
from signing.keys.recorded import KeyUse, KeyUseKind, from_micros

revision = "0012_key_use"
down_revision = "0011_key_custody"
branch_labels = None
depends_on = None

_ID = sa.String(40)
_KEY = sa.String(64)


def upgrade() -> None:
    """Make the tables and columns of this step."""
    _passkeys()
    _authorisations()
    _kept_keys()
    _key_uses()
    _adopt_certificates()
    if op.get_bind().dialect.name == "postgresql":
        _append_only_in_postgresql()
    else:
        _append_only_in_sqlite()


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("passkey_id", _ID, primary_key=True),
        sa.Column("person", _ID, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("challenge", sa.LargeBinary, nullable=False),
        sa.Column("credential_id", sa.LargeBinary, unique=True),
        sa.Column("spki", sa.LargeBinary),
        sa.Column("algorithm", sa.Integer),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("is_officer", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("confirmed_by", _ID),
        sa.Column("confirmed_at", sa.BigInteger),
    )
    op.create_index("ix_passkeys_person", "passkeys", ["person"])
    op.create_table(
        "passkey_resets",
        sa.Column("reset_id", _ID, primary_key=True),
        sa.Column("passkey_id", _ID, nullable=False),
        sa.Column("person", _ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("requested_by", _ID, nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("decided_by", _ID),
        sa.Column("decided_at", sa.BigInteger),
    )


def _authorisations() -> None:
    op.create_table(
        "signature_authorisations",
        sa.Column("authorisation_id", _ID, primary_key=True),
        sa.Column("person", _ID, nullable=False),
        sa.Column("key_id", _KEY, nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("capacity", sa.String(64)),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("evidence", sa.String(16)),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("started_at", sa.BigInteger),
    )
    op.create_index("ix_signature_authorisations_person", "signature_authorisations", ["person"])
    op.create_table(
        "authorised_digests",
        sa.Column(
            "authorisation_id", _ID, sa.ForeignKey("signature_authorisations.authorisation_id"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(128), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("data_sha256", sa.String(64)),
        sa.Column("signature", sa.LargeBinary),
        sa.UniqueConstraint("authorisation_id", "digest", name="uq_authorised_digests_digest"),
    )


def _kept_keys() -> None:
    op.create_table(
        "kept_keys",
        sa.Column("key_id", _KEY, primary_key=True),
        sa.Column("spki_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("purpose", sa.String(16)),
        sa.Column("name", sa.LargeBinary),
        sa.Column("certifies_authorities", sa.Boolean, nullable=False),
        sa.Column("holder", _ID),
    )


def _key_uses() -> None:
    op.create_table(
        "key_uses",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("key_id", _KEY, nullable=False),
        sa.Column("algorithm", sa.String(24), nullable=False),
        sa.Column("data_sha256", sa.String(64), nullable=False),
        sa.Column("signature_sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
    )
    op.create_index("ix_key_uses_data_sha256", "key_uses", ["data_sha256"])
    head = op.create_table(
        "key_use_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_key_use_head_single"),
    )
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "entry_hash": "0" * 64}])


def _adopt_certificates() -> None:
    connection = op.get_bind()
    certificates = sa.table(
        "certificates",
        *(sa.column(name) for name in ("certificate_id", "issuer", "tbs", "der", "not_before", "service", "key_id")),
    )
    columns = certificates.c
    authorities = sa.select(columns.service, columns.key_id).where(columns.service.like("ca:%"))
    keys = {row.service: row.key_id for row in connection.execute(authorities)}
    issued = sa.select(certificates).where(columns.der.is_not(None)).order_by(columns.certificate_id)
    uses = []
    for row in connection.execute(issued):
        certificate = x509.load_der_x509_certificate(row.der)
        use = KeyUse(
            at=from_micros(row.not_before),
            key_id=keys.get(f"ca:{row.issuer}", "unknown"),
            algorithm="adopted",
            data_sha256=hashlib.sha256(row.tbs).hexdigest(),
            signature_sha256=hashlib.sha256(certificate.signature).hexdigest(),
            kind=KeyUseKind.ADOPTED,
        )
        uses.append(use)
    if uses:
        append_uses(connection, uses)


def _append_only_in_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER key_uses_no_{verb.lower()} BEFORE {verb} ON key_uses "
            "BEGIN SELECT RAISE(ABORT, 'key_uses is append-only'); END"
        )


def _append_only_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION key_uses_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'key_uses is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER key_uses_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON key_uses "
        "FOR EACH STATEMENT EXECUTE FUNCTION key_uses_append_only()"
    )
