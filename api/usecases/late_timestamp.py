"""What a slow time-stamp authority left open is added behind the signatures, as a durable job (I17, S25).

Knows that no signed byte changes: a document time-stamp and validation data are appended.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from api.callers import SYSTEM_CALLER
from api.db import Tx
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.pending_stamps import COMPLETE_LEVELS, counting_failures, is_patient, note_complete, note_pending
from api.usecases.result_events import result_event
from api.usecases.result_files import load_revision, store_revision
from api.usecases.signing_parts import as_far_as_known, evidence_source, time_stamper
from signing.errors import EvidenceUnavailable
from signing.pades import SignedPdf, augment_pdf
from signing.pades.proof import add_evidence

JOB_KIND = "late_timestamp"
_STAMPED = "B-T"
_WAITING = frozenset({ResultState.APPROVED, ResultState.SEALED})


def enqueue_if_pending(tx: Tx, record: ResultRecord, services: Services, at: datetime) -> None:
    """Have the missing time-stamp added later, if one is missing."""
    if record.signature_level in COMPLETE_LEVELS:
        note_complete(tx, record.result_id, at)
        return
    payload = {"result_id": record.result_id}
    note_pending(
        tx,
        record.result_id,
        level=record.signature_level,
        kind=JOB_KIND,
        payload=payload,
        org_code=record.org_code,
        services=services,
        at=at,
    )


def add_late_timestamp(
    services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]
) -> None:
    """The job's body; done twice, it does nothing the second time.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: still not to be had; the queue tries again. Of a file that waits for
            both, the time-stamp is kept (B-T) and not asked for again.
        VersionConflict: a signature came in between; the next try works on the newer file.
    """
    at = services.clock()
    with services.db.reading() as tx:
        record = Results(tx).get(payload["result_id"])
        is_open = record.signature_level not in COMPLETE_LEVELS and record.state in _WAITING
        pdf = load_revision(tx, record, services) if is_open else b""
    if not is_open:  # complete, or given up
        with services.db.transaction() as tx:
            note_complete(tx, record.result_id, at)
        return
    progress(0, 1, "timestamp")
    with counting_failures(record.result_id, services, at):
        signed = _completed(record, pdf, services, at)
        _keep(record, signed, services, at)
        if signed.level not in COMPLETE_LEVELS:
            raise EvidenceUnavailable("the time-stamp is there, status evidence is still missing")
    progress(1, 1, "timestamp")


def _completed(record: ResultRecord, pdf: bytes, services: Services, at: datetime) -> SignedPdf:
    """The file with what was missing, or with the half that could be had: nothing is asked for twice."""
    evidence = evidence_source(services, at)
    if record.signature_level == _STAMPED:
        whole = SignedPdf(pdf=pdf, sha256=record.file_sha256 or "", level=_STAMPED, field_name="")
        return add_evidence(whole, evidence)
    stamp = time_stamper(services, at, patient=is_patient(record.result_id, services))
    return augment_pdf(pdf, stamp=stamp, evidence=as_far_as_known(evidence), at=at)


def _keep(record: ResultRecord, signed: SignedPdf, services: Services, at: datetime) -> None:
    event = result_event(
        "add_late_timestamp",
        record,
        SYSTEM_CALLER,
        at,
        details=(("file_sha256", signed.sha256), ("level", signed.level)),
    )

    def within(tx: Tx, changed: ResultRecord) -> None:
        services.audit.append(tx, event)
        if changed.signature_level in COMPLETE_LEVELS:
            note_complete(tx, changed.result_id, at)

    store_revision(
        record,
        signed.pdf,
        services,
        at,
        within=within,
        file_sha256=signed.sha256,
        signature_level=signed.level,
    )
