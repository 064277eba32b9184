"""Wire models of mergers."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.records.mergers import Merger
from api.schemas.text import OrgCode
from api.usecases.plan_merger import PlanMerger


class MergerIn(BaseModel):
    """A merger to be planned."""

    model_config = ConfigDict(extra="forbid")

    closing_org: OrgCode
    successor_org: OrgCode
    effective_at: AwareDatetime
    """00:00 +07:00 of the day from which on the unit no longer exists."""
    act: Annotated[str, Field(min_length=1, max_length=128)]
    """Number of the resolution."""

    def to_command(self) -> PlanMerger:
        """The use-case's command."""
        return PlanMerger(
            closing_org=self.closing_org,
            successor_org=self.successor_org,
            effective_at=self.effective_at,
            act=self.act,
        )


class MergerOut(BaseModel):
    """A merger."""

    id: str
    closing_org: str
    successor_org: str
    effective_at: datetime
    act: str
    state: str
    requested_at: datetime
    decided_at: datetime | None
    performed_at: datetime | None
    figures: dict[str, int] | None
    """How much was revoked, voided and moved, once performed."""

    @classmethod
    def of(cls, merger: Merger) -> "MergerOut":
        """The wire form."""
        return cls(
            id=merger.merger_id,
            closing_org=merger.closing_org,
            successor_org=merger.successor_org,
            effective_at=merger.effective_at,
            act=merger.act,
            state=merger.state.value,
            requested_at=merger.requested_at,
            decided_at=merger.decided_at,
            performed_at=merger.performed_at,
            figures=None if merger.figures is None else dict(merger.figures),
        )
