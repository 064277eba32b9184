"""Make what is missing of the hierarchy and renew its short-lived members. Done twice, it does nothing.

Knows when the recipe is performed, and that every member put into force is an event of the ledger. Must not know what a
hierarchy consists of: that is the recipe's business.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from api.callers import SYSTEM_ACCOUNT
from api.db import Tx
from api.services import Services
from api.usecases.publish_due_lists import publish_due_lists
from signing.ca import perform
from signing.profiles import AuthorityName
from signing.registry import CertificateRecord, Registry, StatusChange
from signing.registry_sql import RegistrySql
from vault.ledger import AuditEvent, Outcome


def establish_pki(services: Services, at: datetime) -> tuple[str, ...]:
    """Perform the recipe; the names of the members that were made. Without a recipe nothing is made.

    Raises:
        CeremonyRefused, IssuanceRefused: the recipe does not give certificates that hold to their profiles.
        KeyUnavailable: the device does not answer; what was begun is continued by the next call.
    """
    recipe = services.pki.recipe
    if recipe is None:
        return ()
    made = perform(recipe, services.pki.room, lambda: open_registry(services, "start"), at=at)
    if made:
        publish_due_lists(services, at)  # an authority without its lists cannot be checked
    return made


def _is_founded(services: Services) -> bool:
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        return all(
            any(entry.der is not None for entry in registry.by_service(f"ca:{name.value}")) for name in AuthorityName
        )


def open_registry(services: Services, request_id: str) -> AbstractContextManager[Registry]:
    """A transaction on the registry that also writes into the ledger what it puts into force or voids.

    Args:
        services: the database and the ledger.
        request_id: what the change belongs to: ``start``, ``ceremony``.
    """

    @contextmanager
    def opened() -> Iterator[Registry]:
        with services.db.transaction() as tx:
            yield _WitnessedRegistry(tx, services, request_id)

    return opened()


class _WitnessedRegistry(RegistrySql):
    """The registry of the hierarchy's own certificates: each step after the recording is an event."""

    def __init__(self, tx: Tx, services: Services, request_id: str) -> None:
        super().__init__(tx)
        self._own_tx = tx
        self._services = services
        self._request_id = request_id

    def change_status(self, change: StatusChange) -> CertificateRecord:
        """Take one step of the life cycle and write it into the ledger."""
        record = super().change_status(change)
        event = AuditEvent(
            at=change.at,
            action="establish_pki",
            outcome=Outcome.ALLOWED,
            account_id=SYSTEM_ACCOUNT,
            role=SYSTEM_ACCOUNT,
            purpose="operate_service",
            request_id=self._request_id,
            object_type="certificate",
            object_id=record.certificate_id,
            details=(("member", record.service or ""), ("status", change.after.value), ("key", record.key_id)),
        )
        self._services.audit.append(self._own_tx, event)
        return record
