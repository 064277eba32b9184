"""A sealed copy goes into the owner's vault with its number; one without time-stamp waits, and a job stores it (I17).

Knows that number, row, document and ledger move in one transaction, so that the register has no gap (I13). Uses no key.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from api.callers import SYSTEM_CALLER, Caller
from api.db import Tx
from api.errors import CopySourceUnfit
from api.records.copies import CertifiedCopies, CertifiedCopy, CopyState
from api.records.numbers import NumberRegister
from api.records.organisations import Organisations
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certified_copy import draft_of_copy, numbered
from api.usecases.copy_numbers import reserve_copy_number
from api.usecases.pending_stamps import (
    COMPLETE_LEVELS,
    counting_failures,
    is_patient,
    note_complete,
    note_pending,
)
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.errors import EvidenceUnavailable
from signing.pades import SignedPdf, augment_pdf
from vault.errors import IntegrityMismatch
from vault.ledger import AuditEvent, Outcome
from vault.model import CitizenId, DocumentState, FileRole

LATE_SEALED_COPY: Final = "late_sealed_copy"
"""The job that completes and stores a copy whose time-stamp or evidence was missing."""
SIGNED_SLOT: Final = "signed"
"""Work slot with the sealed copy that waits."""
_PDF: Final = "application/pdf"


def keep_copy(
    record: CertifiedCopy,
    signed: SignedPdf,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    also: Callable[[Tx], None] | None = None,
) -> CertifiedCopy:
    """Store the complete copy, or keep it until its time-stamp can be had.

    Args:
        record: of the copy that was prepared.
        signed: the file.
        services: where to.
        caller: the clerk.
        at: now.
        also: done first in the same transaction; what it raises stops everything.

    Raises:
        VersionConflict, StoreUnavailable: nothing moved.
    """
    if signed.level in COMPLETE_LEVELS:
        return _store(record, signed, services, caller, at, also=also)
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    staged = services.vault.work.stage(
        key, record_id=record.copy_id, slot=SIGNED_SLOT, media_type=_PDF, content=signed.pdf, at=at
    )
    with services.db.transaction() as tx:
        if also is not None:
            also(tx)
        changed = CertifiedCopies(tx).change(record, at=at, state=CopyState.SEALED, file_sha256=signed.sha256)
        services.vault.work.keep(tx, staged)
        note_pending(
            tx,
            record.copy_id,
            level=signed.level,
            kind=LATE_SEALED_COPY,
            payload={"copy_id": record.copy_id},
            org_code=record.org_code,
            services=services,
            at=at,
        )
        services.audit.append(tx, _event(changed, caller, at))
    return changed


def complete_sealed_copy(
    services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]
) -> None:
    """The body of the job `LATE_SEALED_COPY`; done twice, it does nothing the second time.

    A source that was withdrawn meanwhile takes its waiting copy with it: nothing of it is stored.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: still not to be had; the queue tries again.
        VersionConflict, StoreUnavailable: the queue tries again. IntegrityMismatch: it is not the file that was sealed.
    """
    at = services.clock()
    with services.db.reading() as tx:
        record = CertifiedCopies(tx).get(payload["copy_id"])
        if record.state is not CopyState.SEALED:
            return
        pdf = services.vault.work.read(tx, record.copy_id, SIGNED_SLOT).content
        if hashlib.sha256(pdf).hexdigest() != record.file_sha256:
            raise IntegrityMismatch("sealed copy")
        source = services.vault.describe(tx, record.source_document_id).document
    if source.state is not DocumentState.ACTIVE:
        _withdraw(record, services, at)
        return
    progress(0, 1, "timestamp")
    with counting_failures(record.copy_id, services, at):
        stamp = time_stamper(services, at, patient=is_patient(record.copy_id, services))
        signed = augment_pdf(pdf, stamp=stamp, evidence=evidence_source(services, at), at=at)
        if signed.level not in COMPLETE_LEVELS:
            raise EvidenceUnavailable("status evidence is still missing")
    _store(record, signed, services, SYSTEM_CALLER, at)
    progress(1, 1, "timestamp")


def _store(
    record: CertifiedCopy,
    signed: SignedPdf,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    also: Callable[[Tx], None] | None = None,
) -> CertifiedCopy:
    with services.db.transaction() as tx:
        described = services.vault.describe(tx, record.source_document_id)
        draft = draft_of_copy(record, described, at)
        key = services.vault.open_vault(tx, draft.owner, at)
    staged = services.vault.stage(
        key, document_id=draft.document_id, role=FileRole.SIGNED, media_type=_PDF, content=signed.pdf
    )
    with services.db.transaction() as tx:
        if also is not None:
            also(tx)
        agency = Organisations(tx).get(record.org_code)
        number = reserve_copy_number(tx, agency, record.form, record.copy_id, at, by=record.made_by)
        NumberRegister(tx).use(record.copy_id, at, by=record.made_by)
        stored = services.vault.commit(tx, numbered(draft, number), (staged,), at)
        changed = CertifiedCopies(tx).change(
            record,
            at=at,
            state=CopyState.STORED,
            number=number,
            file_sha256=signed.sha256,
            document_id=stored.document_id,
        )
        note_complete(tx, record.copy_id, at)
        garbage = services.vault.work.forget(tx, record.copy_id)
        services.audit.append(tx, _event(changed, caller, at))
    services.vault.work.discard(garbage, at)
    return changed


def _withdraw(record: CertifiedCopy, services: Services, at: datetime) -> None:
    with services.db.transaction() as tx:
        changed = CertifiedCopies(tx).change(record, at=at, state=CopyState.WITHDRAWN)
        note_complete(tx, record.copy_id, at)
        garbage = services.vault.work.forget(tx, record.copy_id)
        services.audit.append(
            tx, _event(changed, SYSTEM_CALLER, at, outcome=Outcome.REFUSED, reason_code=CopySourceUnfit.code)
        )
    services.vault.work.discard(garbage, at)


def _event(
    record: CertifiedCopy,
    caller: Caller,
    at: datetime,
    *,
    outcome: Outcome = Outcome.ALLOWED,
    reason_code: str | None = None,
) -> AuditEvent:
    details = [
        ("copy", record.copy_id),
        ("source", record.source_document_id),
        ("source_sha256", record.source_sha256),
        ("form", record.form.value),
        ("certificate", record.certificate_id),
        ("file_sha256", record.file_sha256 or ""),
    ]
    return event_of(
        caller,
        "certify_copy",
        at,
        object_type="document",
        object_id=record.document_id or record.source_document_id,
        owner_id=record.owner_subject,
        outcome=outcome,
        reason_code=reason_code,
        details=tuple((name, value) for name, value in details if value),
    )
