"""A refusal leaves a line in the audit ledger too, and nothing else.

Knows errors and the ledger's event. Must not know what was refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from api.db import DatabaseUnreachable
from api.errors import AnsoError
from api.services import Services
from signing.errors import SigningError
from vault.errors import VaultError
from vault.ledger import AuditEvent, Outcome


@contextmanager
def refusals_recorded(event: AuditEvent, services: Services) -> Iterator[None]:
    """Record `event` as refused, or as failed where trying again may help, when the block raises one of our errors.

    The block's own transaction is rolled back by then; the line stands in one of its own. A database that does not
    answer takes no line either.
    """
    try:
        yield
    except DatabaseUnreachable:
        raise
    except (AnsoError, SigningError, VaultError) as err:
        outcome = Outcome.FAILED if err.retryable else Outcome.REFUSED
        with services.db.transaction() as tx:
            services.audit.append(tx, replace(event, outcome=outcome, reason_code=err.code))
        raise
