"""Dossiers: one application of one applicant for one procedure, with its code.

Knows dossiers and their code series. Must not know documents or results.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound
from api.records.tables import DOSSIER_SERIES, DOSSIERS
from api.vietnam_time import VIETNAM


class Channel(StrEnum):
    """How the dossier came in."""

    ONLINE = "online"
    COUNTER = "counter"
    POST = "post"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One application."""

    dossier_id: str
    code: str
    """`<org>-<yymmdd>-<seq>`, the day in Vietnam."""
    procedure_code: str
    procedure_version: int
    applicant_subject_id: str
    org_code: str
    channel: Channel
    state: str
    received_at: datetime
    due_at: datetime
    received_by: str
    """Account of the officer, or of the citizen who filed online."""
    custodian_org: str | None = None
    """The agency that took it over when the one it was filed with ended (I32)."""

    @property
    def handled_by(self) -> str:
        """The agency that decides it now."""
        return self.custodian_org or self.org_code


class Dossiers:
    """Dossiers in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, dossier_id: str) -> Dossier | None:
        """The dossier of that id."""
        row = self._tx.execute(sa.select(DOSSIERS).where(DOSSIERS.c.dossier_id == dossier_id)).one_or_none()
        return None if row is None else _dossier(row)

    def get(self, dossier_id: str) -> Dossier:
        """The dossier of that id.

        Raises:
            NotFound: there is none.
        """
        found = self.find(dossier_id)
        if found is None:
            raise NotFound("Không có hồ sơ này.", "There is no such dossier.")
        return found

    def next_code(self, org_code: str, at: datetime) -> str:
        """The next code of the agency's day; taken for good when the transaction commits."""
        day = at.astimezone(VIETNAM).strftime("%y%m%d")
        insert = postgresql.insert if self._tx.dialect.name == "postgresql" else sqlite.insert
        # one statement starts the day's series or moves it on; a second writer waits for the first
        taken = self._tx.execute(
            insert(DOSSIER_SERIES)
            .values(org_code=org_code, day=day, last=1)
            .on_conflict_do_update(index_elements=["org_code", "day"], set_={"last": DOSSIER_SERIES.c.last + 1})
            .returning(DOSSIER_SERIES.c.last)
        ).scalar_one()
        return f"{org_code}-{day}-{taken:04d}"

    def add(self, dossier: Dossier) -> None:
        """Record a received dossier."""
        self._tx.execute(
            DOSSIERS.insert().values(
                dossier_id=dossier.dossier_id,
                code=dossier.code,
                procedure_code=dossier.procedure_code,
                procedure_version=dossier.procedure_version,
                applicant_subject_id=dossier.applicant_subject_id,
                org_code=dossier.org_code,
                channel=dossier.channel.value,
                state=dossier.state,
                received_at=to_micros(dossier.received_at),
                due_at=to_micros(dossier.due_at),
                received_by=dossier.received_by,
                custodian_org=dossier.custodian_org,
            )
        )

    def move_custody(self, *, from_org: str, to_org: str) -> int:
        """Give everything that an agency handles to its successor; how many. Codes and filing stay as they are."""
        columns = DOSSIERS.c
        moved = self._tx.execute(
            DOSSIERS.update()
            .where(sa.func.coalesce(columns.custodian_org, columns.org_code) == from_org)
            .values(custodian_org=to_org)
        )
        return moved.rowcount


def _dossier(row: sa.Row[tuple[object, ...]]) -> Dossier:
    return Dossier(
        dossier_id=row.dossier_id,
        code=row.code,
        procedure_code=row.procedure_code,
        procedure_version=row.procedure_version,
        applicant_subject_id=row.applicant_subject_id,
        org_code=row.org_code,
        channel=Channel(row.channel),
        state=row.state,
        received_at=from_micros(row.received_at),
        due_at=from_micros(row.due_at),
        received_by=row.received_by,
        custodian_org=row.custodian_org,
    )
