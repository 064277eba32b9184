"""Leases of worker processes: who is alive, and whose work another may take over.

Knows the `worker_leases` table. Must not know jobs.
"""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite

from api.db import Tx, to_micros
from api.jobs.outbox import WORKER_LEASES


class Leases:
    """Leases in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def extend(self, executor_id: str, until: datetime) -> None:
        """Hold the lease until then, new or again."""
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        self._tx.execute(
            insert(WORKER_LEASES)
            .values(executor_id=executor_id, expires_at=to_micros(until))
            .on_conflict_do_update(index_elements=["executor_id"], set_={"expires_at": to_micros(until)})
        )

    def claim_expired(self, at: datetime, *, until: datetime, but: str) -> tuple[str, ...]:
        """The executors whose lease ran out, given to one claimant only.

        The row stays until `drop`, with a new end: a claimant that dies leaves them to the next one.
        """
        leases = WORKER_LEASES.c
        rows = self._tx.execute(
            WORKER_LEASES.update()
            .where(leases.expires_at <= to_micros(at), leases.executor_id != but)
            .values(expires_at=to_micros(until))
            .returning(leases.executor_id)
        )
        return tuple(row.executor_id for row in rows)

    def drop(self, executor_id: str) -> None:
        """Forget an executor: nothing of its work is left."""
        self._tx.execute(WORKER_LEASES.delete().where(WORKER_LEASES.c.executor_id == executor_id))
