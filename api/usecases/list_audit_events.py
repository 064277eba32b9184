"""An auditor reads the ledger; that reading is itself in the ledger."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.auditing import event_of
from vault.ledger import LedgerEntry
from vault.ledger_sql import EntryFilter, LedgerSql


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAuditEvents:
    """Which entries, and which page."""

    wanted: EntryFilter
    limit: int = 50
    before: int | None = None
    """Number of the entry that the last page ended with."""


def list_audit_events(
    command: ListAuditEvents, services: Services, caller: Caller, at: datetime
) -> tuple[LedgerEntry, ...]:
    """Give the matching entries, newest first; ids and codes only, as the ledger holds nothing else."""
    with services.db.transaction() as tx:
        found = LedgerSql(tx).entries(command.wanted, limit=command.limit, before=command.before)
        services.audit.append(
            tx, event_of(caller, "list_audit_events", at, object_type="ledger", object_id="audit_events")
        )
    return found
