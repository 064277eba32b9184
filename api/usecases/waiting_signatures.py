"""Prepared signatures wait for their values: kept encrypted, counted, found again by whom they belong to.

Knows the work area and the table. Must not know what is signed, nor why the caller may sign it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import CertificateNotYours, TooManyPreparations
from api.ids import new_id
from api.records.signature_preparations import (
    BASE_SLOT,
    PREPARED_SLOT,
    PreparationKind,
    PreparationState,
    SignaturePreparation,
    SignaturePreparations,
)
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.token_credential import public_key_of
from signing.pades import PreparedSignature
from vault.catalogue import WorkEntry
from vault.model import CitizenId

MAX_AT_ONCE: Final = 500
"""Documents of one request."""
MAX_WAITING: Final = 1000
"""Of one account at a time: twice what one request may hold."""
_PDF: Final = "application/pdf"
_PREPARED: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What came of one document: it waits for its value, or why it cannot be signed."""

    record: SignaturePreparation | None = None
    refusal: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One prepared signature and what belongs to it."""

    kind: PreparationKind
    owner_subject: str
    certificate_id: str
    signature: PreparedSignature = field(repr=False)
    base: bytes | None = field(default=None, repr=False)
    """The document, if nothing else keeps it."""
    result_id: str | None = None
    slip_id: str | None = None
    digitisation_id: str | None = None
    annex_id: str | None = None
    copy_id: str | None = None
    capacity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A prepared signature whose files are written; it waits once `keep_waiting` commits."""

    record: SignaturePreparation
    files: tuple[WorkEntry, ...]


def require_room(count: int, services: Services, caller: Caller) -> str:
    """The natural person behind the caller, when so many more of theirs may wait.

    Raises:
        CertificateNotYours: a system has no token. TooManyPreparations: as many wait as one account may have.
    """
    if caller.subject_id is None:
        raise CertificateNotYours
    with services.db.reading() as tx:
        waiting = SignaturePreparations(tx).waiting_of(caller.account_id)
    if waiting + count > MAX_WAITING:
        raise TooManyPreparations
    return caller.subject_id


def stage(prepared: Prepared, services: Services, caller: Caller, at: datetime) -> Staged:
    """Encrypt and write what belongs to a prepared signature; what nobody keeps is swept."""
    record = _record(prepared, services, caller, at)
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(prepared.owner_subject), at)
    contents = [(PREPARED_SLOT, _PREPARED, prepared.signature.to_bytes())]
    if prepared.base is not None:
        contents.append((BASE_SLOT, _PDF, prepared.base))
    files = tuple(
        services.vault.work.stage(
            key, record_id=record.preparation_id, slot=slot, media_type=media_type, content=content, at=at
        )
        for slot, media_type, content in contents
    )
    return Staged(record=record, files=files)


def keep_waiting(
    staged: Sequence[Staged],
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    also: Callable[[Tx], None] | None = None,
) -> None:
    """All of them wait from here on, or none does; `also` is done in the same transaction."""
    with services.db.transaction() as tx:
        SignaturePreparations(tx).add(one.record for one in staged)
        for one in staged:
            for entry in one.files:
                services.vault.work.keep(tx, entry)
            _tell(tx, one.record, services, caller, at)
        if also is not None:
            also(tx)


def _record(prepared: Prepared, services: Services, caller: Caller, at: datetime) -> SignaturePreparation:
    signature = prepared.signature
    return SignaturePreparation(
        preparation_id=new_id("prep", at),
        kind=prepared.kind,
        state=PreparationState.OPEN,
        account_id=caller.account_id,
        subject_id=caller.subject_id or "",
        owner_subject=prepared.owner_subject,
        certificate_id=prepared.certificate_id,
        result_id=prepared.result_id,
        slip_id=prepared.slip_id,
        digitisation_id=prepared.digitisation_id,
        annex_id=prepared.annex_id,
        copy_id=prepared.copy_id,
        capacity=prepared.capacity,
        base_sha256=signature.base_sha256,
        document_digest=signature.document_digest.hex(),
        attributes=signature.attributes,
        spki=public_key_of(signature.credential.certificate),
        algorithm=signature.credential.algorithm.value,
        created_at=at,
        expires_at=at + timedelta(minutes=services.settings.preparation_minutes),
    )


def _tell(tx: Tx, record: SignaturePreparation, services: Services, caller: Caller, at: datetime) -> None:
    details = [("certificate", record.certificate_id), ("document_digest", record.document_digest)]
    if record.result_id is not None:
        details.append(("result", record.result_id))
    if record.slip_id is not None:
        details.append(("receipt_slip", record.slip_id))
    if record.digitisation_id is not None:
        details.append(("digitisation", record.digitisation_id))
    if record.annex_id is not None:
        details.append(("annex", record.annex_id))
    if record.copy_id is not None:
        details.append(("copy", record.copy_id))
    event = event_of(
        caller,
        "prepare_signature",
        at,
        object_type="signature_preparation",
        object_id=record.preparation_id,
        owner_id=record.owner_subject,
        details=tuple(details),
    )
    services.audit.append(tx, event)
