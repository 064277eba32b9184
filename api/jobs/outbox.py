"""The jobs' side of the database: what is to be done, how far it is, how it ended.

Knows the `jobs` table. Must not know DBOS: `api.jobs.queue` takes rows from here after commit.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.ids import new_id

METADATA = sa.MetaData()

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("job_id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("owner_account", sa.String(40)),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("error_code", sa.String(64)),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("deaths", sa.Integer, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
)

WORKER_LEASES = sa.Table(
    "worker_leases",
    METADATA,
    sa.Column("executor_id", sa.String(64), primary_key=True),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)


class JobState(StrEnum):
    """`recorded → queued → running → succeeded | failed`; a killed worker's job goes on as running."""

    RECORDED = "recorded"
    """In the table; not yet handed to the queue."""
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in (JobState.SUCCEEDED, JobState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """How far a job is."""

    job_id: str
    kind: str
    payload: Mapping[str, str]
    state: JobState
    owner_account: str | None
    done: int
    total: int
    label: str
    error_code: str | None
    attempts: int
    deaths: int
    """How many workers died while they worked on it."""
    created_at: datetime
    updated_at: datetime


class Jobs:
    """Takes jobs in and tells how far they are; part of `Services`."""

    def enqueue(
        self,
        tx: Tx,
        kind: str,
        payload: Mapping[str, str],
        at: datetime,
        *,
        owner: str | None = None,
        due_at: datetime | None = None,
    ) -> str:
        """Record a job in the caller's transaction; it runs after commit, at least once.

        Args:
            tx: the use-case's transaction: no commit, no job.
            kind: a kind registered in `api.worker`.
            payload: ids only, never personal data.
            at: now.
            owner: the account that may follow the job; None: every officer.
            due_at: not before this moment; None: now.

        Returns:
            The job's id, `job_…`.
        """
        job_id = new_id("job", at)
        tx.execute(
            JOBS.insert().values(
                job_id=job_id,
                kind=kind,
                payload=json.dumps(dict(payload), sort_keys=True),
                state=JobState.RECORDED.value,
                owner_account=owner,
                done=0,
                total=0,
                label="",
                attempts=0,
                deaths=0,
                due_at=to_micros(due_at or at),
                created_at=to_micros(at),
                updated_at=to_micros(at),
            )
        )
        return job_id

    def find(self, tx: Tx, job_id: str) -> JobStatus | None:
        """How far the job of that id is."""
        row = tx.execute(sa.select(JOBS).where(JOBS.c.job_id == job_id)).one_or_none()
        if row is None:
            return None
        return JobStatus(
            job_id=row.job_id,
            kind=row.kind,
            payload=json.loads(row.payload),
            state=JobState(row.state),
            owner_account=row.owner_account,
            done=row.done,
            total=row.total,
            label=row.label,
            error_code=row.error_code,
            attempts=row.attempts,
            deaths=row.deaths,
            created_at=from_micros(row.created_at),
            updated_at=from_micros(row.updated_at),
        )

    def waiting(self, tx: Tx, at: datetime, limit: int = 100) -> tuple[tuple[str, str, int], ...]:
        """Ids, kinds and attempts of jobs that are due and not yet handed to the queue, oldest first."""
        rows = tx.execute(
            sa.select(JOBS.c.job_id, JOBS.c.kind, JOBS.c.attempts)
            .where(JOBS.c.state == JobState.RECORDED.value, JOBS.c.due_at <= to_micros(at))
            .order_by(JOBS.c.due_at, JOBS.c.job_id)
            .limit(limit)
        )
        return tuple((row.job_id, row.kind, row.attempts) for row in rows)

    def handed_over(self, tx: Tx, job_id: str, attempts: int, at: datetime) -> None:
        """The queue has this attempt. A quick worker may have made it already: then the row stays as it is."""
        tx.execute(
            JOBS.update()
            .where(
                JOBS.c.job_id == job_id,
                JOBS.c.state == JobState.RECORDED.value,
                JOBS.c.attempts == attempts,
            )
            .values(state=JobState.QUEUED.value, updated_at=to_micros(at))
        )

    def begin(self, tx: Tx, job_id: str, at: datetime) -> JobStatus | None:
        """An attempt begins; None when the job has ended."""
        self._set(tx, job_id, at, only=_OPEN, state=JobState.RUNNING.value, attempts=JOBS.c.attempts + 1)
        job = self.find(tx, job_id)
        return None if job is None or job.state.is_final else job

    def progress(self, tx: Tx, job_id: str, *, done: int, total: int, label: str, at: datetime) -> None:
        """How far the body is; `label` is a short code of the stage."""
        self._set(tx, job_id, at, only=(JobState.RUNNING,), done=done, total=total, label=label[:64])

    def postpone(self, tx: Tx, job_id: str, error_code: str, *, due_at: datetime, at: datetime) -> None:
        """Try again later."""
        self._set(
            tx,
            job_id,
            at,
            only=(JobState.RUNNING,),
            state=JobState.RECORDED.value,
            error_code=error_code,
            due_at=to_micros(due_at),
        )

    def end(self, tx: Tx, job_id: str, state: JobState, error_code: str | None, at: datetime) -> None:
        """It is over."""
        self._set(tx, job_id, at, only=_OPEN, state=state.value, error_code=error_code)

    def count_deaths(self, tx: Tx, job_ids: list[str]) -> None:
        """A worker died with these in its hands."""
        tx.execute(JOBS.update().where(JOBS.c.job_id.in_(job_ids)).values(deaths=JOBS.c.deaths + 1))

    def _set(self, tx: Tx, job_id: str, at: datetime, *, only: tuple[JobState, ...], **values: object) -> None:
        tx.execute(
            JOBS.update()
            .where(JOBS.c.job_id == job_id, JOBS.c.state.in_([state.value for state in only]))
            .values(updated_at=to_micros(at), **values)
        )


_OPEN: Final = (JobState.RECORDED, JobState.QUEUED, JobState.RUNNING)
