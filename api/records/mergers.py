"""Mergers of agencies: which unit goes, who follows it, from when on, by which act (model §3.5, I32).

Knows the plan and how far it is. Must not know what a merger changes elsewhere: that is `merge_organisations`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, StateConflict
from api.records.tables import METADATA

MERGERS = sa.Table(
    "mergers",
    METADATA,
    sa.Column("merger_id", sa.String(40), primary_key=True),
    sa.Column("closing_org", sa.String(35), sa.ForeignKey("organisations.org_code"), nullable=False),
    sa.Column("successor_org", sa.String(35), sa.ForeignKey("organisations.org_code"), nullable=False),
    sa.Column("act", sa.String(128), nullable=False),
    sa.Column("effective_at", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("requested_by", sa.String(40), nullable=False),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by", sa.String(40)),
    sa.Column("decided_at", sa.BigInteger),
    sa.Column("performed_at", sa.BigInteger),
    sa.Column("figures", sa.Text),
    sa.Column("record_pdf", sa.LargeBinary),
    sa.Index("ix_mergers_closing_org", "closing_org"),
)


class MergerState(StrEnum):
    """`PLANNED → APPROVED → PERFORMED → RECORDED`; `PLANNED | APPROVED → CANCELLED` before the moment."""

    PLANNED = "planned"
    APPROVED = "approved"
    """A second person agreed: the unit is merging, the job waits for the moment."""
    PERFORMED = "performed"
    """The unit is closed, everything has moved; the record is being signed."""
    RECORDED = "recorded"
    """The signed record stands: final."""
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merger:
    """One merger."""

    merger_id: str
    closing_org: str
    successor_org: str
    act: str
    """Number of the resolution that merges them."""
    effective_at: datetime
    """The legal moment: 00:00 of a day in Viet Nam."""
    state: MergerState
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    performed_at: datetime | None = None
    figures: Mapping[str, int] | None = None
    """How much was revoked, voided and moved."""


_PLAIN = ("merger_id", "closing_org", "successor_org", "act", "requested_by", "decided_by")
_TIMES = ("effective_at", "requested_at", "decided_at", "performed_at")


class Mergers:
    """Mergers in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, merger_id: str) -> Merger | None:
        """The merger of that id."""
        row = self._tx.execute(sa.select(MERGERS).where(MERGERS.c.merger_id == merger_id)).mappings().one_or_none()
        return None if row is None else _merger(row)

    def get(self, merger_id: str) -> Merger:
        """The merger of that id.

        Raises:
            NotFound: there is none.
        """
        found = self.find(merger_id)
        if found is None:
            raise NotFound("Không có đợt sáp nhập này.", "There is no such merger.")
        return found

    def open_for(self, org_codes: tuple[str, ...]) -> tuple[Merger, ...]:
        """Mergers planned or approved that close or enlarge one of these units."""
        columns = MERGERS.c
        rows = self._tx.execute(
            sa.select(MERGERS).where(
                columns.state.in_((MergerState.PLANNED.value, MergerState.APPROVED.value)),
                sa.or_(columns.closing_org.in_(org_codes), columns.successor_org.in_(org_codes)),
            )
        )
        return tuple(_merger(row) for row in rows.mappings())

    def unfinished(self, at: datetime) -> tuple[str, ...]:
        """Ids of mergers whose moment has come and whose record does not stand yet, oldest first."""
        columns = MERGERS.c
        rows = self._tx.execute(
            sa.select(columns.merger_id)
            .where(
                columns.state.in_((MergerState.APPROVED.value, MergerState.PERFORMED.value)),
                columns.effective_at <= to_micros(at),
            )
            .order_by(columns.effective_at, columns.merger_id)
        )
        return tuple(rows.scalars())

    def add(self, merger: Merger) -> None:
        """Record a plan."""
        self._tx.execute(MERGERS.insert().values(_row(merger)))

    def move(self, merger: Merger, **changes: object) -> Merger:
        """Store the changes of a merger that still stands as it was read.

        Raises:
            StateConflict: somebody else moved it meanwhile.
        """
        changed = replace(merger, **changes)  # type: ignore[arg-type] # names and types are the dataclass's own
        done = self._tx.execute(
            MERGERS.update()
            .where(MERGERS.c.merger_id == merger.merger_id, MERGERS.c.state == merger.state.value)
            .values(_row(changed))
        )
        if done.rowcount != 1:
            raise StateConflict
        return changed

    def keep_record(self, merger_id: str, pdf: bytes) -> None:
        """Keep the signed record."""
        self._tx.execute(MERGERS.update().where(MERGERS.c.merger_id == merger_id).values(record_pdf=pdf))

    def record_of(self, merger_id: str) -> bytes | None:
        """The signed record, once there is one."""
        pdf: bytes | None = self._tx.execute(
            sa.select(MERGERS.c.record_pdf).where(MERGERS.c.merger_id == merger_id)
        ).scalar_one_or_none()
        return pdf


def _row(merger: Merger) -> dict[str, object]:
    times = {name: getattr(merger, name) for name in _TIMES}
    return (
        {name: getattr(merger, name) for name in _PLAIN}
        | {name: None if at is None else to_micros(at) for name, at in times.items()}
        | {
            "state": merger.state.value,
            "figures": None if merger.figures is None else json.dumps(dict(merger.figures), sort_keys=True),
        }
    )


def _merger(row: sa.RowMapping) -> Merger:

    def moment(name: str) -> datetime | None:
        return None if row[name] is None else from_micros(row[name])

    return Merger(
        **{name: row[name] for name in _PLAIN},
        effective_at=from_micros(row["effective_at"]),
        requested_at=from_micros(row["requested_at"]),
        decided_at=moment("decided_at"),
        performed_at=moment("performed_at"),
        state=MergerState(row["state"]),
        figures=None if row["figures"] is None else json.loads(row["figures"]),
    )
