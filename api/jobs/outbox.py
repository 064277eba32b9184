"""The jobs' side of the database: what is to be done, how far it is, how it ended.

Knows the `jobs` table. Must not know DBOS: `api.jobs.queue` takes rows from here after commit.
"""

import json
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from api.db import Tx, to_micros
from api.ids import new_id

METADATA = sa.MetaData()

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
)


class Jobs:
    """Takes jobs in; part of `Services`."""

    def enqueue(self, tx: Tx, kind: str, payload: Mapping[str, str], at: datetime) -> str:
        """Record a job in the caller's transaction; it runs after commit, at least once.

        Args:
            tx: the use-case's transaction: no commit, no job.
            kind: a kind registered in `api.worker`.
            payload: ids only, never personal data.
            at: now.

        Returns:
            The job's id, `job_…`.
        """
        job_id = new_id("job", at)
        tx.execute(
            JOBS.insert().values(
                id=job_id,
                kind=kind,
                payload=json.dumps(dict(payload), sort_keys=True),
                state="queued",
                created_at=to_micros(at),
            )
        )
        return job_id
