"""What still lacks a time-stamp or evidence: since when, how often it was tried, who was told (I17, S25).

Knows one row for each file that is incomplete. Must not know how a file is completed. Holds ids and codes only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from api.db import Tx, from_micros, to_micros
from api.records.tables import METADATA

PENDING_STAMPS: Final = sa.Table(
    "pending_stamps",
    METADATA,
    sa.Column("object_id", sa.String(40), primary_key=True),
    sa.Column("job_kind", sa.String(64), nullable=False),
    sa.Column("job_id", sa.String(40), nullable=False),
    sa.Column("org_code", sa.String(35), nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error_code", sa.String(64), nullable=False),
    sa.Column("tried_at", sa.BigInteger),
    sa.Column("alarmed_at", sa.BigInteger),
    sa.Column("done_at", sa.BigInteger),
    sa.Index("ix_pending_stamps_open", "done_at", "since"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingStamp:
    """One file that waits, or waited until just now."""

    object_id: str
    """The result, annex, digitisation, receipt slip, copy, or preparation of an own document."""
    job_kind: str
    """What completes it."""
    job_id: str
    org_code: str
    """Empty: of what a citizen signed."""
    since: datetime
    attempts: int
    """How often it was tried in vain."""
    error_code: str
    """Why it is incomplete, and later why the last try failed."""
    tried_at: datetime | None
    alarmed_at: datetime | None
    done_at: datetime | None

    @property
    def lacks_status(self) -> bool:
        """Whether it waits for evidence of the certificates' status."""
        return self.error_code == "EVIDENCE_UNAVAILABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """All that waits."""

    count: int
    oldest: datetime | None
    alarmed: int
    """Of those, how many an alarm named."""


class PendingStamps:
    """The rows in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def open(self, object_id: str, *, job_kind: str, job_id: str, org_code: str, error_code: str, at: datetime) -> None:
        """Note that something is missing; what was noted before goes on waiting since then, with the new job."""
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        fresh = {"job_kind": job_kind, "job_id": job_id, "org_code": org_code}
        begun: dict[str, object] = {
            "since": to_micros(at), "attempts": 0, "error_code": error_code, "tried_at": None, "alarmed_at": None,
            "done_at": None,
        }  # fmt: skip
        done = self._tx.execute(
            insert(PENDING_STAMPS).values(object_id=object_id, **fresh, **begun).on_conflict_do_nothing()
        )
        if done.rowcount == 1:
            return
        columns = PENDING_STAMPS.c
        mine = columns.object_id == object_id
        self._tx.execute(PENDING_STAMPS.update().where(mine, columns.done_at.is_not(None)).values(**begun))
        self._tx.execute(PENDING_STAMPS.update().where(mine).values(**fresh))

    def failed(self, object_id: str, error_code: str, at: datetime) -> None:
        """One more try in vain."""
        self._open_row(object_id, attempts=PENDING_STAMPS.c.attempts + 1, error_code=error_code, tried_at=to_micros(at))

    def completed(self, object_id: str, at: datetime) -> None:
        """Nothing is missing any more; who was alarmed is still to be told."""
        self._open_row(object_id, done_at=to_micros(at))

    def given_up(self, object_id: str, at: datetime) -> None:
        """Nothing is waited for any more, and nothing came: there is no all-clear."""
        self._open_row(object_id, done_at=to_micros(at), alarmed_at=None)

    def alarmed(self, object_ids: Iterable[str], at: datetime) -> None:
        """An alarm names them in this transaction."""
        for object_id in object_ids:
            self._open_row(object_id, alarmed_at=to_micros(at))

    def restarted(self, object_id: str, job_id: str) -> None:
        """Another job completes it."""
        self._open_row(object_id, job_id=job_id)

    def forget(self, object_ids: Iterable[str]) -> None:
        """Take finished rows away."""
        columns = PENDING_STAMPS.c
        self._tx.execute(
            PENDING_STAMPS.delete().where(columns.object_id.in_(tuple(object_ids)), columns.done_at.is_not(None))
        )

    def find(self, object_id: str) -> PendingStamp | None:
        """What is missing in this file; None: nothing."""
        columns = PENDING_STAMPS.c
        row = self._tx.execute(
            sa.select(PENDING_STAMPS).where(columns.object_id == object_id, columns.done_at.is_(None))
        ).one_or_none()
        return None if row is None else _pending(row)

    def waiting(self, *, limit: int, after: str = "", org_code: str | None = None) -> tuple[PendingStamp, ...]:
        """Files that wait, by id; of one agency or of all."""
        columns = PENDING_STAMPS.c
        statement = (
            sa.select(PENDING_STAMPS)
            .where(columns.done_at.is_(None), columns.object_id > after)
            .order_by(columns.object_id)
            .limit(limit)
        )
        if org_code is not None:
            statement = statement.where(columns.org_code == org_code)
        return tuple(_pending(row) for row in self._tx.execute(statement))

    def to_alarm(self, *, attempts: int, limit: int) -> tuple[PendingStamp, ...]:
        """Files that were tried so often in vain and that nobody was told of, by agency."""
        columns = PENDING_STAMPS.c
        return self._listed(
            limit, columns.done_at.is_(None), columns.alarmed_at.is_(None), columns.attempts >= attempts
        )

    def finished(self, *, limit: int) -> tuple[PendingStamp, ...]:
        """Files that are complete by now, by agency."""
        return self._listed(limit, PENDING_STAMPS.c.done_at.is_not(None))

    def backlog(self) -> Backlog:
        """How much waits, and since when."""
        columns = PENDING_STAMPS.c
        statement = sa.select(sa.func.count(), sa.func.min(columns.since), sa.func.count(columns.alarmed_at))
        count, oldest, alarmed = self._tx.execute(statement.where(columns.done_at.is_(None))).one()
        return Backlog(count=count, oldest=None if oldest is None else from_micros(oldest), alarmed=alarmed)

    def _listed(self, limit: int, *conditions: sa.ColumnElement[bool]) -> tuple[PendingStamp, ...]:
        columns = PENDING_STAMPS.c
        statement = (
            sa.select(PENDING_STAMPS).where(*conditions).order_by(columns.org_code, columns.object_id).limit(limit)
        )
        return tuple(_pending(row) for row in self._tx.execute(statement))

    def _open_row(self, object_id: str, **values: object) -> None:
        columns = PENDING_STAMPS.c
        self._tx.execute(
            PENDING_STAMPS.update().where(columns.object_id == object_id, columns.done_at.is_(None)).values(**values)
        )


def _pending(row: sa.Row[tuple[object, ...]]) -> PendingStamp:
    return PendingStamp(
        object_id=row.object_id,
        job_kind=row.job_kind,
        job_id=row.job_id,
        org_code=row.org_code,
        since=from_micros(row.since),
        attempts=row.attempts,
        error_code=row.error_code,
        tried_at=None if row.tried_at is None else from_micros(row.tried_at),
        alarmed_at=None if row.alarmed_at is None else from_micros(row.alarmed_at),
        done_at=None if row.done_at is None else from_micros(row.done_at),
    )
