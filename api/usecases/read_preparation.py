"""A holder looks at an own prepared signature, fetches the signed file, or gives the preparation up."""

from datetime import datetime

from api.callers import Caller
from api.errors import PreparationExpired, PreparationOpen, PreparationWithdrawn, SignedFileGone, StateConflict
from api.records.signature_preparations import (
    SIGNED_SLOT,
    PreparationState,
    SignaturePreparation,
    SignaturePreparations,
)
from api.services import Services
from api.usecases.auditing import event_of


def read_preparation(preparation_id: str, services: Services, caller: Caller) -> SignaturePreparation:
    """An own preparation as it stands.

    Raises:
        NotFound: there is none of the caller's.
    """
    with services.db.reading() as tx:
        return SignaturePreparations(tx).own(preparation_id, caller.account_id)


def read_signed_file(
    preparation_id: str, services: Services, caller: Caller, at: datetime
) -> tuple[SignaturePreparation, bytes]:
    """An own document, signed.

    Raises:
        NotFound; PreparationOpen: its value has not come. PreparationExpired, PreparationWithdrawn: it never will.
        SignedFileGone: it was kept long enough, or belongs to a result and is read there.
    """
    with services.db.reading() as tx:
        found = SignaturePreparations(tx).own(preparation_id, caller.account_id)
        _require_file(found, at)
        content = services.vault.work.read(tx, preparation_id, SIGNED_SLOT).content
    event = event_of(
        caller,
        "read_signed_file",
        at,
        object_type="signature_preparation",
        object_id=preparation_id,
        owner_id=found.owner_subject,
        details=(("file_sha256", found.file_sha256 or ""),),
    )
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
    return found, content


def withdraw_preparation(preparation_id: str, services: Services, caller: Caller, at: datetime) -> None:
    """Give an own preparation up; what was prepared is forgotten. Done twice, it does nothing the second time.

    Raises:
        NotFound; StateConflict: it was completed.
    """
    with services.db.transaction() as tx:
        preparations = SignaturePreparations(tx)
        found = preparations.own(preparation_id, caller.account_id)
        if found.state is PreparationState.COMPLETED:
            raise StateConflict("Tài liệu đã được ký.", "The document has been signed.")
        if not preparations.withdraw(preparation_id):
            return
        garbage = services.vault.work.forget(tx, preparation_id)
        event = event_of(
            caller,
            "withdraw_preparation",
            at,
            object_type="signature_preparation",
            object_id=preparation_id,
            owner_id=found.owner_subject,
        )
        services.audit.append(tx, event)
    services.vault.work.discard(garbage, at)


def _require_file(found: SignaturePreparation, at: datetime) -> None:
    if found.state is PreparationState.WITHDRAWN:
        raise PreparationWithdrawn
    if found.state is PreparationState.OPEN and found.expires_at >= at:
        raise PreparationOpen
    if found.state is not PreparationState.COMPLETED:
        raise PreparationExpired
    if found.kept_until is None or found.kept_until < at:  # a result's file is read at the result
        raise SignedFileGone
