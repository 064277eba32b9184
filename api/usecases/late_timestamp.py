"""What a slow time-stamp authority left open is added behind the signatures, as a durable job (I17, S25).

Knows that no signed byte changes: a document time-stamp and validation data are appended.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from api.callers import SYSTEM_CALLER
from api.db import Tx
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.result_files import load_revision, store_revision
from api.usecases.signing_parts import evidence_source, time_stamper
from signing.pades import augment_pdf

JOB_KIND = "late_timestamp"
COMPLETE = "B-LT"
_WAITING = frozenset({ResultState.APPROVED, ResultState.SEALED})


def enqueue_if_pending(tx: Tx, record: ResultRecord, services: Services, at: datetime) -> None:
    """Have the missing time-stamp added later, if one is missing."""
    if record.signature_level != COMPLETE:
        services.jobs.enqueue(tx, JOB_KIND, {"result_id": record.result_id}, at)


def add_late_timestamp(
    services: Services, payload: Mapping[str, str], progress: Callable[[int, int, str], None]
) -> None:
    """The job's body; done twice, it does nothing the second time.

    Raises:
        TimestampUnavailable, EvidenceUnavailable: still not to be had; the queue tries again.
        VersionConflict: a signature came in between; the next try works on the newer file.
    """
    at = services.clock()
    with services.db.reading() as tx:
        record = Results(tx).get(payload["result_id"])
        if record.signature_level == COMPLETE or record.state not in _WAITING:
            return
        pdf = load_revision(tx, record, services)
    progress(0, 1, "timestamp")
    signed = augment_pdf(pdf, stamp=time_stamper(services, at), evidence=evidence_source(services, at), at=at)
    event = event_of(
        SYSTEM_CALLER,
        "add_late_timestamp",
        at,
        object_type="result",
        object_id=record.result_id,
        owner_id=record.owner_subject,
        details=(("file_sha256", signed.sha256),),
    )

    def within(tx: Tx, _changed: ResultRecord) -> None:
        services.audit.append(tx, event)

    store_revision(
        record,
        signed.pdf,
        services,
        at,
        within=within,
        file_sha256=signed.sha256,
        signature_level=signed.level,
    )
    progress(1, 1, "timestamp")
