"""The ledger's line about a result: who did what to it, and whose document it is.

Knows results. Must not know what was done, nor how it ended: refusals are written by `refusals_recorded`.
"""

from datetime import datetime

from api.callers import Caller
from api.records.results import ResultRecord
from api.usecases.auditing import event_of
from vault.ledger import AuditEvent


def result_event(
    action: str, record: ResultRecord, caller: Caller, at: datetime, *, details: tuple[tuple[str, str], ...] = ()
) -> AuditEvent:
    """``caller`` did ``action`` to this result."""
    return event_of(
        caller,
        action,
        at,
        object_type="result",
        object_id=record.result_id,
        owner_id=record.owner_subject,
        details=details,
    )
