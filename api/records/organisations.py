"""Organisation units, valid in time, with their successors.

Knows the tree of units. Must not know certificates or people. A closed code is never given again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, OrganisationClosed
from api.records.tables import ORGANISATIONS

_LONGEST_SUCCESSION: Final = 12
"""No unit merges more often; a loop in the data ends here."""


class OrgLevel(StrEnum):
    """Where a unit stands in the province."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT_HIST = "district_hist"
    COMMUNE = "commune"
    CENTRE = "centre"
    SCHOOL = "school"


class OrgStatus(StrEnum):
    """`ACTIVE → MERGING → CLOSED` (model §3.5)."""

    ACTIVE = "active"
    MERGING = "merging"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgUnit:
    """One agency, centre or school."""

    org_code: str
    """Decision 20/2020: at most 35 characters."""
    name: str
    level: OrgLevel
    parent_code: str | None
    valid_from: datetime
    valid_to: datetime | None = None
    """First moment at which the unit no longer exists."""
    status: OrgStatus = OrgStatus.ACTIVE
    successor_code: str | None = None
    merger_act: str | None = None

    def works_at(self, at: datetime) -> bool:
        """Whether the unit exists at that moment; one that will merge still works."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


class Organisations:
    """Organisation units in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, org_code: str) -> OrgUnit | None:
        """The unit of that code, whatever its state."""
        row = self._tx.execute(sa.select(ORGANISATIONS).where(ORGANISATIONS.c.org_code == org_code)).one_or_none()
        return None if row is None else _unit(row)

    def get(self, org_code: str) -> OrgUnit:
        """The unit of that code.

        Raises:
            NotFound: there is none.
        """
        unit = self.find(org_code)
        if unit is None:
            raise NotFound("Không có đơn vị này.", "There is no such organisation unit.")
        return unit

    def require_working(self, org_code: str, at: datetime) -> OrgUnit:
        """The unit, when it exists at that moment.

        Raises:
            NotFound: there is none. OrganisationClosed: not yet or no longer; names the successor.
        """
        unit = self.get(org_code)
        if not unit.works_at(at) or unit.status is OrgStatus.CLOSED:
            heir = unit.successor_code
            raise OrganisationClosed(
                f"Đơn vị kế thừa: {heir}." if heir else "", f"The successor is {heir}." if heir else ""
            )
        return unit

    def children(self, org_code: str) -> tuple[OrgUnit, ...]:
        """The units directly below, by code."""
        rows = self._tx.execute(
            sa.select(ORGANISATIONS).where(ORGANISATIONS.c.parent_code == org_code).order_by(ORGANISATIONS.c.org_code)
        )
        return tuple(_unit(row) for row in rows)

    def add(self, unit: OrgUnit) -> None:
        """Record a unit; its parent and successor are recorded already."""
        self._tx.execute(
            ORGANISATIONS.insert().values(
                org_code=unit.org_code,
                name=unit.name,
                level=unit.level.value,
                parent_code=unit.parent_code,
                valid_from=to_micros(unit.valid_from),
                valid_to=None if unit.valid_to is None else to_micros(unit.valid_to),
                status=unit.status.value,
                successor_code=unit.successor_code,
                merger_act=unit.merger_act,
            )
        )

    def heir_of(self, org_code: str) -> str:
        """The agency that goes on with a unit's work: the unit itself while it is not closed."""
        for _ in range(_LONGEST_SUCCESSION):
            unit = self.find(org_code)
            if unit is None or unit.status is not OrgStatus.CLOSED or unit.successor_code is None:
                break
            org_code = unit.successor_code
        return org_code

    def announce_merger(
        self, org_code: str, *, successor: str | None, act: str | None, ends_at: datetime | None
    ) -> None:
        """Say when a unit ends and who follows it (ACTIVE → MERGING), or, without an end, that it goes on."""
        self._tx.execute(
            ORGANISATIONS.update()
            .where(ORGANISATIONS.c.org_code == org_code, ORGANISATIONS.c.status != OrgStatus.CLOSED.value)
            .values(
                status=(OrgStatus.ACTIVE if successor is None else OrgStatus.MERGING).value,
                successor_code=successor,
                merger_act=act,
                valid_to=None if ends_at is None else to_micros(ends_at),
            )
        )

    def close(self, org_code: str) -> None:
        """End a merging unit for good; its code is never given again (the row stays)."""
        self._tx.execute(
            ORGANISATIONS.update()
            .where(ORGANISATIONS.c.org_code == org_code, ORGANISATIONS.c.status == OrgStatus.MERGING.value)
            .values(status=OrgStatus.CLOSED.value)
        )


def _unit(row: sa.Row[tuple[object, ...]]) -> OrgUnit:
    return OrgUnit(
        org_code=row.org_code,
        name=row.name,
        level=OrgLevel(row.level),
        parent_code=row.parent_code,
        valid_from=from_micros(row.valid_from),
        valid_to=None if row.valid_to is None else from_micros(row.valid_to),
        status=OrgStatus(row.status),
        successor_code=row.successor_code,
        merger_act=row.merger_act,
    )
