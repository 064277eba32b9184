"""Signing plans: who signs what in which order, by version in time."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, link_next, paging
from api.context.paging import Paging, with_query
from api.ids import parse_id
from api.records.signing_plans import PlanKind, SigningPlan, SigningPlans
from api.schemas.results import EmptyBody
from api.schemas.signing_plans import SigningPlanBody, SigningPlanPage, SigningPlanView
from api.usecases.keep_signing_plans import approve_signing_plan, propose_signing_plan, reject_signing_plan

router = APIRouter(prefix="/v1/signing-plans", tags=["results"], max_body_size=JSON_BODY_BYTES)

_KEEPERS: Final = (Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR)
_READERS: Final = (
    *_KEEPERS,
    Role.APPRAISER,
    Role.AUTHORISED_SIGNER,
    Role.CLERK,
    Role.RECEPTION_OFFICER,
)
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.KEEP_SIGNING_PLANS))]
_ReadOne = Annotated[Call, Depends(access(*_KEEPERS, purpose=Purpose.KEEP_SIGNING_PLANS))]
_Propose = Annotated[Call, Depends(access(Role.ADMINISTRATOR, purpose=Purpose.KEEP_SIGNING_PLANS))]
_Decide = Annotated[Call, Depends(access(Role.SECURITY_OFFICER, purpose=Purpose.KEEP_SIGNING_PLANS))]
_Reject = Annotated[
    Call, Depends(access(Role.SECURITY_OFFICER, Role.ADMINISTRATOR, purpose=Purpose.KEEP_SIGNING_PLANS))
]
_Paging = Annotated[Paging, Depends(paging)]


@router.get("")
def get_signing_plans(call: _Read, page: _Paging, response: Response, kind: PlanKind | None = None) -> SigningPlanPage:
    """Every version, proposed ones and past ones too."""
    with call.services.db.reading() as tx:
        found = SigningPlans(tx).page(kind=kind, after=page.after, limit=page.limit + 1)
    shown, cursor = page.cut(found, lambda one: one.plan_id)
    link_next(response, with_query(router.prefix, kind=None if kind is None else kind.value), cursor)
    return SigningPlanPage(items=[SigningPlanView.of(one) for one in shown], next_cursor=cursor)


@router.get("/{plan_id}")
def get_signing_plan(plan_id: str, call: _ReadOne) -> SigningPlanView:
    """One version with its steps, for those who keep plans; officials have the list."""
    with call.services.db.reading() as tx:
        return SigningPlanView.of(SigningPlans(tx).get(parse_id("plan", plan_id)))


@router.post("", status_code=201, response_model=SigningPlanView)
def post_signing_plan(body: SigningPlanBody, call: _Propose) -> Response:
    """Propose a version; another person decides."""
    command = body.to_command()
    return call.once(body, lambda: _answer(propose_signing_plan(command, call.services, call.caller, call.at)))


@router.post("/{plan_id}/approval", status_code=201, response_model=SigningPlanView)
def post_signing_plan_approval(plan_id: str, body: EmptyBody, call: _Decide) -> Response:
    """Put a proposed version into force, as another person; results that are drafted already keep theirs."""
    wanted = parse_id("plan", plan_id)
    return call.once(body, lambda: _answer(approve_signing_plan(wanted, call.services, call.caller, call.at)))


@router.post("/{plan_id}/rejection", status_code=201, response_model=SigningPlanView)
def post_signing_plan_rejection(plan_id: str, body: EmptyBody, call: _Reject) -> Response:
    """Refuse a proposed version, or take the own one back."""
    wanted = parse_id("plan", plan_id)
    return call.once(body, lambda: _answer(reject_signing_plan(wanted, call.services, call.caller, call.at)))


def _answer(plan: SigningPlan) -> JSONResponse:
    view = SigningPlanView.of(plan).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"{router.prefix}/{plan.plan_id}"})
