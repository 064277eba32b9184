"""One line of the audit ledger from a caller and what was done; use-cases append it in the transaction of the change.

Knows callers and the ledger's event. Must not know any resource: ids and codes come in as text, never names or numbers.
"""

from datetime import datetime

from api.callers import Caller
from vault.ledger import AuditEvent, Outcome


def event_of(
    caller: Caller,
    action: str,
    at: datetime,
    *,
    object_type: str,
    object_id: str,
    outcome: Outcome = Outcome.ALLOWED,
    owner_id: str | None = None,
    reason_code: str | None = None,
    details: tuple[tuple[str, str], ...] = (),
) -> AuditEvent:
    """Who (``caller``) did what (``action``) to which object, how it ended and for whom."""
    return AuditEvent(
        at=at,
        action=action,
        outcome=outcome,
        account_id=caller.account_id,
        role=caller.role.value,
        purpose=caller.purpose.value,
        request_id=caller.request_id,
        person_id=caller.subject_id,
        org_code=caller.org_code,
        owner_id=owner_id,
        object_type=object_type,
        object_id=object_id,
        reason_code=reason_code,
        details=details,
    )
