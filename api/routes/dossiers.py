"""Dossiers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.schemas.dossiers import DossierIn, DossierOut
from api.usecases.receive_dossier import read_dossier, receive_dossier

router = APIRouter(prefix="/v1/dossiers", tags=["dossiers"], max_body_size=JSON_BODY_BYTES)

_Receive = Annotated[Call, Depends(access(Role.RECEPTION_OFFICER, Role.CITIZEN, purpose=Purpose.RECEIVE_DOSSIER))]
_Read = Annotated[
    Call,
    Depends(
        access(
            Role.RECEPTION_OFFICER,
            Role.APPRAISER,
            Role.AUTHORISED_SIGNER,
            Role.CLERK,
            Role.AUDITOR,
            Role.CITIZEN,
            purpose=Purpose.READ_DOSSIER,
        )
    ),
]


@router.post("", status_code=201, response_model=DossierOut)
def post_dossier(body: DossierIn, call: _Receive) -> Response:
    """Receive a dossier."""

    def action() -> Response:
        dossier = receive_dossier(body.to_command(), call.services, call.caller, call.at)
        return JSONResponse(
            DossierOut.of(dossier).model_dump(mode="json"),
            status_code=201,
            headers={"Location": f"/v1/dossiers/{dossier.dossier_id}"},
        )

    return call.once(body, action)


@router.get("/{dossier_id}")
def get_dossier(dossier_id: str, call: _Read) -> DossierOut:
    """A dossier, for whom it concerns."""
    return DossierOut.of(read_dossier(parse_id("dos", dossier_id), call.services, call.caller, call.at))
