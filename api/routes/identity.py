"""Role grants, second factors and notices: access is given and reset by two natural persons."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, Paging, access, link_next, paging
from api.ids import parse_id
from api.records.grants import RoleGrant
from api.schemas import identity as wire
from api.usecases import grant_role as grants
from api.usecases import second_factor as factors
from api.usecases.read_identity import list_notices, list_role_grants, read_role_grant

router = APIRouter(prefix="/v1", tags=["identity"], max_body_size=JSON_BODY_BYTES)

_EVERYONE: Final = tuple(role for role in Role if role.is_grantable)
_Ask = Annotated[Call, Depends(access(Role.ADMINISTRATOR, purpose=Purpose.MANAGE_ROLES))]
_Decide = Annotated[Call, Depends(access(Role.SECURITY_OFFICER, purpose=Purpose.MANAGE_ROLES))]
_Manage = Annotated[Call, Depends(access(Role.SECURITY_OFFICER, Role.ADMINISTRATOR, purpose=Purpose.MANAGE_ROLES))]
_Reset = Annotated[
    Call, Depends(access(Role.SECURITY_OFFICER, Role.ADMINISTRATOR, purpose=Purpose.MANAGE_SECOND_FACTOR))
]
_Own = Annotated[Call, Depends(access(*_EVERYONE, purpose=Purpose.MANAGE_SECOND_FACTOR))]
_Notices = Annotated[Call, Depends(access(*_EVERYONE, purpose=Purpose.READ_NOTICES))]
_Page = Annotated[Paging, Depends(paging)]


def _created(body: BaseModel, location: str) -> Response:
    return JSONResponse(body.model_dump(mode="json"), status_code=201, headers={"Location": location})


def _grant_of(grant: RoleGrant) -> Response:
    return _created(wire.RoleGrantOut.of(grant), f"/v1/role-grants/{grant.grant_id}")


@router.post("/role-grants", status_code=201, response_model=wire.RoleGrantOut)
def post_role_grant(body: wire.RoleGrantIn, call: _Ask) -> Response:
    """Ask for a role for somebody else's account."""
    return call.once(
        body, lambda: _grant_of(grants.request_role(body.to_command(), call.services, call.caller, call.at))
    )


@router.post("/role-grants/{grant_id}/approval", status_code=201, response_model=wire.RoleGrantOut)
def post_role_approval(grant_id: str, call: _Decide) -> Response:
    """Put it into force; another natural person than who asked, and than the holder, who is told."""
    wanted = parse_id("grant", grant_id)
    return call.once(b"", lambda: _grant_of(grants.approve_role(wanted, call.services, call.caller, call.at)))


@router.post("/role-grants/{grant_id}/rejection", status_code=201, response_model=wire.RoleGrantOut)
def post_role_rejection(grant_id: str, call: _Manage) -> Response:
    """Refuse it, or take the own request back."""
    wanted = parse_id("grant", grant_id)
    return call.once(b"", lambda: _grant_of(grants.reject_role(wanted, call.services, call.caller, call.at)))


@router.post("/role-grants/{grant_id}/withdrawal", status_code=201, response_model=wire.RoleGrantOut)
def post_role_withdrawal(grant_id: str, call: _Manage) -> Response:
    """Take a role away at once; the holder is told."""
    wanted = parse_id("grant", grant_id)
    return call.once(b"", lambda: _grant_of(grants.withdraw_role(wanted, call.services, call.caller, call.at)))


@router.get("/role-grants")
def get_role_grants(
    call: _Manage, page: _Page, response: Response, account_id: str | None = None
) -> wire.RoleGrantPage:
    """Grants, newest first."""
    wanted = None if account_id is None else parse_id("acc", account_id)
    found = list_role_grants(call.services, account_id=wanted, limit=page.limit + 1, before=page.after)
    shown, cursor = page.cut(found, lambda grant: grant.grant_id)
    link_next(response, "/v1/role-grants", cursor)
    return wire.RoleGrantPage(items=[wire.RoleGrantOut.of(one) for one in shown], next_cursor=cursor)


@router.get("/role-grants/{grant_id}")
def get_role_grant(grant_id: str, call: _Manage) -> wire.RoleGrantOut:
    """One grant."""
    return wire.RoleGrantOut.of(read_role_grant(parse_id("grant", grant_id), call.services))


@router.post("/second-factors", status_code=201, response_model=wire.EnrolmentOut)
def post_second_factor(call: _Own) -> Response:
    """A new second factor for the own account; the secret is shown this once."""

    def action() -> Response:
        made = factors.enrol_second_factor(call.services, call.caller, call.at)
        body = wire.EnrolmentOut(id=made.factor_id, secret=made.secret, uri=made.uri)
        return _created(body, f"/v1/second-factors/{made.factor_id}")

    return call.once(b"", action, shown_once=("secret", "uri"))


@router.post("/second-factors/{factor_id}/confirmation", status_code=204)
def post_factor_confirmation(factor_id: str, body: wire.CodeIn, call: _Own) -> None:
    """Put it into force with the app's first code. A code works once, so that repeating does no harm."""
    wanted = parse_id("fac", factor_id)
    factors.confirm_second_factor(wanted, body.code, services=call.services, caller=call.caller, at=call.at)


@router.post("/second-factor-resets", status_code=201, response_model=wire.FactorResetOut)
def post_factor_reset(body: wire.FactorResetIn, call: _Reset) -> Response:
    """Ask to take away a lost second factor of somebody else, who is told."""
    account = parse_id("acc", body.account_id)

    def action() -> Response:
        reset = factors.request_factor_reset(account, call.services, call.caller, call.at)
        return _created(wire.FactorResetOut.of(reset), f"/v1/second-factor-resets/{reset.reset_id}")

    return call.once(body, action)


@router.post("/second-factor-resets/{reset_id}/approval", status_code=201, response_model=wire.FactorResetOut)
def post_reset_approval(reset_id: str, call: _Reset) -> Response:
    """Take it away; another natural person than who asked, and than the holder, who is told."""
    wanted = parse_id("rst", reset_id)

    def action() -> Response:
        reset = factors.approve_factor_reset(wanted, call.services, call.caller, call.at)
        return _created(wire.FactorResetOut.of(reset), f"/v1/second-factor-resets/{reset.reset_id}")

    return call.once(b"", action)


@router.get("/notices")
def get_notices(call: _Notices, page: _Page, response: Response) -> wire.NoticePage:
    """What the own account was told, newest first."""
    found = list_notices(call.services, call.caller, limit=page.limit + 1, before=page.after)
    shown, cursor = page.cut(found, lambda notice: notice.event_id)
    link_next(response, "/v1/notices", cursor)
    return wire.NoticePage(items=[wire.NoticeOut.of(one) for one in shown], next_cursor=cursor)
