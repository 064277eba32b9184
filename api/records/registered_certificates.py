"""Every certificate in the register, the hierarchy's own included, for checks over all of them.

Knows four columns of the register's table. Decides nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from api.db import Tx

_CERTIFICATES = sa.table("certificates", *(sa.column(name) for name in ("certificate_id", "key_id", "tbs", "der")))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredCertificate:
    """One certificate as it is registered."""

    certificate_id: str
    key_id: str
    """Key of its holder."""
    tbs: bytes = field(repr=False)
    der: bytes | None = field(repr=False)
    """None: recorded, but never signed."""


def registered_certificates(tx: Tx) -> Iterator[RegisteredCertificate]:
    """All of them in the order of their ids, streamed."""
    query = sa.select(_CERTIFICATES).order_by(_CERTIFICATES.c.certificate_id)
    with tx.execute(query, execution_options={"yield_per": 500}) as result:
        for row in result:
            yield RegisteredCertificate(certificate_id=row.certificate_id, key_id=row.key_id, tbs=row.tbs, der=row.der)
