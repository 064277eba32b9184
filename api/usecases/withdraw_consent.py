"""A citizen ends a consent: further reads and uses are refused at once, past ones stay on record (S23)."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.records.dossiers import Dossiers
from api.records.outbox import Outbox
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.vault_readers import caller_acts_for
from vault.catalogue_sql import Consents
from vault.errors import ConsentEnded, ConsentNotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """Which consent."""

    consent_id: str


def withdraw_consent(command: WithdrawConsent, services: Services, caller: Caller, at: datetime) -> None:
    """End the consent and tell the officer who received the dossier.

    Raises:
        ConsentNotFound: no such consent, or another person's. ConsentEnded: it was withdrawn before.
    """
    with services.db.transaction() as tx:
        consents = Consents(tx)
        consents.lock(command.consent_id)
        consent = consents.get(command.consent_id)
        if not caller_acts_for(tx, caller, consent.owner, services, at):
            raise ConsentNotFound("no such consent")
        if not consents.withdraw(consent.consent_id, at):
            raise ConsentEnded("withdrawn before")
        dossier = Dossiers(tx).find(consent.receiver_dossier_id)
        if dossier is not None:
            Outbox(tx).add(
                "consent_withdrawn",
                recipient=dossier.received_by,
                payload={"consent_id": consent.consent_id, "dossier_id": dossier.dossier_id},
                at=at,
            )
        services.audit.append(
            tx,
            event_of(
                caller,
                "withdraw_consent",
                at,
                object_type="consent",
                object_id=consent.consent_id,
                owner_id=consent.owner,
            ),
        )
