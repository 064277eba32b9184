"""The worker process: runs durable jobs until it is told to stop or its parent is gone.

Knows which use-case each kind of job is. Must not hold any rule of the domain.
"""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from api.bootstrap import build_services
from api.callers import SYSTEM_CALLER
from api.jobs.queue import JobQueue, Progress, QueueOptions
from api.log import logger
from api.services import Services
from api.settings import Settings
from api.usecases import approve_request_batch, late_timestamp, merge_organisations, receive_batch, start_digitisation
from api.usecases.batch_work import give_up_batch
from api.usecases.digitise_paper import digitise_paper, give_up_digitisation
from api.usecases.maintain_vault import MaintainVault, maintain_vault
from api.usecases.presign_answers import presign_answers
from api.usecases.publish_due_lists import publish_due_lists
from api.usecases.work_batch import work_batch

ServiceBody = Callable[[Services, Mapping[str, str], Progress], None]

BODIES: Final[Mapping[str, ServiceBody]] = {
    late_timestamp.JOB_KIND: late_timestamp.add_late_timestamp,
    start_digitisation.JOB_KIND: digitise_paper,
    receive_batch.JOB_KIND: work_batch,
    approve_request_batch.JOB_KIND: approve_request_batch.work_batch_approval,
    merge_organisations.JOB_KIND: merge_organisations.merge_organisations,
}
"""Every kind of job; an owner adds the own one here. A body is idempotent and takes ids only."""

ENDINGS: Final[Mapping[str, Callable[[Services, Mapping[str, str], str], None]]] = {
    start_digitisation.JOB_KIND: give_up_digitisation,
    receive_batch.JOB_KIND: give_up_batch,
}
"""What is told when a job of the kind has failed for good; an owner adds the own one here."""

_LOG: Final = logger("worker")
_PARENT_CHECK_S: Final = 1.0
_STOP_WAIT_S: Final = 10
_FIRST_UPKEEP_S: Final = 60.0  # not while the service starts
_UPKEEP_EVERY_S: Final = 3600.0
_STATUS_EVERY_S: Final = 10.0  # a revocation is in its list within a minute: this, the work, and what caches add


def run_worker(
    settings: Settings,
    *,
    bodies: Mapping[str, ServiceBody] = BODIES,
    parent_pid: int | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Run jobs until SIGTERM, SIGINT, `stop`, or the end of the parent.

    Args:
        settings: of this process.
        bodies: what each kind of job does.
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
        options=QueueOptions(concurrency=settings.worker_concurrency),
        endings={kind: partial(ending, services) for kind, ending in ENDINGS.items()},
    )
    queue.start()
    threading.Thread(target=_keep_vault, args=(services, ending), name="vault-upkeep", daemon=True).start()
    threading.Thread(target=_keep_status, args=(services, ending), name="status-upkeep", daemon=True).start()
    _LOG.info("worker_ready", kinds=sorted(bodies))
    while not ending.wait(_PARENT_CHECK_S):
        if parent_pid is not None and os.getppid() != parent_pid:
            _LOG.warning("parent_gone")
            break
    queue.stop(wait_s=_STOP_WAIT_S)
    services.close()


def _keep_vault(services: Services, ending: threading.Event) -> None:
    """The vault's care for itself, round after round; two workers may do it at once."""
    caller = replace(SYSTEM_CALLER, request_id="worker-upkeep")
    pause_s = _FIRST_UPKEEP_S
    while not ending.wait(pause_s):
        pause_s = _UPKEEP_EVERY_S
        try:
            done = maintain_vault(MaintainVault(), services, caller, services.clock())
        except Exception:  # noqa: BLE001 - a broad catch at the door of the process
            # whatever it is (store down, database restarting), the next round tries again
            _LOG.exception("vault_upkeep_failed")
        else:
            _LOG.info("vault_upkeep", protected=done.protected, removed=done.swept.removed)


def _keep_status(services: Services, ending: threading.Event) -> None:
    """Revocation lists and OCSP answers stay true, round after round; two workers may do it at once."""
    pause_s = 0.0  # a fresh installation has its lists at once
    while not ending.wait(pause_s):
        pause_s = _STATUS_EVERY_S
        try:
            published = publish_due_lists(services, services.clock())
            signed = presign_answers(services, services.clock())
        except Exception:  # noqa: BLE001 - a broad catch at the door of the process
            # whatever it is (key store away, database restarting), the next round tries again
            _LOG.exception("status_upkeep_failed")
        else:
            if published or signed:
                _LOG.info("status_upkeep", lists=len(published), answers=signed)
