"""Which holder was told which time that a certificate is about to end: a notice goes out once.

Knows what was sent. Must not know when one is due.
"""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from api.db import Tx, to_micros
from api.records.tables import METADATA

EXPIRY_NOTICES = sa.Table(
    "expiry_notices",
    METADATA,
    sa.Column("certificate_id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("sent_at", sa.BigInteger, nullable=False),
)


class NoticeKind(StrEnum):
    """Which of the notices."""

    RENEW = "renew"
    """Time to renew; spread over weeks, so that not everybody comes on one day."""
    LAST = "last"
    """The last week."""


class ExpiryNotices:
    """Notices in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def claim(self, certificate_id: str, kind: NoticeKind, at: datetime) -> bool:
        """Note that this notice goes out with this transaction; False when it went out before."""
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        done = self._tx.execute(
            insert(EXPIRY_NOTICES)
            .values(certificate_id=certificate_id, kind=kind.value, sent_at=to_micros(at))
            .on_conflict_do_nothing()
        )
        return done.rowcount == 1
