"""The worker process: runs durable jobs until it is told to stop or its parent is gone.

Knows which use-case each kind of job is. Must not hold any rule of the domain.
"""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from api.bootstrap import build_services
from api.callers import SYSTEM_CALLER
from api.jobs.queue import JobQueue, Progress, QueueOptions
from api.log import logger
from api.services import Services
from api.settings import Settings
from api.usecases import (
    approve_request_batch,
    late_timestamp,
    late_upload,
    merge_organisations,
    open_signature_batch,
    receive_batch,
    signature_batch_work,
    start_digitisation,
)
from api.usecases.accept_digitisation import LATE_COPY
from api.usecases.annex_sealing import LATE_ANNEX, complete_annex
from api.usecases.batch_work import give_up_batch
from api.usecases.change_signature_batch import lapse_batch
from api.usecases.digitise_paper import digitise_paper, give_up_digitisation
from api.usecases.keep_archive import KeepArchive, keep_archive
from api.usecases.keep_copy import LATE_SEALED_COPY, complete_sealed_copy
from api.usecases.keep_receipt_slip import LATE_RECEIPT, complete_receipt
from api.usecases.lapse_numbers import lapse_numbers
from api.usecases.late_copy import complete_copy
from api.usecases.maintain_vault import MaintainVault, maintain_vault
from api.usecases.notify_expiry import notify_expiry
from api.usecases.prepare_signature_batch import prepare_signature_batch
from api.usecases.presign_answers import presign_answers
from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.sign_signature_batch import sign_signature_batch
from api.usecases.sweep_preparations import sweep_preparations
from api.usecases.watch_devices import watch_devices
from api.usecases.watch_timestamps import watch_timestamps
from api.usecases.work_batch import work_batch

ServiceBody = Callable[[Services, Mapping[str, str], Progress], None]

BODIES: Final[Mapping[str, ServiceBody]] = {
    late_timestamp.JOB_KIND: late_timestamp.add_late_timestamp,
    start_digitisation.JOB_KIND: digitise_paper,
    LATE_COPY: complete_copy,
    LATE_ANNEX: complete_annex,
    LATE_SEALED_COPY: complete_sealed_copy,
    LATE_RECEIPT: complete_receipt,
    receive_batch.JOB_KIND: work_batch,
    approve_request_batch.JOB_KIND: approve_request_batch.work_batch_approval,
    late_upload.JOB_KIND: late_upload.complete_upload,
    merge_organisations.JOB_KIND: merge_organisations.merge_organisations,
    signature_batch_work.PREPARE_JOB: prepare_signature_batch,
    signature_batch_work.SIGN_JOB: sign_signature_batch,
    open_signature_batch.LAPSE_JOB: lapse_batch,
}
"""Every kind of job; an owner adds the own one here. A body is idempotent and takes ids only."""

ENDINGS: Final[Mapping[str, Callable[[Services, Mapping[str, str], str], None]]] = {
    start_digitisation.JOB_KIND: give_up_digitisation,
    receive_batch.JOB_KIND: give_up_batch,
    signature_batch_work.PREPARE_JOB: signature_batch_work.give_up_lane,
    signature_batch_work.SIGN_JOB: signature_batch_work.give_up_lane,
}
"""What is told when a job of the kind has failed for good; an owner adds the own one here."""

OUTSIDE: Final = frozenset(
    {late_timestamp.JOB_KIND, late_upload.JOB_KIND, LATE_ANNEX, LATE_COPY, LATE_RECEIPT, LATE_SEALED_COPY}
)
"""Kinds that may wait minutes for an authority elsewhere (S25): they take no place of the others."""

_LOG: Final = logger("worker")
_UPKEEPER: Final = replace(SYSTEM_CALLER, request_id="worker-upkeep")
_PARENT_CHECK_S: Final = 1.0
_STOP_WAIT_S: Final = 10
_STATUS_EVERY_S: Final = 10.0  # a revocation is in its list within a minute: this, the work, and what caches add


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """One kind of upkeep that the worker repeats."""

    name: str
    first_s: float
    """Pause before the first round."""
    every_s: float
    work: Callable[[Services, datetime], dict[str, int]]
    """One round; what it did goes to the log when it did anything."""


