"""Wire models of signing plans."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.callers import Role
from api.records.plan_steps import PlanStep, Precondition, StepObject
from api.records.signing_plans import EVERY, PlanKind, PlanState, SigningPlan
from api.settings import SecondaryReading
from api.usecases.keep_signing_plans import ProposeSigningPlan
from api.usecases.plan_soundness import MAX_STEPS
from signing.identity import CertificateClass


class PlanStepBody(BaseModel):
    """Who signs what, with which certificate and mark, and after what."""

    model_config = ConfigDict(extra="forbid")

    no: int = Field(ge=1, le=99)
    part: str = Field(default="", pattern="^[a-z]?$")
    role: Role
    certificate_class: CertificateClass | None = None
    ordinal: int | None = Field(default=None, ge=1, le=99)
    mark: Literal["A", "B", "C", "E", "none"] = "none"
    signs: StepObject
    precondition: Precondition
    certifies: bool = False
    closes: bool = False
    field_name: str | None = Field(default=None, max_length=31)
    optional: bool = False

    def to_step(self) -> PlanStep:
        """The step as a value."""
        return PlanStep(
            no=self.no,
            part=self.part,
            role=self.role.value,
            certificate_class=None if self.certificate_class is None else self.certificate_class.value,
            ordinal=self.ordinal,
            mark=self.mark,
            signs=self.signs,
            precondition=self.precondition,
            certifies=self.certifies,
            closes=self.closes,
            field_name=self.field_name,
            optional=self.optional,
        )

    @classmethod
    def of(cls, step: PlanStep) -> Self:
        """The wire form of a step."""
        return cls.model_validate({name: getattr(step, name) for name in PlanStep.__slots__})


class SigningPlanBody(BaseModel):
    """A new version of a plan."""

    model_config = ConfigDict(extra="forbid")

    kind: PlanKind
    procedure_code: str = Field(default=EVERY, pattern=r"^(\*|[A-Za-z0-9][A-Za-z0-9._\-]{0,63})$")
    result_type: str = Field(default=EVERY, pattern=r"^(\*|[a-z0-9_]{1,60})$")
    steps: Annotated[list[PlanStepBody], Field(min_length=1, max_length=MAX_STEPS)]
    basis: str = Field(min_length=1, max_length=128)
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None

    def to_command(self) -> ProposeSigningPlan:
        """The use-case's command."""
        return ProposeSigningPlan(
            kind=self.kind,
            procedure_code=self.procedure_code,
            result_type=self.result_type,
            steps=tuple(step.to_step() for step in self.steps),
            basis=self.basis,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


class SigningPlanView(BaseModel):
    """One version of a plan."""

    id: str
    kind: PlanKind
    reading: SecondaryReading
    procedure_code: str
    result_type: str
    version: int
    state: PlanState
    steps: list[PlanStepBody]
    basis: str
    valid_from: datetime
    valid_to: datetime | None
    proposed_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, plan: SigningPlan) -> Self:
        """The view of a version."""
        return cls(
            id=plan.plan_id,
            kind=plan.scope.kind,
            reading=plan.scope.reading,
            procedure_code=plan.scope.procedure_code,
            result_type=plan.scope.result_type,
            version=plan.version,
            state=plan.state,
            steps=[PlanStepBody.of(step) for step in plan.steps],
            basis=plan.basis,
            valid_from=plan.valid_from,
            valid_to=plan.valid_to,
            proposed_at=plan.proposed_at,
            decided_at=plan.decided_at,
        )


class SigningPlanPage(BaseModel):
    """Versions in the order in which they were proposed."""

    items: list[SigningPlanView]
    next_cursor: str | None
