"""What a slow time-stamp authority left open at an officer's copy is added; then it goes into the vault (I17, S25).

Knows that no signed byte changes: a document time-stamp and validation data are appended. Uses no holder's key.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from api.callers import SYSTEM_CALLER
from api.records.digitisations import SIGNED_SLOT, Digitisation, Digitisations, DigitisationState
from api.services import Services
from api.usecases.accept_digitisation import store_copy
from api.usecases.auditing import event_of
from api.usecases.pending_stamps import COMPLETE_LEVELS, counting_failures, is_patient, note_complete
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.errors import EvidenceUnavailable
from signing.pades import SignedPdf, augment_pdf
from vault.errors import DuplicateDocument
from vault.ledger import AuditEvent, Outcome
from vault.model import StoredDocument


def complete_copy(services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]) -> None:
    """The job's body; done twice, it does nothing the second time.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: still not to be had; the queue tries again.
        VersionConflict, StoreUnavailable: the queue tries again.
    """
    at = services.clock()
    with services.db.reading() as tx:
        record = Digitisations(tx).get(payload["digitisation_id"])
        if record.state is not DigitisationState.SIGNED:
            return
        pdf = services.vault.work.read(tx, record.digitisation_id, SIGNED_SLOT).content
    progress(0, 1, "timestamp")
    with counting_failures(record.digitisation_id, services, at):
        stamp = time_stamper(services, at, patient=is_patient(record.digitisation_id, services))
        signed = augment_pdf(pdf, stamp=stamp, evidence=evidence_source(services, at), at=at)
        if signed.level not in COMPLETE_LEVELS:
            raise EvidenceUnavailable("status evidence is still missing")
    try:
        store_copy(record, signed, services, lambda stored: _event(record, signed, stored, at), at)
    except DuplicateDocument as held:
        _link(record, held, services, at)
    progress(1, 1, "timestamp")


def _link(record: Digitisation, held: DuplicateDocument, services: Services, at: datetime) -> None:
    """S33: while this copy waited, the owner's same paper was stored; that one counts, this one is forgotten."""
    with services.db.transaction() as tx:
        Digitisations(tx).change(
            record, at=at, state=DigitisationState.STORED, document_id=held.document_id, error_code=held.code
        )
        note_complete(tx, record.digitisation_id, at)
        garbage = services.vault.work.forget(tx, record.digitisation_id)
        event = event_of(
            SYSTEM_CALLER,
            "store_late_copy",
            at,
            object_type="digitisation",
            object_id=record.digitisation_id,
            owner_id=record.owner_subject,
            outcome=Outcome.REFUSED,
            reason_code=held.code,
        )
        services.audit.append(tx, event)
    services.vault.work.discard(garbage, at)


def _event(record: Digitisation, signed: SignedPdf, stored: StoredDocument, at: datetime) -> AuditEvent:
    return event_of(
        SYSTEM_CALLER,
        "store_late_copy",
        at,
        object_type="document",
        object_id=stored.document_id,
        owner_id=record.owner_subject,
        details=(("digitisation", record.digitisation_id), ("file_sha256", signed.sha256)),
    )
