"""A signed receipt slip is kept with the applicant's papers; a slow time-stamp is added behind it later (I17, S25).

The applicant waits at the desk: the slip counts at once, whatever its level. Uses no key, changes no signed byte.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from api.callers import SYSTEM_CALLER, Caller
from api.db import Tx
from api.records.receipt_slips import CONTENT_SLOT, SIGNED_SLOT, ReceiptSlip, ReceiptSlips, SlipState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.pending_stamps import COMPLETE_LEVELS, counting_failures, is_patient, note_complete, note_pending
from api.usecases.planned_receipt import PlannedReceipt
from api.usecases.receipt_paper import require_turn
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.errors import EvidenceUnavailable
from signing.pades import SignedPdf, augment_pdf
from vault.catalogue import WorkEntry
from vault.ledger import AuditEvent
from vault.model import CitizenId

LATE_RECEIPT: Final = "late_receipt"
"""The job that completes a slip whose time-stamp or evidence was missing."""
_PDF: Final = "application/pdf"
_JSON: Final = "application/json"


def keep_receipt(
    planned: PlannedReceipt,
    signed: SignedPdf,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    authorisation_id: str | None = None,
    also: Callable[[Tx, ReceiptSlip], None] | None = None,
) -> ReceiptSlip:
    """Store the slip; it takes the place of the one that it names.

    Args:
        planned: what was checked.
        signed: the file.
        services: where to.
        caller: the officer.
        at: now.
        authorisation_id: under which it was signed, if under one.
        also: done in the same transaction, with the slip as it is then.

    Raises:
        ReceiptAlreadyGiven, VersionConflict: somebody was faster; nothing is stored. StoreUnavailable.
    """
    slip, work = planned.slip, services.vault.work
    contents = ((CONTENT_SLOT, _JSON, planned.order.to_bytes()), (SIGNED_SLOT, _PDF, signed.pdf))
    staged = _staged(slip, contents, services, at)
    with services.db.transaction() as tx:
        changed = _moved(tx, planned, signed, at)
        garbage = work.forget(tx, slip.slip_id)  # the drawn page, and what was prepared
        for entry in staged:
            work.keep(tx, entry)
        _note_incomplete(tx, changed, services, at)
        services.audit.append(tx, _event(changed, caller, at, authorisation_id=authorisation_id))
        if also is not None:
            also(tx, changed)
    work.discard(garbage, at)
    return changed


def _staged(
    slip: ReceiptSlip, contents: tuple[tuple[str, str, bytes], ...], services: Services, at: datetime
) -> list[WorkEntry]:
    """The files, encrypted under the applicant's key; visible once they are kept."""
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(slip.owner_subject), at)
    return [
        services.vault.work.stage(key, record_id=slip.slip_id, slot=slot, media_type=kind, content=content, at=at)
        for slot, kind, content in contents
    ]


def _moved(tx: Tx, planned: PlannedReceipt, signed: SignedPdf, at: datetime) -> ReceiptSlip:
    """The slip as it counts from now on, and the one before it no longer."""
    slips = ReceiptSlips(tx)
    replaced = require_turn(tx, planned.slip.dossier_id, planned.slip.replaces)
    changed = slips.change(
        planned.slip,
        state=SlipState.SIGNED,
        ordinal=1 if replaced is None else (replaced.ordinal or 0) + 1,
        certificate_id=planned.certificate.certificate_id,
        file_sha256=signed.sha256,
        first_sha256=signed.sha256,
        signature_level=signed.level,
        signed_at=at,
    )
    if replaced is not None:
        slips.change(replaced, state=SlipState.REPLACED)
    return changed


def _note_incomplete(tx: Tx, slip: ReceiptSlip, services: Services, at: datetime) -> None:
    """Have what is missing added by a job, if anything is."""
    if slip.signature_level in COMPLETE_LEVELS:
        return
    note_pending(
        tx,
        slip.slip_id,
        level=slip.signature_level,
        kind=LATE_RECEIPT,
        payload={"slip_id": slip.slip_id},
        org_code=slip.org_code,
        services=services,
        at=at,
    )


def complete_receipt(services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]) -> None:
    """The body of the job `LATE_RECEIPT`; done twice, it does nothing the second time.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: still not to be had; the queue tries again.
        VersionConflict, StoreUnavailable: the queue tries again.
    """
    at, work = services.clock(), services.vault.work
    with services.db.reading() as tx:
        slip = ReceiptSlips(tx).get(payload["slip_id"])
        if slip.signature_level in COMPLETE_LEVELS:
            return
        pdf = work.read(tx, slip.slip_id, SIGNED_SLOT).content
    progress(0, 1, "timestamp")
    with counting_failures(slip.slip_id, services, at):
        stamp = time_stamper(services, at, patient=is_patient(slip.slip_id, services))
        signed = augment_pdf(pdf, stamp=stamp, evidence=evidence_source(services, at), at=at)
        if signed.level not in COMPLETE_LEVELS:
            raise EvidenceUnavailable("status evidence is still missing")
    (staged,) = _staged(slip, ((SIGNED_SLOT, _PDF, signed.pdf),), services, at)
    with services.db.transaction() as tx:
        changed = ReceiptSlips(tx).change(slip, file_sha256=signed.sha256, signature_level=signed.level)
        work.keep(tx, staged)
        note_complete(tx, slip.slip_id, at)
        services.audit.append(tx, _event(changed, SYSTEM_CALLER, at))
    progress(1, 1, "timestamp")


def _event(slip: ReceiptSlip, caller: Caller, at: datetime, *, authorisation_id: str | None = None) -> AuditEvent:
    details = [
        ("dossier", slip.dossier_id),
        ("certificate", slip.certificate_id or ""),
        ("file_sha256", slip.file_sha256 or ""),
        ("level", slip.signature_level or ""),
        ("replaces", slip.replaces or ""),
        ("authorisation", authorisation_id or ""),
    ]
    return event_of(
        caller,
        "complete_receipt_slip" if caller is SYSTEM_CALLER else "sign_receipt_slip",
        at,
        object_type="receipt_slip",
        object_id=slip.slip_id,
        owner_id=slip.owner_subject,
        details=tuple((name, value) for name, value in details if value),
    )
