"""Files that still lack a time-stamp or evidence: noted with the job that completes them, and with every try in vain.

Knows rows and jobs. Must not know what a file is or how it is completed: `late_timestamp`, `late_copy`, `late_upload`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from api.db import Tx
from api.errors import VersionConflict
from api.records.pending_stamps import Backlog, PendingStamp, PendingStamps
from api.services import Services
from signing.errors import EvidenceUnavailable, SigningError, TimestampUnavailable

QUICK_TRIES: Final = 2
"""So often a late completion waits no longer than a signer would; from then on it has patience (131 s were seen)."""
NO_AGENCY: Final = ""
"""Of what a citizen signed: whoever looks after the service is told, and no agency."""
COMPLETE_LEVELS: Final = frozenset({"B-LT", "B-LTA"})
"""Levels at which nothing is missing."""


def note_pending(
    tx: Tx,
    object_id: str,
    *,
    level: str | None,
    kind: str,
    payload: dict[str, str],
    org_code: str,
    services: Services,
    at: datetime,
) -> None:
    """Note in the caller's transaction that a file is incomplete; a job completes it, one for each file.

    Args:
        tx: the transaction in which the file is kept.
        object_id: the result, digitisation, receipt slip or preparation.
        level: what it has reached; `B-T` waits for evidence, less than that for a time-stamp.
        kind: of the job.
        payload: for the job, ids only.
        org_code: the agency that is told when it takes too long, or `NO_AGENCY`.
        services: of this process.
        at: now.
    """
    pending = PendingStamps(tx)
    known = pending.find(object_id)
    job = None if known is None else services.jobs.find(tx, known.job_id)
    if job is not None and not job.state.is_final and job.kind == kind:
        return  # it finds the newer file
    job_id = services.jobs.enqueue(tx, kind, payload, at)
    why = (EvidenceUnavailable if level == "B-T" else TimestampUnavailable).code
    pending.open(object_id, job_kind=kind, job_id=job_id, org_code=org_code, error_code=why, at=at)


def note_complete(tx: Tx, object_id: str, at: datetime) -> None:
    """Note in the caller's transaction that nothing is missing any more."""
    PendingStamps(tx).completed(object_id, at)


def note_given_up(tx: Tx, object_id: str, at: datetime) -> None:
    """Note in the caller's transaction that the file is kept no longer: nobody is told that it is complete."""
    PendingStamps(tx).given_up(object_id, at)


def is_patient(object_id: str, services: Services) -> bool:
    """Whether the next try may take minutes."""
    found = pending_of(object_id, services)
    return found is not None and found.attempts >= QUICK_TRIES


def pending_of(object_id: str, services: Services) -> PendingStamp | None:
    """What a file still waits for; None: nothing."""
    with services.db.reading() as tx:
        return PendingStamps(tx).find(object_id)


def stamp_backlog(services: Services) -> Backlog:
    """How much waits, and since when."""
    with services.db.reading() as tx:
        return PendingStamps(tx).backlog()


@contextmanager
def counting_failures(object_id: str, services: Services, at: datetime) -> Iterator[None]:
    """Count a try that fails; the error goes on to the queue, which tries again."""
    try:
        yield
    except VersionConflict:
        raise  # a signature came in between: nothing is wrong
    except SigningError as err:
        with services.db.transaction() as tx:
            PendingStamps(tx).failed(object_id, err.code, at)
        raise
