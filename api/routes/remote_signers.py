"""Signatures by external providers: where a certificate's key is, and prepared signatures that are made there."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.routes.signature_preparations import listed
from api.schemas import remote_signers as wire
from api.schemas.signature_preparations import PreparationListView
from api.usecases.register_remote_credential import register_remote_credential
from api.usecases.sign_at_provider import sign_prepared_at_provider

router = APIRouter(prefix="/v1", tags=["signatures"], max_body_size=JSON_BODY_BYTES)

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_Own = Annotated[Call, Depends(access(*_HOLDERS, purpose=Purpose.SIGN_WITH_TOKEN))]
_Officer = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.APPROVE_CERTIFICATE))]


@router.post(
    "/certificates/{certificate_id}/remote-credential", status_code=201, response_model=wire.RemoteCredentialView
)
def post_remote_credential(certificate_id: str, body: wire.RemoteCredentialIn, call: _Officer) -> Response:
    """Record at which provider the key of a certificate is; the provider must show that certificate."""
    command = body.to_command(certificate_id)

    def action() -> Response:
        record = register_remote_credential(command, call.services, call.caller, call.at)
        return JSONResponse(wire.RemoteCredentialView.of(record).model_dump(mode="json"), status_code=201)

    return call.once(body, action)


@router.post("/signature-preparations/remote-signatures", status_code=200, response_model=PreparationListView)
def post_remote_signatures(body: wire.RemoteSigningIn, call: _Own) -> Response:
    """Have prepared signatures made by the provider that keeps the key; the holder agrees there, once for all."""
    command = body.to_command()

    def action() -> Response:
        outcomes = sign_prepared_at_provider(command, call.services, call.caller, call.at)
        return listed(outcomes, call, status=200)

    return call.once(body, action)
