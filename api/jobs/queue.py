"""The worker's side of durable jobs: DBOS runs them, a lease and a reaper take over from a killed worker.

Knows DBOS, leases and the `jobs` rows. Must not know what a job does: bodies come in as a table of callables.

A job's step may run twice (a kill between work and record); bodies are idempotent. The `jobs` row, not DBOS,
is what people see: `recorded` rows are handed to DBOS after their commit with the row id as workflow id.
"""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final, TypeVar

from dbos import DBOS, SetWorkflowID

from api.db import Database, DatabaseUnreachable, Tx, queue_engine
from api.errors import VersionConflict
from api.jobs.leases import Leases
from api.jobs.outbox import Jobs, JobState, JobStatus
from api.log import logger

Progress = Callable[[int, int, str], None]
"""Called by a body with what is done, of how much, and a short code of the stage."""
Body = Callable[[Mapping[str, str], Progress], None]
Ending = Callable[[Mapping[str, str], str], None]
"""Called with payload and error code when a job of the kind has failed for good, so that nothing waits for it."""

# Part of every workflow row: a changed value would leave pending work of the old one untouched, so it changes
# only when a job's steps change their meaning (measured trap: a derived version orphans work at each release).
APPLICATION_VERSION: Final = "jobs-1"
_QUEUE: Final = "anso-jobs"
_OUTSIDE_QUEUE: Final = "anso-outside"
_LOG: Final = logger("jobs")

_PACKAGES: Final = frozenset({"api", "digitize", "signing", "vault"})
_UNKNOWN: Final = "INTERNAL"
_LOT: Final = SystemRandom()
_T = TypeVar("_T")

LEASE: Final = timedelta(seconds=6)
BEAT_S: Final = 1.5
DISPATCH_S: Final = 0.2
POLL_S: Final = 0.5
"""How often DBOS asks the queue, also while nothing waits and while the worker is full: about 4 ms of CPU each time."""
MAX_ATTEMPTS: Final = 40
"""With the delays below a retryable failure is tried for about a day."""
PATIENCE_S: Final = 1.0
PATIENCE_TRIES: Final = 120
SPREAD: Final = 0.25
"""Part of a delay that is drawn by lot."""
MAX_DEATHS: Final = 5
"""A job that was being worked on when this many workers died is not tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueOptions:
    """How one worker runs jobs."""

    concurrency: int
    """Jobs at a time; as many again of the kinds that wait for others."""
    outside: frozenset[str] = frozenset()
    """Kinds whose bodies wait for somebody else's service: while it is slow or dead, they keep no other job waiting."""
    executor_id: str = ""
    """Empty: a new one per process."""


class _Attempts:
    """One attempt of a job: find the row, run its body, record the end."""

    def __init__(
        self,
        db: Database,
        bodies: Mapping[str, Body],
        clock: Callable[[], datetime],
        endings: Mapping[str, Ending],
    ) -> None:
        self._db = db
        self._bodies = bodies
        self._endings = endings
        self._clock = clock
        self._jobs = Jobs()

    def make(self, job_id: str) -> str:
        """Run the body and record how it ended. Runs again when a worker dies in here."""
        job = self._patiently(lambda tx: self._jobs.begin(tx, job_id, self._clock()))
        if job is None:
            return JobState.SUCCEEDED.value  # ended already: a second delivery has nothing to do
        if job.deaths >= MAX_DEATHS:
            return self._fail(job, "JOB_KILLS_WORKERS")
        body = self._bodies.get(job.kind)
        if body is None:
            return self._fail(job, "JOB_KIND_UNKNOWN")
        try:
            body(job.payload, lambda done, total, label: self._progress(job_id, done, total, label))
        except Exception as err:  # noqa: BLE001 - the worker's outermost frame: whatever it is, the row says so
            return self._failed(job, err)
        return self._end(job_id, JobState.SUCCEEDED, None)

    def _failed(self, job: JobStatus, err: Exception) -> str:
        code = code_of(err)
        # of two that changed one record at once, the second tries again on what it is now
        passing = bool(getattr(err, "retryable", False)) or isinstance(err, VersionConflict)
        again = passing and job.attempts < MAX_ATTEMPTS
        _LOG.warning("job_failed", job_id=job.job_id, error=code, retry=again, exc_info=err)
        if not again:
            return self._fail(job, code)
        now = self._clock()
        # by lot a little later: what failed together does not come back together
        due_at = now + delay_after(job.attempts) * (1 + SPREAD * _LOT.random())
        self._patiently(lambda tx: self._jobs.postpone(tx, job.job_id, code, due_at=due_at, at=now))
        return JobState.RECORDED.value

    def _fail(self, job: JobStatus, code: str) -> str:
        """Over without success: first what the job was for learns it, then the row."""
        ending = self._endings.get(job.kind)
        try:
            if ending is not None:
                ending(job.payload, code)
        except Exception as err:  # noqa: BLE001 - as in `make`; the row must end in any case
            _LOG.error("job_ending_failed", job_id=job.job_id, error=code_of(err), exc_info=err)
        return self._end(job.job_id, JobState.FAILED, code)

    def _end(self, job_id: str, state: JobState, error_code: str | None) -> str:
        self._patiently(lambda tx: self._jobs.end(tx, job_id, state, error_code, self._clock()))
        return state.value

    def _patiently(self, work: Callable[[Tx], _T]) -> _T:
        """Do it in a transaction; wait for a database that is away: what was done must not be left unsaid."""
        for _ in range(PATIENCE_TRIES - 1):
            try:
                with self._db.transaction() as tx:
                    return work(tx)
            except DatabaseUnreachable:
                time.sleep(PATIENCE_S)
        with self._db.transaction() as tx:
            return work(tx)

    def _progress(self, job_id: str, done: int, total: int, label: str) -> None:
        with self._db.transaction() as tx:
            self._jobs.progress(tx, job_id, done=done, total=total, label=label, at=self._clock())


