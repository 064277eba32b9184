"""The tables of authorisations, passkeys and of what each kept key is for.

Knows columns only. In the embedded profile they lie in the one database; in production in a database of the
signer's own, to which nobody else has access. Times are whole microseconds since 1970 UTC.
"""

from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()

_ID: Final = sa.String(40)
_KEY: Final = sa.String(64)

PASSKEYS: Final = sa.Table(
    "passkeys",
    METADATA,
    sa.Column("passkey_id", _ID, primary_key=True),
    sa.Column("person", _ID, nullable=False, index=True),
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

AUTHORISATIONS: Final = sa.Table(
    "signature_authorisations",
    METADATA,
    sa.Column("authorisation_id", _ID, primary_key=True),
    sa.Column("person", _ID, nullable=False, index=True),
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

AUTHORISED_DIGESTS: Final = sa.Table(
    "authorised_digests",
    METADATA,
    sa.Column("authorisation_id", _ID, sa.ForeignKey("signature_authorisations.authorisation_id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", sa.String(128), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("data_sha256", sa.String(64)),
    sa.Column("signature", sa.LargeBinary),
    sa.UniqueConstraint("authorisation_id", "digest", name="uq_authorised_digests_digest"),
)

KEPT_KEYS: Final = sa.Table(
    "kept_keys",
    METADATA,
    sa.Column("key_id", _KEY, primary_key=True),
    sa.Column("spki_sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("purpose", sa.String(16)),
    sa.Column("name", sa.LargeBinary),
    sa.Column("certifies_authorities", sa.Boolean, nullable=False),
    sa.Column("holder", _ID),
)
