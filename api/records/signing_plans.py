"""Signing plans by version in time: which steps a kind of document takes, for which procedure and result type.

Knows the table and which version applies. Must not decide who may propose or approve one, nor what a sound plan is. A
version is never changed or removed: results that were drafted under it keep their own copy of its steps.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import NotFound, VersionConflict
from api.records.plan_steps import PlanStep, steps_of, steps_text
from api.settings import SecondaryReading

METADATA = sa.MetaData()
EVERY: Final = "*"
"""In place of a procedure or a result type: all of them, as far as no plan names one."""

SIGNING_PLANS = sa.Table(
    "signing_plan",
    METADATA,
    sa.Column("plan_id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("reading", sa.String(10), nullable=False),
    sa.Column("procedure_code", sa.String(64), nullable=False),
    sa.Column("result_type", sa.String(60), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("steps", sa.Text, nullable=False),
    sa.Column("basis", sa.String(128), nullable=False),
    sa.Column("valid_from", sa.BigInteger, nullable=False),
    sa.Column("valid_to", sa.BigInteger),
    sa.Column("proposed_by", sa.String(40), nullable=False),
    sa.Column("proposed_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by", sa.String(40)),
    sa.Column("decided_at", sa.BigInteger),
    sa.UniqueConstraint("kind", "reading", "procedure_code", "result_type", "version", name="uq_signing_plan_version"),
)


class PlanKind(StrEnum):
    """What a plan is for (model.md §4)."""

    ON_THE_SPOT = "on_the_spot"
    """Five steps at the centre."""
    ELECTRONIC = "electronic"
    """The same five steps for a dossier without paper: everybody at the own desk."""
    COPY = "copy"
    """Sao y: the agency's copy of an original."""
    ANNEX = "annex"
    """Separate files that belong to a result."""


class PlanState(StrEnum):
    """`PROPOSED → APPROVED`, `PROPOSED → REJECTED`."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScope:
    """What the versions of one plan have in common."""

    kind: PlanKind
    reading: SecondaryReading
    """Under which reading of "second certificate" it was written (ADR 0014)."""
    procedure_code: str = EVERY
    result_type: str = EVERY


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPlan:
    """One version of one plan."""

    plan_id: str
    scope: PlanScope
    version: int
    state: PlanState
    steps: tuple[PlanStep, ...]
    basis: str
    """The document that orders it."""
    valid_from: datetime
    valid_to: datetime | None = None
    proposed_by: str
    """Account."""
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


class SigningPlans:
    """The plans inside one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def get(self, plan_id: str) -> SigningPlan:
        """The version of that id.

        Raises:
            NotFound: there is none.
        """
        row = self._tx.execute(SIGNING_PLANS.select().where(SIGNING_PLANS.c.plan_id == plan_id)).one_or_none()
        if row is None:
            raise NotFound("Không có quy trình ký này.", "There is no such signing plan.")
        return _plan(row)

    def page(self, *, kind: PlanKind | None, after: str | None, limit: int) -> tuple[SigningPlan, ...]:
        """Versions by id, which is their order in time."""
        statement = SIGNING_PLANS.select().order_by(SIGNING_PLANS.c.plan_id).limit(limit)
        if kind is not None:
            statement = statement.where(SIGNING_PLANS.c.kind == kind.value)
        if after is not None:
            statement = statement.where(SIGNING_PLANS.c.plan_id > after)
        return tuple(_plan(row) for row in self._tx.execute(statement))

    def in_force(self, scope: PlanScope, at: datetime) -> SigningPlan:
        """The version that applies at that moment: the closest scope first, in it the one that began last.

        Raises:
            NotFound: none applies.
        """
        columns = SIGNING_PLANS.c
        rows = self._tx.execute(
            SIGNING_PLANS.select().where(
                columns.kind == scope.kind.value,
                columns.reading == scope.reading.value,
                columns.procedure_code.in_((scope.procedure_code, EVERY)),
                columns.result_type.in_((scope.result_type, EVERY)),
                columns.state == PlanState.APPROVED.value,
                columns.valid_from <= to_micros(at),
            )
        )
        began = sorted((_plan(row) for row in rows), key=_closeness, reverse=True)
        seen: set[PlanScope] = set()
        for plan in began:
            if plan.scope in seen:
                continue  # replaced by a later version of the same scope, also when that one has ended
            seen.add(plan.scope)
            if plan.valid_to is None or at < plan.valid_to:
                return plan
        raise NotFound("Chưa có quy trình ký cho loại văn bản này.", "There is no signing plan for this document.")

    def next_version(self, scope: PlanScope) -> int:
        """The number of a new version; two at once: the table lets one of them in."""
        newest = self._tx.execute(sa.select(sa.func.max(SIGNING_PLANS.c.version)).where(_within(scope))).scalar_one()
        return int(newest or 0) + 1

    def add(self, plan: SigningPlan) -> None:
        """Record a version.

        Raises:
            VersionConflict: another proposal took the number at the same moment.
        """
        try:
            with self._tx.begin_nested():
                self._tx.execute(SIGNING_PLANS.insert().values(**_columns(plan)))
        except sa.exc.IntegrityError as err:
            raise VersionConflict from err

    def decide(self, plan: SigningPlan, *, to: PlanState, by: str, valid_from: datetime, at: datetime) -> None:
        """Approve or reject a proposal that nobody decided since it was read.

        Raises:
            VersionConflict: somebody did.
        """
        done = self._tx.execute(
            SIGNING_PLANS.update()
            .where(SIGNING_PLANS.c.plan_id == plan.plan_id, SIGNING_PLANS.c.state == PlanState.PROPOSED.value)
            .values(state=to.value, decided_by=by, decided_at=to_micros(at), valid_from=to_micros(valid_from))
        )
        if done.rowcount != 1:
            raise VersionConflict


