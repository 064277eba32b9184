"""The vault cares for itself: keys compared, committed objects protected, orphans removed, the ledger anchored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.check_key_uses import head_details
from vault.citizen_vault import SweepReport
from vault.ledger import LedgerHead

ORPHAN_AGE: Final = timedelta(hours=1)
"""Older than any running request: what nobody refers to by then belongs to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintainVault:
    """Everything has its default."""

    orphan_age: timedelta = ORPHAN_AGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintained:
    """What was done."""

    protected: int
    swept: SweepReport
    recorded_head: LedgerHead


def maintain_vault(command: MaintainVault, services: Services, caller: Caller, at: datetime) -> Maintained:
    """Run once; safe to repeat and to run twice at once.

    Raises:
        KeyMismatch: the installation's keys are not those that the vault was written with.
        StoreUnavailable: try again later; what was done stays done.
    """
    upkeep = services.vault.upkeep
    with services.db.transaction() as tx:
        upkeep.check_keys(tx, at)
        protected = upkeep.protect(tx, at)
    with services.db.reading() as tx:
        swept = upkeep.sweep(tx, at, older_than=command.orphan_age)
    with services.db.transaction() as tx:
        services.audit.append(
            tx,
            event_of(
                caller,
                "maintain_vault",
                at,
                object_type="vault",
                object_id="all",
                details=(("protected", str(protected)), ("swept", str(swept.removed)), *head_details(tx)),
            ),
        )
    with services.db.reading() as tx:
        head = upkeep.record_ledger_head(tx, at)
    return Maintained(protected=protected, swept=swept, recorded_head=head)