def _register(attempts: _Attempts) -> Callable[[str], str]:
    """The one workflow with its one step; the job's id and the state's name are all that DBOS stores."""

    @DBOS.step(name="attempt_job")
    def attempt_job(job_id: str) -> str:
        return attempts.make(job_id)

    @DBOS.workflow(name="run_job")
    def run_job(job_id: str) -> str:
        return attempt_job(job_id)

    return run_job


def code_of(err: Exception) -> str:
    """The stable code of an error of ours; a library's attribute of that name means something else."""
    is_ours = type(err).__module__.partition(".")[0] in _PACKAGES
    return str(getattr(err, "code", _UNKNOWN)) if is_ours else _UNKNOWN


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 2, 4, 8 … seconds, at most an hour."""
    return timedelta(seconds=min(3600, 2 ** min(attempts, 12)))


class JobQueue:
    """One worker process's queue: start, stop, and the loops between. One per process (DBOS is global)."""

    def __init__(
        self,
        db: Database,
        database_url: str,
        bodies: Mapping[str, Body],
        *,
        clock: Callable[[], datetime],
        options: QueueOptions,
        endings: Mapping[str, Ending] | None = None,
    ) -> None:
        self._db = db
        self._url = database_url
        self._engine = queue_engine(database_url)
        self._clock = clock
        self._options = options
        self._executor_id = options.executor_id or f"worker-{uuid.uuid4().hex[:12]}"
        self._run = _register(_Attempts(db, bodies, clock, endings or {}))
        self._jobs = Jobs()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Launch DBOS, take a lease, begin to hand out jobs."""
        DBOS(
            config={
                "name": "anso-jobs",
                "system_database_url": self._url,
                "system_database_engine": self._engine,
                "application_version": APPLICATION_VERSION,
                "executor_id": self._executor_id,
                "log_level": "WARNING",
                "enable_otlp": False,
                "scheduler_polling_interval_sec": 3600.0,  # we schedule nothing there
            }
        )
        with self._db.transaction() as tx:
            # before the first job: nobody may think that we are dead
            Leases(tx).extend(self._executor_id, self._clock() + LEASE)
        DBOS.launch()
        for name in (_QUEUE, _OUTSIDE_QUEUE):
            DBOS.register_queue(name, worker_concurrency=self._options.concurrency, polling_interval_sec=POLL_S)
        for name, work, pause_s in (("beat", self._beat, BEAT_S), ("dispatch", self._dispatch, DISPATCH_S)):
            thread = threading.Thread(target=self._repeat, args=(work, pause_s), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, *, wait_s: int) -> None:
        """Take nothing new, let running jobs end for a while; another worker takes over the rest at once."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=wait_s)
        self._engine.dispose()  # ours: DBOS closes only engines that it made
        with self._db.transaction() as tx:
            Leases(tx).extend(self._executor_id, self._clock())

    def _repeat(self, work: Callable[[], None], pause_s: float) -> None:
        while not self._stopping.wait(pause_s):
            try:
                work()
            except Exception as err:  # noqa: BLE001 - a database away for a moment must not end the worker
                _LOG.warning("worker_loop", error=type(err).__name__, exc_info=err)

    def _beat(self) -> None:
        """Extend our lease; take over from workers whose lease ran out."""
        now = self._clock()
        with self._db.transaction() as tx:
            leases = Leases(tx)
            leases.extend(self._executor_id, now + LEASE)
            dead = leases.claim_expired(now, until=now + LEASE, but=self._executor_id)
        for executor_id in dead:
            self._take_over(executor_id)

    def _take_over(self, executor_id: str) -> None:
        orphans = DBOS.list_workflows(status="PENDING", executor_id=executor_id, load_input=False)
        if orphans:
            ids = [orphan.workflow_id for orphan in orphans]
            _LOG.warning("jobs_taken_over", count=len(ids))
            with self._db.transaction() as tx:
                self._jobs.count_deaths(tx, [one.partition(".")[0] for one in ids])
            DBOS.resume_workflows(ids)
        with self._db.transaction() as tx:
            Leases(tx).drop(executor_id)

    def _dispatch(self) -> None:
        """Hand committed rows to DBOS. Twice does no harm: the workflow id is the row's id and attempt."""
        with self._db.reading() as tx:
            waiting = self._jobs.waiting(tx, self._clock())
        for job_id, kind, attempts in waiting:
            queue = _OUTSIDE_QUEUE if kind in self._options.outside else _QUEUE
            with SetWorkflowID(job_id if attempts == 0 else f"{job_id}.{attempts}"):
                DBOS.enqueue_workflow(queue, self._run, job_id)
            with self._db.transaction() as tx:
                self._jobs.handed_over(tx, job_id, attempts, self._clock())
