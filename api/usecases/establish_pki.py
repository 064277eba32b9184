"""Makes what is missing of the development hierarchy and renews its short-lived members. Done twice, it does nothing.

Knows when the ceremony is held. Must not know what a hierarchy consists of: that is the recipe's business.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from api.callers import SYSTEM_ACCOUNT
from api.services import Services
from signing.ca import perform
from signing.registry import Registry
from signing.registry_sql import RegistrySql
from vault.ledger import AuditEvent, Outcome


def establish_pki(services: Services, at: datetime) -> tuple[str, ...]:
    """Perform the recipe; the names of the members that were made. Without a recipe (production) nothing is made.

    Raises:
        CeremonyRefused, IssuanceRefused: the recipe does not give certificates that hold to their profiles.
    """
    recipe = services.pki.recipe
    if recipe is None:
        return ()

    @contextmanager
    def open_registry() -> Iterator[Registry]:
        with services.db.transaction() as tx:
            yield RegistrySql(tx)

    made = perform(recipe, services.pki.room, open_registry, at=at)
    if made:
        event = AuditEvent(
            at=at,
            action="establish_pki",
            outcome=Outcome.ALLOWED,
            account_id=SYSTEM_ACCOUNT,
            role=SYSTEM_ACCOUNT,
            purpose="operate_service",
            request_id="start",
            details=tuple((f"member_{number}", service) for number, service in enumerate(made, start=1)),
        )
        with services.db.transaction() as tx:
            services.audit.append(tx, event)
    return made
