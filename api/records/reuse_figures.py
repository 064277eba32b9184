"""Counts behind the reuse rates: dossiers received in a period, what they reused, what the vault could have served.

Knows dossiers, procedures, documents and reuse events as rows. Must not know rates: `vault.reuse` defines them.
Reads by batches of dossiers, so that memory does not grow with the province.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.records.procedures import Component, Procedures
from api.records.tables import DOSSIERS, PEOPLE
from api.vietnam_time import VIETNAM
from vault.catalogue_sql.tables import DOCUMENTS, REUSES
from vault.model import Grade
from vault.reuse import NO_FIGURES, ReuseFigures

_BATCH: Final = 500


class Grouping(StrEnum):
    """By what the figures are sliced."""

    NONE = "none"
    UNIT = "unit"
    PROCEDURE = "procedure"
    MONTH = "month"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From the first moment up to, not including, the second; None: open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """A document of an applicant, as far as eligibility goes."""

    type_code: str
    grade: Grade
    created_at: int
    valid_from: int | None
    valid_to: int | None
    source_dossier_id: str | None

    def serves(self, component: Component, dossier_id: str, at: int) -> bool:
        """Whether it could have stood in for the component when the dossier was received."""
        return (
            self.type_code in {component.type_code, *component.substitute_result_codes}
            and self.grade.reaches(Grade(component.accepted_grade))
            and self.created_at <= at
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_to is None or at < self.valid_to)
            and self.source_dossier_id != dossier_id
        )


class ReuseRecords:
    """Reuse figures in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._components: dict[tuple[str, int], tuple[Component, ...]] = {}

    def figures(self, period: Period, grouping: Grouping) -> dict[str, ReuseFigures]:
        """Figures by group; a dossier belongs to the period in which it was received."""
        found: dict[str, ReuseFigures] = {}
        for batch in self._batches(period):
            reused = self._reused([row.dossier_id for row in batch])
            held = self._held({row.applicant_subject_id for row in batch})
            for row in batch:
                key = _key(row, grouping)
                one = self._one(row, reused.get(row.dossier_id, frozenset()), held[row.applicant_subject_id])
                found[key] = found.get(key, NO_FIGURES) + one
        return dict(sorted(found.items()))

    def _one(self, row: sa.Row[tuple[object, ...]], reused: frozenset[str], held: tuple[_Held, ...]) -> ReuseFigures:
        components = self._components_of(row.procedure_code, row.procedure_version)
        could = {
            component.type_code
            for component in components
            if any(document.serves(component, row.dossier_id, row.received_at) for document in held)
        }
        # what was reused was eligible, also when it came into the vault after the dossier was received
        eligible = could | {component.type_code for component in components if _is_reused(component, reused)}
        return ReuseFigures(
            dossiers_received=1,
            dossiers_reusing=int(bool(reused)),
            dossiers_eligible=int(bool(eligible)),
            components_reused=len(reused),
            components_eligible=len(eligible),
        )

    def _batches(self, period: Period) -> Iterator[list[sa.Row[tuple[object, ...]]]]:
        last = ""
        statement = sa.select(DOSSIERS).order_by(DOSSIERS.c.dossier_id).limit(_BATCH)
        if period.since is not None:
            statement = statement.where(DOSSIERS.c.received_at >= to_micros(period.since))
        if period.until is not None:
            statement = statement.where(DOSSIERS.c.received_at < to_micros(period.until))
        read = partial(self._rows_after, statement)
        while batch := read(last):
            yield batch
            last = batch[-1].dossier_id

    def _rows_after(self, statement: sa.Select[tuple[object, ...]], last: str) -> list[sa.Row[tuple[object, ...]]]:
        return list(self._tx.execute(statement.where(DOSSIERS.c.dossier_id > last)))

    def _reused(self, dossier_ids: list[str]) -> dict[str, frozenset[str]]:
        statement = sa.select(REUSES.c.dossier_id, REUSES.c.component_type).where(
            REUSES.c.dossier_id.in_(dossier_ids), REUSES.c.counted
        )
        found: dict[str, frozenset[str]] = {}
        for row in self._tx.execute(statement):
            found[row.dossier_id] = found.get(row.dossier_id, frozenset()) | {row.component_type}
        return found

    def _held(self, applicants: set[str]) -> dict[str, tuple[_Held, ...]]:
        """The documents of each applicant and of those whose guardian the applicant is."""
        wards = sa.select(PEOPLE.c.subject_id, PEOPLE.c.guardian_subject_id).where(
            PEOPLE.c.guardian_subject_id.in_(applicants)
        )
        filers: dict[str, set[str]] = {applicant: {applicant} for applicant in applicants}
        for row in self._tx.execute(wards):
            filers.setdefault(row.subject_id, set()).add(row.guardian_subject_id)
        found: dict[str, tuple[_Held, ...]] = dict.fromkeys(applicants, ())
        statement = sa.select(DOCUMENTS).where(DOCUMENTS.c.citizen_id.in_(filers))
        for row in self._tx.execute(statement):
            document = _Held(
                row.type_code, Grade(row.grade), row.created_at, row.valid_from, row.valid_to, row.source_dossier_id
            )
            for filer in filers[row.citizen_id] & applicants:
                found[filer] += (document,)
        return found

    def _components_of(self, code: str, version: int) -> tuple[Component, ...]:
        known = self._components.get((code, version))
        if known is None:
            known = self._components[(code, version)] = Procedures(self._tx).version(code, version).components
        return known


def _is_reused(component: Component, reused: frozenset[str]) -> bool:
    return bool({component.type_code, *component.substitute_result_codes} & reused)


def _key(row: sa.Row[tuple[object, ...]], grouping: Grouping) -> str:
    match grouping:
        case Grouping.UNIT:
            return str(row.org_code)
        case Grouping.PROCEDURE:
            return str(row.procedure_code)
        case Grouping.CHANNEL:
            return str(row.channel)
        case Grouping.MONTH:
            return from_micros(row.received_at).astimezone(VIETNAM).strftime("%Y-%m")
        case Grouping.NONE:
            return ""
