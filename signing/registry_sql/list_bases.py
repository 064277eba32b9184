"""The complete list that a delta continues, as it was published.

Knows SQL. Must not know the format of a list.
"""

import sqlalchemy as sa

from signing.registry_sql.lists import ListName
from signing.registry_sql.tables import PUBLISHED_CRLS


def published_list(tx: sa.Connection, name: ListName, number: int) -> bytes | None:
    """The complete list (DER) of that name and number; None: it was never published, or is forgotten."""
    lists = PUBLISHED_CRLS.c
    is_shard = lists.shard.is_(None) if name.shard is None else lists.shard == name.shard
    query = sa.select(lists.der).where(lists.issuer == name.issuer, is_shard, lists.number == number)
    return tx.execute(query).scalar_one_or_none()
