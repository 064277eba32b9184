"""A citizen sees who looked at, used or changed anything of the own vault, when and why (I28)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.vault_readers import caller_acts_for
from vault.errors import AccessDenied
from vault.ledger import LedgerEntry
from vault.ledger_sql import EntryFilter, LedgerSql


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAccessLog:
    """Whose log, and which page."""

    owner: str
    limit: int = 50
    before: int | None = None
    """Number of the entry that the last page ended with."""


def list_access_log(
    command: ListAccessLog, services: Services, caller: Caller, at: datetime
) -> tuple[LedgerEntry, ...]:
    """Give the ledger's entries about the owner, newest first.

    Raises:
        AccessDenied: the caller is neither the owner nor the guardian of a minor owner.
    """
    with services.db.reading() as tx:
        if not caller_acts_for(tx, caller, command.owner, services, at):
            raise AccessDenied("not_owner")
        return LedgerSql(tx).entries(EntryFilter(owner_id=command.owner), limit=command.limit, before=command.before)
