"""The register of document numbers: one series per agency, year and symbol.

Knows that a number is reserved before the page is rendered and is then either used or voided with a reason, so that
the register has no gap that it cannot explain (Decree 30/2020 Art. 15; model.md I13). It does not know what stands on
the document.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NumberNotReserved

METADATA = sa.MetaData()

NUMBER_SERIES = sa.Table(
    "number_series",
    METADATA,
    sa.Column("org_code", sa.String(35), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("symbol", sa.String(40), primary_key=True),
    sa.Column("last_number", sa.Integer, nullable=False),
)

NUMBER_ENTRIES = sa.Table(
    "number_entry",
    METADATA,
    sa.Column("org_code", sa.String(35), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True),
    sa.Column("symbol", sa.String(40), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("result_id", sa.String(40), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("document_date", sa.String(10), nullable=False),  # ISO 8601, Vietnamese calendar day
    sa.Column("reason", sa.String(500)),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("reserved_by", sa.String(40)),
    sa.Column("reserved_at", sa.BigInteger),
    sa.Column("changed_by", sa.String(40)),
    sa.Index("ix_number_entry_result", "result_id"),
)


class NumberState(StrEnum):
    """What became of a number; ``USED`` and ``VOID`` are final."""

    RESERVED = "reserved"
    USED = "used"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberEntry:
    """One line of the register."""

    org_code: str
    year: int
    symbol: str
    number: int
    result_id: str
    state: NumberState
    document_date: date
    """The date printed beside the number; Vietnamese calendar day."""
    reason: str | None
    changed_at: datetime
    reserved_by: str | None = None
    """Person or account; None for rows of before this was kept."""
    reserved_at: datetime | None = None
    changed_by: str | None = None
    """Who used or voided it; the service itself when the day ended."""

    @property
    def text(self) -> str:
        """The number as printed, e.g. ``27/TLKS-UBND``; below ten with a leading zero (Decree 30/2020 annex I)."""
        return f"{self.number:02d}/{self.symbol}"


class NumberRegister:
    """The register inside one transaction."""

    def __init__(self, tx: Tx) -> None:
        """Work inside ``tx``; nothing is committed here."""
        self._tx = tx

    def reserve(
        self,
        *,
        org_code: str,
        symbol: str,
        result_id: str,
        document_date: date,
        at: datetime,
        by: str | None = None,
    ) -> NumberEntry:
        """Take the next number of the series; concurrent callers each get their own (I13)."""
        year = document_date.year
        number = self._advance(org_code, year, symbol)
        self._tx.execute(
            NUMBER_ENTRIES.insert().values(
                org_code=org_code,
                year=year,
                symbol=symbol,
                number=number,
                result_id=result_id,
                state=NumberState.RESERVED,
                document_date=document_date.isoformat(),
                reason=None,
                changed_at=to_micros(at),
                reserved_by=by,
                reserved_at=to_micros(at),
            )
        )
        return self.reserved_for(result_id)

    def _advance(self, org_code: str, year: int, symbol: str) -> int:
        series = (
            (NUMBER_SERIES.c.org_code == org_code) & (NUMBER_SERIES.c.year == year) & (NUMBER_SERIES.c.symbol == symbol)
        )
        # The row of the series is the lock: an UPDATE … RETURNING gives each transaction another number.
        step = NUMBER_SERIES.update().where(series).values(last_number=NUMBER_SERIES.c.last_number + 1)
        taken = self._tx.execute(step.returning(NUMBER_SERIES.c.last_number)).scalar_one_or_none()
        if taken is not None:
            return int(taken)
        # A new year or a new symbol starts at one (Decree 30/2020 Art. 15). Two first callers: one of the inserts waits
        # for the other and then finds its row.
        self._tx.execute(
            sa.text(
                "INSERT INTO number_series (org_code, year, symbol, last_number)"
                " VALUES (:o, :y, :s, 0) ON CONFLICT DO NOTHING"
            ),
            {"o": org_code, "y": year, "s": symbol},
        )
        return int(self._tx.execute(step.returning(NUMBER_SERIES.c.last_number)).scalar_one())

    def reserved_for(self, result_id: str) -> NumberEntry:
        """The entry that ``result_id`` holds reserved.

        Raises:
            NumberNotReserved: it holds none, or it was used or voided.
        """
        row = (
            self._tx.execute(
                NUMBER_ENTRIES.select().where(
                    NUMBER_ENTRIES.c.result_id == result_id, NUMBER_ENTRIES.c.state == NumberState.RESERVED
                )
            )
            .mappings()
            .one_or_none()
        )
        if row is None:
            raise NumberNotReserved
        return _entry(row)

    def use(self, result_id: str, at: datetime, *, by: str | None = None) -> None:
        """Mark the reserved number of ``result_id`` as used: its document is signed by person and agency."""
        self._close(result_id, NumberState.USED, None, at, by)

    def void(self, result_id: str, reason: str, at: datetime, *, by: str | None = None) -> None:
        """Give the reserved number of ``result_id`` up for ever; the reason explains the gap (S04)."""
        self._close(result_id, NumberState.VOID, reason, at, by)

    def _close(self, result_id: str, state: NumberState, reason: str | None, at: datetime, by: str | None) -> None:
        changed = self._tx.execute(
            NUMBER_ENTRIES.update()
            .where(NUMBER_ENTRIES.c.result_id == result_id, NUMBER_ENTRIES.c.state == NumberState.RESERVED)
            .values(state=state, reason=reason, changed_at=to_micros(at), changed_by=by)
        )
        if changed.rowcount != 1:
            raise NumberNotReserved

    def reserved_by(self, org_code: str) -> tuple[NumberEntry, ...]:
        """What an agency has reserved and neither used nor voided, in all its series."""
        rows = self._tx.execute(
            NUMBER_ENTRIES.select()
            .where(NUMBER_ENTRIES.c.org_code == org_code, NUMBER_ENTRIES.c.state == NumberState.RESERVED)
            .order_by(NUMBER_ENTRIES.c.year, NUMBER_ENTRIES.c.symbol, NUMBER_ENTRIES.c.number)
        )
        return tuple(_entry(row) for row in rows.mappings())

    def lapsed(self, today: date, limit: int) -> tuple[NumberEntry, ...]:
        """Reservations whose printed day has ended, oldest first."""
        rows = self._tx.execute(
            NUMBER_ENTRIES.select()
            .where(
                NUMBER_ENTRIES.c.state == NumberState.RESERVED,
                NUMBER_ENTRIES.c.document_date < today.isoformat(),  # ISO 8601 days sort as texts
            )
            .order_by(NUMBER_ENTRIES.c.document_date, NUMBER_ENTRIES.c.org_code, NUMBER_ENTRIES.c.number)
            .limit(limit)
        )
        return tuple(_entry(row) for row in rows.mappings())

    def entries(
        self, org_code: str, year: int, symbol: str, *, after: int = 0, limit: int | None = None
    ) -> tuple[NumberEntry, ...]:
        """The register of one series in order, behind the number ``after``."""
        rows = self._tx.execute(
            NUMBER_ENTRIES.select()
            .where(
                NUMBER_ENTRIES.c.org_code == org_code,
                NUMBER_ENTRIES.c.year == year,
                NUMBER_ENTRIES.c.symbol == symbol,
                NUMBER_ENTRIES.c.number > after,
            )
            .order_by(NUMBER_ENTRIES.c.number)
            .limit(limit)
        )
        return tuple(_entry(row) for row in rows.mappings())


def _entry(row: sa.RowMapping) -> NumberEntry:
    return NumberEntry(
        org_code=row["org_code"],
        year=row["year"],
        symbol=row["symbol"],
        number=row["number"],
        result_id=row["result_id"],
        state=NumberState(row["state"]),
        document_date=date.fromisoformat(row["document_date"]),
        reason=row["reason"],
        changed_at=from_micros(row["changed_at"]),
        reserved_by=row["reserved_by"],
        reserved_at=None if row["reserved_at"] is None else from_micros(row["reserved_at"]),
        changed_by=row["changed_by"],
    )
