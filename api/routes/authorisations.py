"""Authorisations to sign: opened, confirmed by a passkey, used digest by digest, cancelled."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.schemas import authorisations as wire
from api.usecases import authorise_signature as usecases
from api.usecases.sign_authorised_digest import SignAuthorisedDigest, sign_authorised_digest

router = APIRouter(prefix="/v1/signature-authorisations", tags=["signatures"], max_body_size=JSON_BODY_BYTES)

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_Own = Annotated[Call, Depends(access(*_HOLDERS, purpose=Purpose.AUTHORISE_SIGNATURE))]


@router.post("", status_code=201, response_model=wire.AuthorisationOut)
def post_authorisation(body: wire.AuthorisationIn, call: _Own) -> Response:
    """Begin to authorise signatures with an own certificate over exactly these digests."""

    def action() -> Response:
        seen = usecases.open_authorisation(body.to_command(), call.services, call.caller, call.at)
        return _created(_view(seen, call), f"{router.prefix}/{seen.authorisation.terms.authorisation_id}")

    return call.once(body, action)


@router.post("/{authorisation_id}/confirmation", status_code=201, response_model=wire.AuthorisationOut)
def post_confirmation(authorisation_id: str, body: wire.ConfirmationIn, call: _Own) -> Response:
    """Agree: with a passkey's answer to the challenge."""
    command = body.to_command(parse_id("sad", authorisation_id))

    def action() -> Response:
        seen = usecases.confirm_authorisation(command, call.services, call.caller, call.at)
        return _created(_view(seen, call), f"{router.prefix}/{authorisation_id}")

    return call.once(body, action)


@router.get("/{authorisation_id}")
def get_authorisation(authorisation_id: str, call: _Own) -> wire.AuthorisationOut:
    """An own authorisation as it stands."""
    return _view(usecases.read_authorisation(parse_id("sad", authorisation_id), call.services, call.caller), call)


@router.delete("/{authorisation_id}", status_code=204)
def delete_authorisation(authorisation_id: str, call: _Own) -> None:
    """Take it back; what was signed stays signed."""
    usecases.cancel_authorisation(parse_id("sad", authorisation_id), call.services, call.caller, call.at)


@router.post("/{authorisation_id}/signatures", status_code=201, response_model=wire.DetachedSignatureOut)
def post_signature(authorisation_id: str, body: wire.DigestIn, call: _Own) -> Response:
    """Sign one of the authorised digests, once: a detached CMS signature."""
    command = SignAuthorisedDigest(authorisation_id=parse_id("sad", authorisation_id), digest=body.digest)

    def action() -> Response:
        der = sign_authorised_digest(command, call.services, call.caller, call.at)
        return _created(wire.DetachedSignatureOut.of(body.digest, der), f"{router.prefix}/{authorisation_id}")

    return call.once(body, action)


def _view(seen: usecases.Authorised, call: Call) -> wire.AuthorisationOut:
    return wire.AuthorisationOut.of(seen, call.services.settings.public_host)


def _created(body: BaseModel, location: str) -> Response:
    return JSONResponse(body.model_dump(mode="json"), status_code=201, headers={"Location": location})
