"""Administrative procedures by version: their components, result types and deadline.

Knows what a procedure asks for. Must not know dossiers or documents.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound
from api.records.tables import PROCEDURES


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One paper or file that the procedure asks for."""

    type_code: str
    name: str
    mandatory: bool = True
    originals: int = 1
    copies: int = 0
    exempt_from_scan: bool = False
    accepted_grade: str = "B"
    """The lowest grade that a stored document needs to be reused here: A, B, C or D (model §1)."""
    substitute_result_codes: tuple[str, ...] = ()
    """Result types that may stand in for the component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One version of one procedure."""

    procedure_code: str
    version: int
    name: str
    valid_from: datetime
    valid_to: datetime | None = None
    deadline_days: int
    """Working days from reception to the result."""
    components: tuple[Component, ...]
    result_types: tuple[str, ...]

    def component(self, type_code: str) -> Component | None:
        """The component of that type, itself or through a result that substitutes for it."""
        for one in self.components:
            if type_code == one.type_code or type_code in one.substitute_result_codes:
                return one
        return None


class Procedures:
    """Procedures in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def in_force(self, procedure_code: str, at: datetime) -> Procedure:
        """The version that applies at that moment.

        Raises:
            NotFound: there is none.
        """
        columns = PROCEDURES.c
        row = self._tx.execute(
            sa.select(PROCEDURES)
            .where(
                columns.procedure_code == procedure_code,
                columns.valid_from <= to_micros(at),
                sa.or_(columns.valid_to.is_(None), columns.valid_to > to_micros(at)),
            )
            .order_by(columns.version.desc())
            .limit(1)
        ).one_or_none()
        return _found(row)

    def version(self, procedure_code: str, version: int) -> Procedure:
        """A version by number: a dossier keeps the one it was received under.

        Raises:
            NotFound: there is none.
        """
        row = self._tx.execute(
            sa.select(PROCEDURES).where(PROCEDURES.c.procedure_code == procedure_code, PROCEDURES.c.version == version)
        ).one_or_none()
        return _found(row)

    def add(self, procedure: Procedure) -> None:
        """Record a version."""
        self._tx.execute(
            PROCEDURES.insert().values(
                procedure_code=procedure.procedure_code,
                version=procedure.version,
                name=procedure.name,
                valid_from=to_micros(procedure.valid_from),
                valid_to=None if procedure.valid_to is None else to_micros(procedure.valid_to),
                deadline_days=procedure.deadline_days,
                components=json.dumps([asdict(one) for one in procedure.components], ensure_ascii=False),
                result_types=json.dumps(procedure.result_types),
            )
        )


def _found(row: sa.Row[tuple[object, ...]] | None) -> Procedure:
    if row is None:
        raise NotFound("Không có thủ tục này.", "There is no such procedure.")
    components = tuple(
        Component(**{**one, "substitute_result_codes": tuple(one["substitute_result_codes"])})
        for one in json.loads(row.components)
    )
    return Procedure(
        procedure_code=row.procedure_code,
        version=row.version,
        name=row.name,
        valid_from=from_micros(row.valid_from),
        valid_to=None if row.valid_to is None else from_micros(row.valid_to),
        deadline_days=row.deadline_days,
        components=components,
        result_types=tuple(json.loads(row.result_types)),
    )
