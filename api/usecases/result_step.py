"""One step of a result by an officer of its agency, in one transaction; a refusal stands in the ledger too.

Knows results and agencies. Must not know which step: whose turn it is, the block asks; what changed, the block appends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.records.results import ResultRecord, Results
from api.services import Services
from api.usecases.refusals import refusals_recorded
from api.usecases.result_agency import require_agency_post
from api.usecases.result_events import result_event
from vault.ledger import AuditEvent


@contextmanager
def result_step(
    action: str, result_id: str, services: Services, caller: Caller, at: datetime
) -> Iterator[tuple[Tx, ResultRecord, AuditEvent]]:
    """The transaction, the result as it stands in it, and the ledger's line for when the step is taken.

    Raises:
        NotFound: no such result. Forbidden: another agency's.
    """
    with services.db.reading() as tx:
        event = result_event(action, Results(tx).get(result_id), caller, at)
    with refusals_recorded(event, services), services.db.transaction() as tx:
        record = Results(tx).get(result_id)
        require_agency_post(tx, record, caller, at)
        yield tx, record, event