def _closeness(plan: SigningPlan) -> tuple[bool, bool, datetime, int]:
    return plan.scope.procedure_code != EVERY, plan.scope.result_type != EVERY, plan.valid_from, plan.version


def _within(scope: PlanScope) -> sa.ColumnElement[bool]:
    columns = SIGNING_PLANS.c
    return sa.and_(
        columns.kind == scope.kind.value,
        columns.reading == scope.reading.value,
        columns.procedure_code == scope.procedure_code,
        columns.result_type == scope.result_type,
    )


def _columns(plan: SigningPlan) -> dict[str, object]:
    return {
        "plan_id": plan.plan_id,
        "kind": plan.scope.kind.value,
        "reading": plan.scope.reading.value,
        "procedure_code": plan.scope.procedure_code,
        "result_type": plan.scope.result_type,
        "version": plan.version,
        "state": plan.state.value,
        "steps": steps_text(plan.steps),
        "basis": plan.basis,
        "valid_from": to_micros(plan.valid_from),
        "valid_to": None if plan.valid_to is None else to_micros(plan.valid_to),
        "proposed_by": plan.proposed_by,
        "proposed_at": to_micros(plan.proposed_at),
        "decided_by": plan.decided_by,
        "decided_at": None if plan.decided_at is None else to_micros(plan.decided_at),
    }


def _plan(row: sa.Row[tuple[object, ...]]) -> SigningPlan:
    return SigningPlan(
        plan_id=row.plan_id,
        scope=PlanScope(
            kind=PlanKind(row.kind),
            reading=SecondaryReading(row.reading),
            procedure_code=row.procedure_code,
            result_type=row.result_type,
        ),
        version=row.version,
        state=PlanState(row.state),
        steps=steps_of(row.steps),
        basis=row.basis,
        valid_from=from_micros(row.valid_from),
        valid_to=None if row.valid_to is None else from_micros(row.valid_to),
        proposed_by=row.proposed_by,
        proposed_at=from_micros(row.proposed_at),
        decided_by=row.decided_by,
        decided_at=None if row.decided_at is None else from_micros(row.decided_at),
    )
