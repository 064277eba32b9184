"""Delegations of signing (TUQ): given and taken back by the head of an agency."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.schemas.delegations import DelegationEnd, DelegationIn, DelegationOut
from api.usecases.delegate_signing import delegate_signing, withdraw_delegation

router = APIRouter(prefix="/v1/delegations", tags=["organisations"], max_body_size=JSON_BODY_BYTES)

_Give = Annotated[Call, Depends(access(Role.AUTHORISED_SIGNER, purpose=Purpose.DELEGATE_SIGNING))]


@router.post("", status_code=201, response_model=DelegationOut)
def post_delegation(body: DelegationIn, call: _Give) -> Response:
    """Let another official sign in the agency's name, on a written basis, for a time."""

    def action() -> Response:
        made = delegate_signing(body.to_command(), call.services, call.caller, call.at)
        return JSONResponse(DelegationOut.of(made).model_dump(mode="json"), status_code=201)

    return call.once(body, action)


@router.post("/withdrawal", status_code=204)
def post_delegation_withdrawal(body: DelegationEnd, call: _Give) -> Response:
    """Take a delegation back at once."""

    def action() -> Response:
        withdraw_delegation(
            parse_id("emp", body.employment_id),
            body.procedure_code,
            body.org_code,
            services=call.services,
            caller=call.caller,
            at=call.at,
        )
        return Response(status_code=204)

    return call.once(body, action)
