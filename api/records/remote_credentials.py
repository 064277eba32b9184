"""Which certificates have their key at a provider of remote signatures, and under which name there.

Knows the table. The certificate itself is recorded where certificates are; a provider's address is a setting's.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.records.tables import METADATA

REMOTE_CREDENTIALS = sa.Table(
    "remote_credentials",
    METADATA,
    sa.Column("certificate_id", sa.String(40), primary_key=True),
    sa.Column("provider", sa.String(32), nullable=False),
    sa.Column("credential_id", sa.String(255), nullable=False),
    sa.Column("registered_by", sa.String(40), nullable=False),
    sa.Column("registered_at", sa.BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteCredentialRecord:
    """Where a certificate's key is."""

    certificate_id: str
    provider: str
    """Name in the settings."""
    credential_id: str
    """The provider's name for it."""
    registered_by: str
    registered_at: datetime


class RemoteCredentials:
    """The table seen through one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, certificate_id: str) -> RemoteCredentialRecord | None:
        """Where this certificate's key is; None: at no provider."""
        query = sa.select(REMOTE_CREDENTIALS).where(REMOTE_CREDENTIALS.c.certificate_id == certificate_id)
        row = self._tx.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return RemoteCredentialRecord(
            certificate_id=row["certificate_id"],
            provider=row["provider"],
            credential_id=row["credential_id"],
            registered_by=row["registered_by"],
            registered_at=from_micros(row["registered_at"]),
        )

    def put(self, record: RemoteCredentialRecord) -> None:
        """Record it; what was recorded for the certificate before is replaced."""
        self._tx.execute(
            sa.delete(REMOTE_CREDENTIALS).where(REMOTE_CREDENTIALS.c.certificate_id == record.certificate_id)
        )
        self._tx.execute(
            sa.insert(REMOTE_CREDENTIALS).values(
                certificate_id=record.certificate_id,
                provider=record.provider,
                credential_id=record.credential_id,
                registered_by=record.registered_by,
                registered_at=to_micros(record.registered_at),
            )
        )
