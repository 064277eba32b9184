"""A citizen sees the consents given over the own vault, live and past."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.vault_readers import caller_acts_for
from vault.catalogue_sql import Consents
from vault.errors import AccessDenied
from vault.model import CitizenId, Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class ListConsents:
    """Whose consents, and which page."""

    owner: str
    limit: int = 50
    before: str | None = None
    """Id that the last page ended with."""


def list_consents(command: ListConsents, services: Services, caller: Caller, at: datetime) -> tuple[Consent, ...]:
    """Give the consents, newest first.

    Raises:
        AccessDenied: the caller is neither the owner nor the guardian of a minor owner.
    """
    with services.db.reading() as tx:
        if not caller_acts_for(tx, caller, command.owner, services, at):
            raise AccessDenied("not_owner")
        return Consents(tx).of_citizen(CitizenId(command.owner), limit=command.limit, before=command.before)