def run_worker(
    settings: Settings,
    *,
    bodies: Mapping[str, ServiceBody] = BODIES,
    outside: frozenset[str] = OUTSIDE,
    parent_pid: int | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Run jobs until SIGTERM, SIGINT, `stop`, or the end of the parent.

    Args:
        settings: of this process.
        bodies: what each kind of job does.
        outside: kinds that wait for somebody else's service.
        parent_pid: the supervisor; a worker whose supervisor was killed ends by itself.
        stop: ends the worker when set, for callers that cannot send a signal.
    """
    ending = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
    services = build_services(settings)
    bound = {kind: partial(body, services) for kind, body in bodies.items()}
    queue = JobQueue(
        services.db,
        settings.database,
        bound,
        clock=services.clock,
        options=QueueOptions(concurrency=settings.worker_concurrency, outside=outside),
        endings={kind: partial(ending, services) for kind, ending in ENDINGS.items()},
    )
    queue.start()
    for rounds in ROUNDS:
        threading.Thread(target=_keep, args=(rounds, services, ending), name=rounds.name, daemon=True).start()
    _LOG.info("worker_ready", kinds=sorted(bodies))
    while not ending.wait(_PARENT_CHECK_S):
        if parent_pid is not None and os.getppid() != parent_pid:
            _LOG.warning("parent_gone")
            break
    queue.stop(wait_s=_STOP_WAIT_S)
    services.close()


def _keep(rounds: Rounds, services: Services, ending: threading.Event) -> None:
    """One kind of upkeep, round after round; two workers may do it at once."""
    pause_s = rounds.first_s
    while not ending.wait(pause_s):
        pause_s = rounds.every_s
        try:
            done = rounds.work(services, services.clock())
        except Exception:  # noqa: BLE001 - a broad catch at the door of the process
            # whatever it is (store down, key store away, database restarting), the next round tries again
            _LOG.exception(f"{rounds.name}_failed")
        else:
            if any(done.values()):
                _LOG.info(rounds.name, **done)


def _keep_vault(services: Services, at: datetime) -> dict[str, int]:
    done = maintain_vault(MaintainVault(), services, _UPKEEPER, at)
    return {"protected": done.protected, "removed": done.swept.removed}


def _keep_numbers(services: Services, at: datetime) -> dict[str, int]:
    return {"lapsed": lapse_numbers(services, at)}


def _keep_status(services: Services, at: datetime) -> dict[str, int]:
    signed = presign_answers(services, at)  # first: a list whose authority is away fails the round
    return {"answers": signed, "lists": len(publish_due_lists(services, at))}


def _keep_duties(services: Services, at: datetime) -> dict[str, int]:
    """What is due by the calendar: mergers a job gave up on, missing devices (I8), certificates that end."""
    finished = merge_organisations.finish_mergers(services, at)
    missing = watch_devices(services, _UPKEEPER, at)
    notified = notify_expiry(services, _UPKEEPER, at)
    return {
        "mergers_finished": finished,
        "missing_devices": len(missing.alarmed),
        "told_to_renew": notified.renew,
        "told_last": notified.last,
    }


def _keep_timestamps(services: Services, at: datetime) -> dict[str, int]:
    done = watch_timestamps(services, _UPKEEPER, at)
    return {"alarmed": done.alarmed, "cleared": done.cleared, "restarted": done.restarted}


def _keep_archive(services: Services, at: datetime) -> dict[str, int]:
    done = keep_archive(KeepArchive(), services, _UPKEEPER, at)
    return {"examined": done.examined, "renewed": done.renewed, "failed": done.failed, "alarmed": done.alarmed}


ROUNDS: Final = (
    Rounds(name="vault_upkeep", first_s=60.0, every_s=3600.0, work=_keep_vault),
    # a fresh installation has its lists at once
    Rounds(name="status_upkeep", first_s=0.0, every_s=_STATUS_EVERY_S, work=_keep_status),
    Rounds(name="signature_preparations", first_s=20.0, every_s=60.0, work=sweep_preparations),
    # a day ends at midnight in Viet Nam, and its reservations within this time
    Rounds(name="number_upkeep", first_s=15.0, every_s=60.0, work=_keep_numbers),
    Rounds(name="certificate_duties", first_s=30.0, every_s=3600.0, work=_keep_duties),
    Rounds(name="archive_care", first_s=120.0, every_s=600.0, work=_keep_archive),
    Rounds(name="timestamp_care", first_s=20.0, every_s=30.0, work=_keep_timestamps),
)
"""What the worker does by itself, beside jobs; nothing of it while the service starts but what it needs to start."""
