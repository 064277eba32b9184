"""The officer who confirmed a paper signs its copy with the personal certificate; both go into the vault (grade C).

Master is the file as it came in; signed is the searchable PDF/A copy with the conversion mark (I23) and the signature.
Where keys need their holder's agreement, the signature was prepared before (`prepare_digitisation`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import PreparationMissing
from api.records.digitisations import (
    SIGNED_SLOT,
    SOURCE_SLOT,
    Digitisation,
    Digitisations,
    DigitisationState,
)
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.authorised_signing import (
    WaitingSignature,
    value_of,
    values_under,
    waiting_signatures,
)
from api.usecases.officer_copy import CopyOrder, OfficerCopy, draft_of, officer_copy, page_to_sign, request_of
from api.usecases.pending_stamps import COMPLETE_LEVELS, note_complete, note_pending
from api.usecases.result_signing import complete_step
from api.usecases.second_factor import require_second_factor
from api.usecases.status_policy import require_provable_status
from signing.keys import require_key_of
from signing.pades import SignedPdf, prepare_signature
from vault.ledger import AuditEvent
from vault.model import CitizenId, FileRole, StoredDocument

LATE_COPY: Final = "late_copy"
"""The job that completes a copy whose time-stamp or evidence was missing."""
_PDF: Final = "application/pdf"
Also = Callable[[Tx], None]
"""What moves in the same transaction; what it raises stops all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDigitisation:
    """Which confirmed paper, signed with which certificate."""

    order: CopyOrder
    authorisation_id: str | None = None
    """The authorisation under which the prepared signature is made; None: the key is used at once."""
    second_factor: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What became of the copy."""

    record: Digitisation
    level: str
    stored: StoredDocument | None
    """None: signed, and waiting for its time-stamp; a job puts it into the vault."""


def accept_digitisation(command: AcceptDigitisation, services: Services, caller: Caller, at: datetime) -> Acceptance:
    """Sign the copy and store it with the original; document, row and ledger commit together.

    1. What `officer_copy` checks, also when the signature was prepared before: it may have changed since.
    2. The signature, with time-stamp and evidence, outside any transaction; a key is used once.
    3. Complete, both files go into the vault and the working copies are forgotten. Without time-stamp or evidence the
       signed copy is kept, and a job adds what is missing and stores it then (I17).

    Raises:
        What `officer_copy`, `require_second_factor`, `require_provable_status` and `values_under` raise;
        PreparationMissing; SigningDeviceAway; VersionConflict: somebody else was faster; StoreUnavailable.
    """
    if command.authorisation_id is None:
        require_second_factor(services, caller, command.second_factor, at)
    with services.db.transaction() as tx:
        copy = officer_copy(tx, command.order, services, caller, at)
    require_provable_status(copy.certificate, services, at)
    waiting, value = _signature(command, copy, services, caller, at)
    signed = complete_step(waiting.pdf, waiting.prepared, value, services, at)
    return keep_signed_copy(command, copy.record, signed, services, caller, at)


def keep_signed_copy(  # noqa: PLR0917 - what, by whom and when
    command: AcceptDigitisation,
    record: Digitisation,
    signed: SignedPdf,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    also: Also | None = None,
) -> Acceptance:
    """Store a signed copy, or keep it until its time-stamp or evidence is there.

    Args:
        command: what was wanted.
        record: the digitisation as it was read.
        signed: the copy.
        services: where to.
        caller: the officer.
        at: now.
        also: what else moves in the same transaction.

    Raises:
        What `store_copy` raises.
    """
    if signed.level in COMPLETE_LEVELS:

        def event(stored: StoredDocument) -> AuditEvent:
            return _event(command, record, signed, caller, at, document_id=stored.document_id)

        changed, stored = store_copy(record, signed, services, event, at, also=also)
        return Acceptance(record=changed, level=signed.level, stored=stored)
    told = _event(command, record, signed, caller, at)
    changed = _keep_pending(record, signed, services, told, at, also=also)
    return Acceptance(record=changed, level=signed.level, stored=None)


def store_copy(
    record: Digitisation,
    signed: SignedPdf,
    services: Services,
    event: Callable[[StoredDocument], AuditEvent],
    at: datetime,
    *,
    also: Also | None = None,
) -> tuple[Digitisation, StoredDocument]:
    """Put original and signed copy into the owner's vault and move the row to STORED, in one transaction.

    Args:
        record: the digitisation as it was read.
        signed: the complete copy.
        services: where to.
        event: the line of the ledger about the stored document.
        at: now.
        also: what else moves in that transaction.

    Raises:
        DuplicateDocument: the owner holds this paper (S33). VersionConflict, StoreUnavailable.
    """
    with services.db.transaction() as tx:
        draft = draft_of(tx, record, services, at)
        source = services.vault.work.read(tx, record.digitisation_id, SOURCE_SLOT).content
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    files = ((FileRole.MASTER, record.media_type, source), (FileRole.SIGNED, _PDF, signed.pdf))
    staged = tuple(
        services.vault.stage(key, document_id=draft.document_id, role=role, media_type=kind, content=content)
        for role, kind, content in files
    )
    with services.db.transaction() as tx:
        stored = services.vault.commit(tx, draft, staged, at)
        changed = Digitisations(tx).change(
            record, at=at, state=DigitisationState.STORED, document_id=stored.document_id
        )
        note_complete(tx, record.digitisation_id, at)
        garbage = services.vault.work.forget(tx, record.digitisation_id)
        services.audit.append(tx, event(stored))
        if also is not None:
            also(tx)
    services.vault.work.discard(garbage, at)
    return changed, stored


def _signature(
    command: AcceptDigitisation, copy: OfficerCopy, services: Services, caller: Caller, at: datetime
) -> tuple[WaitingSignature, bytes]:
    """What is signed and the value: under the authorisation, or at once by a key of our own store."""
    if command.authorisation_id is None:
        page = page_to_sign(copy)
        prepared = prepare_signature(page, request_of(copy), with_stamp=True, at=at)
        require_key_of(copy.credential, services.keys)
        return WaitingSignature(pdf=page, prepared=prepared), value_of(prepared, services.keys)
    with services.db.reading() as tx:
        (waiting,) = waiting_signatures(tx, copy.record.digitisation_id, command.authorisation_id, services)
    if waiting.prepared.credential.certificate != copy.credential.certificate:
        raise PreparationMissing  # prepared with another certificate than the one that was checked now
    (value,) = values_under(command.authorisation_id, [waiting], services, caller)
    return waiting, value


def _keep_pending(
    record: Digitisation, signed: SignedPdf, services: Services, event: AuditEvent, at: datetime, *, also: Also | None
) -> Digitisation:
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    staged = services.vault.work.stage(
        key, record_id=record.digitisation_id, slot=SIGNED_SLOT, media_type=_PDF, content=signed.pdf, at=at
    )
    with services.db.transaction() as tx:
        changed = Digitisations(tx).change(record, at=at, state=DigitisationState.SIGNED)
        services.vault.work.keep(tx, staged)
        note_pending(
            tx,
            record.digitisation_id,
            level=signed.level,
            kind=LATE_COPY,
            payload={"digitisation_id": record.digitisation_id},
            org_code=record.org_code,
            services=services,
            at=at,
        )
        services.audit.append(tx, event)
        if also is not None:
            also(tx)
    return changed


def _event(
    command: AcceptDigitisation,
    record: Digitisation,
    signed: SignedPdf,
    caller: Caller,
    at: datetime,
    *,
    document_id: str | None = None,
) -> AuditEvent:
    details = [
        ("digitisation", record.digitisation_id),
        ("certificate", command.order.certificate_id),
        ("file_sha256", signed.sha256),
        ("level", signed.level),
    ]
    if command.authorisation_id is not None:
        details.append(("authorisation", command.authorisation_id))
    return event_of(
        caller,
        "accept_digitisation",
        at,
        object_type="document" if document_id else "digitisation",
        object_id=document_id or record.digitisation_id,
        owner_id=record.owner_subject,
        details=tuple(details),
    )
