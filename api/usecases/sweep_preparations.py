"""Prepared signatures whose time is over are closed, signed files that were kept long enough are forgotten.

The worker does it by itself; done twice or by two at once, it does nothing the second time.
"""

from datetime import datetime, timedelta
from typing import Final

from api.records.signature_preparations import SignaturePreparations
from api.services import Services
from api.usecases.pending_stamps import note_given_up

ROWS_KEPT: Final = timedelta(days=30)
"""How long a caller may ask what became of a preparation; afterwards the ledger knows."""
_AT_ONCE: Final = 500


def sweep_preparations(services: Services, at: datetime) -> dict[str, int]:
    """Figures of what was done."""
    with services.db.reading() as tx:
        overdue = SignaturePreparations(tx).overdue(at, limit=_AT_ONCE)
        outdated = SignaturePreparations(tx).kept_too_long(at, limit=_AT_ONCE)
    expired = sum(_expire(one, services, at) for one in overdue)
    for one in outdated:
        _forget(one, services, at)
    with services.db.transaction() as tx:
        removed = SignaturePreparations(tx).remove_before(at - ROWS_KEPT)
    return {"expired": expired, "files_forgotten": len(outdated), "rows_removed": removed}


def _expire(preparation_id: str, services: Services, at: datetime) -> int:
    with services.db.transaction() as tx:
        if not SignaturePreparations(tx).expire(preparation_id, at):
            return 0  # completed at the last moment
        garbage = services.vault.work.forget(tx, preparation_id)
    services.vault.work.discard(garbage, at)
    return 1


def _forget(preparation_id: str, services: Services, at: datetime) -> None:
    with services.db.transaction() as tx:
        SignaturePreparations(tx).forget_file(preparation_id)
        note_given_up(tx, preparation_id, at)
        garbage = services.vault.work.forget(tx, preparation_id)
    services.vault.work.discard(garbage, at)
