"""Wire models of role grants, second factors and notices."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.callers import Role
from api.ids import parse_id
from api.records.grants import RoleGrant
from api.records.outbox import Notice
from api.records.second_factors import FactorReset
from api.schemas.text import Id, OrgCode
from api.usecases.grant_role import RequestRole


class RoleGrantIn(BaseModel):
    """Which role for which account."""

    model_config = ConfigDict(extra="forbid")

    account_id: Id
    role: Role
    org_code: OrgCode | None = None
    valid_to: AwareDatetime | None = None

    def to_command(self) -> RequestRole:
        """The use-case's command."""
        return RequestRole(
            account_id=parse_id("acc", self.account_id),
            role=self.role,
            org_code=self.org_code,
            valid_to=self.valid_to,
        )


class RoleGrantOut(BaseModel):
    """A grant and where it stands."""

    id: str
    account_id: str
    role: str
    org_code: str | None
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    valid_to: datetime | None

    @classmethod
    def of(cls, grant: RoleGrant) -> "RoleGrantOut":
        """The wire form."""
        return cls(
            id=grant.grant_id,
            account_id=grant.account_id,
            role=grant.role.value,
            org_code=grant.org_code,
            state=grant.state.value,
            requested_by=grant.requested_by,
            requested_at=grant.requested_at,
            decided_by=grant.decided_by,
            decided_at=grant.decided_at,
            valid_to=grant.valid_to,
        )


class RoleGrantPage(BaseModel):
    """A page of grants."""

    items: list[RoleGrantOut]
    next_cursor: str | None


class EnrolmentOut(BaseModel):
    """What the holder's app needs; shown once: `secret` and `uri` are empty in a repeated answer."""

    id: str
    secret: str
    uri: str


class CodeIn(BaseModel):
    """A code of the authenticator app."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=r"^[0-9]{6}$")


class FactorResetIn(BaseModel):
    """Whose factor is lost."""

    model_config = ConfigDict(extra="forbid")

    account_id: Id


class FactorResetOut(BaseModel):
    """A reset and where it stands."""

    id: str
    account_id: str
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, reset: FactorReset) -> "FactorResetOut":
        """The wire form."""
        return cls(
            id=reset.reset_id,
            account_id=reset.account_id,
            state=reset.state.value,
            requested_by=reset.requested_by,
            requested_at=reset.requested_at,
            decided_by=reset.decided_by,
            decided_at=reset.decided_at,
        )


class NoticeOut(BaseModel):
    """Something that the holder of an account is told."""

    id: str
    type: str
    payload: dict[str, str]
    created_at: datetime

    @classmethod
    def of(cls, notice: Notice) -> "NoticeOut":
        """The wire form."""
        return cls(
            id=notice.event_id,
            type=notice.type,
            payload=dict(notice.payload),
            created_at=notice.created_at,
        )


class NoticePage(BaseModel):
    """A page of notices, newest first."""

    items: list[NoticeOut]
    next_cursor: str | None
