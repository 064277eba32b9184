"""Wire models of delegations."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.ids import parse_id
from api.schemas.text import Code, Id, OrgCode
from api.usecases.delegate_signing import DelegateSigning, Delegation


class DelegationIn(BaseModel):
    """A delegation to be made."""

    model_config = ConfigDict(extra="forbid")

    org_code: OrgCode
    """The agency in whose name will be signed."""
    employment_id: Id
    """The delegate's post."""
    procedure_code: Code
    valid_from: AwareDatetime
    valid_to: AwareDatetime
    basis: Annotated[str, Field(min_length=1, max_length=128)]

    def to_command(self) -> DelegateSigning:
        """The use-case's command."""
        return DelegateSigning(
            org_code=self.org_code,
            employment_id=parse_id("emp", self.employment_id),
            procedure_code=self.procedure_code,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            basis=self.basis,
        )


class DelegationOut(BaseModel):
    """A delegation."""

    org_code: str
    employment_id: str
    procedure_code: str
    capacity: str
    valid_from: datetime
    valid_to: datetime | None
    basis: str

    @classmethod
    def of(cls, delegation: Delegation) -> "DelegationOut":
        """The wire form."""
        right = delegation.right
        return cls(
            org_code=delegation.org_code,
            employment_id=delegation.employment_id,
            procedure_code=right.procedure_code,
            capacity=right.capacity.value,
            valid_from=right.valid_from,
            valid_to=right.valid_to,
            basis=right.basis,
        )


class DelegationEnd(BaseModel):
    """A delegation to be ended."""

    model_config = ConfigDict(extra="forbid")

    org_code: OrgCode
    employment_id: Id
    procedure_code: Code
