"""The database that authorisations, passkeys and key purposes are written in: how transactions are opened.

Knows nothing about what is written.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa

from signing.authorisation_sql.tables import METADATA

Begin = Callable[[], AbstractContextManager[sa.Connection]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """One database; each use of it is a transaction of its own."""

    transaction: Begin
    """Opens a writing transaction: committed, and then durable, when it ends without an error."""
    reading: Begin
    """Opens a reading one."""

    def prepare(self) -> None:
        """Make the tables that are missing: for a signer's own database, which no schema step reaches."""
        with self.transaction() as tx:
            METADATA.create_all(tx)
