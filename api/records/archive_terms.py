"""Until when the time-stamps of each stored document protect it, and how its renewals went.

Knows one row for each document that was looked at. Must not know documents' contents or how they are renewed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from api.db import Tx, from_micros, to_micros
from api.records.tables import METADATA

ARCHIVE_TERMS: Final = sa.Table(
    "archive_terms",
    METADATA,
    sa.Column("document_id", sa.String(40), primary_key=True),
    sa.Column("policy_id", sa.String(64), nullable=False),
    sa.Column("until", sa.BigInteger),
    sa.Column("tokens", sa.Integer, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("examined_at", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error_code", sa.String(64)),
    sa.Column("not_before", sa.BigInteger, nullable=False),
    sa.Column("alarmed_at", sa.BigInteger),
    sa.Index("ix_archive_terms_until", "until"),
)
_T: Final = ARCHIVE_TERMS.c


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTerm:
    """What is known of one document."""

    document_id: str
    policy_id: str
    """The policy whose ends of algorithms were looked at; another one in force: it is looked at again."""
    until: datetime | None
    """Before this moment it needs another time-stamp; None: nothing in it is time-stamped."""
    tokens: int
    """Document time-stamps in it: 0 is not archived yet (B-LT)."""
    generation: int
    """Of the archive file; 0: only the original."""
    examined_at: datetime
    attempts: int = 0
    """Renewals in vain since the last good one."""
    error_code: str | None = None
    not_before: datetime
    """Not tried again sooner."""
    alarmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which documents are due."""

    before: datetime
    """Protected no longer than until then."""
    unarchived: bool
    """Also those without any document time-stamp."""


class ArchiveTerms:
    """The rows in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, term: ArchiveTerm) -> None:
        """Store what was found out, in place of what was known."""
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        values = _values(term)
        self._tx.execute(
            insert(ARCHIVE_TERMS).values(values).on_conflict_do_update(index_elements=["document_id"], set_=values)
        )

    def known(self, document_ids: tuple[str, ...]) -> frozenset[str]:
        """Which of these were looked at."""
        rows = self._tx.execute(sa.select(_T.document_id).where(_T.document_id.in_(document_ids)))
        return frozenset(rows.scalars())

    def last_id(self) -> str:
        """The newest document that was looked at; empty: none."""
        found: str | None = self._tx.execute(sa.select(sa.func.max(_T.document_id))).scalar_one()
        return found or ""

    def outdated(self, policy_id: str, *, limit: int) -> tuple[str, ...]:
        """Documents that were looked at under another policy."""
        rows = self._tx.execute(
            sa.select(_T.document_id).where(_T.policy_id != policy_id).order_by(_T.document_id).limit(limit)
        )
        return tuple(rows.scalars())

    def due(self, wanted: Wanted, *, limit: int, at: datetime | None = None) -> tuple[ArchiveTerm, ...]:
        """Documents that need a time-stamp, the most urgent first; with ``at``, only those that may be tried then."""
        statement = sa.select(ARCHIVE_TERMS).where(_is_due(wanted)).order_by(_T.until, _T.document_id).limit(limit)
        if at is not None:
            statement = statement.where(_T.not_before <= to_micros(at))
        return tuple(_term(row) for row in self._tx.execute(statement))

    def to_alarm(self, *, attempts: int, limit: int) -> tuple[ArchiveTerm, ...]:
        """Documents that could not be renewed so often, and that nobody was told of."""
        statement = (
            sa.select(ARCHIVE_TERMS)
            .where(_T.attempts >= attempts, _T.alarmed_at.is_(None))
            .order_by(_T.until, _T.document_id)
            .limit(limit)
        )
        return tuple(_term(row) for row in self._tx.execute(statement))

    def counts(self, wanted: Wanted) -> tuple[int, int, int]:
        """How many were looked at, how many are due, and how many of them could not be renewed."""
        one = sa.func.count()
        looked_at = self._tx.execute(sa.select(one).select_from(ARCHIVE_TERMS)).scalar_one()
        due = self._tx.execute(sa.select(one).where(_is_due(wanted))).scalar_one()
        failing = self._tx.execute(sa.select(one).where(_is_due(wanted), _T.attempts > 0)).scalar_one()
        return looked_at, due, failing


def _is_due(wanted: Wanted) -> sa.ColumnElement[bool]:
    soon = _T.until <= to_micros(wanted.before)
    return sa.and_(_T.until.is_not(None), sa.or_(soon, _T.tokens == 0) if wanted.unarchived else soon)


def _values(term: ArchiveTerm) -> dict[str, object]:
    return {
        "document_id": term.document_id,
        "policy_id": term.policy_id,
        "until": None if term.until is None else to_micros(term.until),
        "tokens": term.tokens,
        "generation": term.generation,
        "examined_at": to_micros(term.examined_at),
        "attempts": term.attempts,
        "error_code": term.error_code,
        "not_before": to_micros(term.not_before),
        "alarmed_at": None if term.alarmed_at is None else to_micros(term.alarmed_at),
    }


def _term(row: sa.Row[tuple[object, ...]]) -> ArchiveTerm:
    return ArchiveTerm(
        document_id=row.document_id,
        policy_id=row.policy_id,
        until=None if row.until is None else from_micros(row.until),
        tokens=row.tokens,
        generation=row.generation,
        examined_at=from_micros(row.examined_at),
        attempts=row.attempts,
        error_code=row.error_code,
        not_before=from_micros(row.not_before),
        alarmed_at=None if row.alarmed_at is None else from_micros(row.alarmed_at),
    )
