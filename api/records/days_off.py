"""Public holidays, as the calendar of each year announces them; weekends are not listed.

Knows days. Must not know what is counted in working days: that is `api.working_days`.
"""

from datetime import date

import sqlalchemy as sa

from api.db import Tx
from api.records.tables import METADATA

DAYS_OFF = sa.Table(
    "days_off",
    METADATA,
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("name", sa.String(128), nullable=False),
)


class DaysOff:
    """Public holidays in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def between(self, first: date, last: date) -> frozenset[date]:
        """The listed holidays from `first` to `last`, both included."""
        days = DAYS_OFF.c
        rows = self._tx.execute(
            sa.select(days.day).where(days.day >= first.isoformat(), days.day <= last.isoformat())
        ).scalars()
        return frozenset(map(date.fromisoformat, rows))

    def page(self, year: int) -> tuple[tuple[date, str], ...]:
        """The listed holidays of a year with their names, in order."""
        rows = self._tx.execute(
            sa.select(DAYS_OFF).where(DAYS_OFF.c.day.like(f"{year:04d}-%")).order_by(DAYS_OFF.c.day)
        )
        return tuple((date.fromisoformat(row.day), row.name) for row in rows)

    def put(self, day: date, name: str) -> None:
        """List a holiday; listing it again renames it."""
        self.drop(day)
        self._tx.execute(DAYS_OFF.insert().values(day=day.isoformat(), name=name))

    def drop(self, day: date) -> bool:
        """Take a holiday off the list; False when it was not on it."""
        return self._tx.execute(DAYS_OFF.delete().where(DAYS_OFF.c.day == day.isoformat())).rowcount == 1
