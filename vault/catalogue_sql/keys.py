"""Vaults and their wrapped keys in SQL."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from vault.catalogue_sql.tables import KEKS, KEYS, VAULTS
from vault.envelope import WrappedKey
from vault.ledger import micros
from vault.model import CitizenId


class VaultKeys:
    """Wrapped keys in one transaction; they are never opened here."""

    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    def find(self, owner: CitizenId) -> WrappedKey | None:
        """The citizen's wrapped key, if the vault exists and its key was not destroyed."""
        row = self._tx.execute(sa.select(KEYS).where(KEYS.c.citizen_id == owner)).one_or_none()
        return None if row is None else WrappedKey(kek_version=row.kek_version, wrapped=row.wrapped)

    def add(self, owner: CitizenId, wrapped: WrappedKey, at: datetime) -> bool:
        """Open a vault with this key; False when another request opened it first (its key is then to be used)."""
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        made = self._tx.execute(
            insert(VAULTS)
            .values(citizen_id=owner, opened_at=micros(at))
            .on_conflict_do_nothing()
            .returning(VAULTS.c.citizen_id)  # not every driver counts the rows of such an insert
        )
        if made.one_or_none() is None:
            return False
        self._tx.execute(
            KEYS.insert().values(citizen_id=owner, kek_version=wrapped.kek_version, wrapped=wrapped.wrapped)
        )
        return True

    def check_values(self) -> dict[int, str]:
        """The check values of all KEKs that ever wrapped here, by version."""
        return {row.version: row.check_value for row in self._tx.execute(sa.select(KEKS))}

    def add_check_value(self, version: int, check_value: str, at: datetime) -> None:
        """Remember a KEK before it wraps for the first time; a second process may do so at once."""
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        self._tx.execute(
            insert(KEKS)
            .values(version=version, check_value=check_value, first_used_at=micros(at))
            .on_conflict_do_nothing()
        )
