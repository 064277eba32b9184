"""Passkeys: registered by their holder, confirmed by another person, removed, reset by two persons."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.schemas import authorisations as wire
from api.usecases import manage_passkeys as usecases

router = APIRouter(prefix="/v1", tags=["identity"], max_body_size=JSON_BODY_BYTES)

_EVERYONE: Final = tuple(role for role in Role if role.is_grantable)
_OFFICERS: Final = (Role.SECURITY_OFFICER, Role.ADMINISTRATOR)
_Own = Annotated[Call, Depends(access(*_EVERYONE, purpose=Purpose.MANAGE_PASSKEYS))]
_Officer = Annotated[Call, Depends(access(*_OFFICERS, purpose=Purpose.MANAGE_PASSKEYS))]


@router.post("/passkeys", status_code=201, response_model=wire.PasskeyStartOut)
def post_passkey(body: wire.PasskeyIn, call: _Own) -> Response:
    """Begin to register a passkey of one's own."""

    def action() -> Response:
        made = usecases.start_passkey(body.label, call.services, call.caller, call.at)
        view = wire.PasskeyStartOut.of(made, call.services.settings.public_host)
        return _created(view, f"/v1/passkeys/{made.passkey_id}")

    return call.once(body, action)


@router.post("/passkeys/{passkey_id}/registration", status_code=201, response_model=wire.PasskeyOut)
def post_registration(passkey_id: str, body: wire.PasskeyRegistrationIn, call: _Own) -> Response:
    """Send the browser's answer; the passkey then waits for another person to vouch for it."""
    command = body.to_command(parse_id("pk", passkey_id))

    def action() -> Response:
        made = usecases.register_passkey(command, call.services, call.caller, call.at)
        return _created(wire.PasskeyOut.of(made), f"/v1/passkeys/{passkey_id}")

    return call.once(body, action)


@router.post("/passkeys/{passkey_id}/confirmation", status_code=201, response_model=wire.PasskeyOut)
def post_passkey_confirmation(passkey_id: str, body: wire.PasskeyConfirmationIn, call: _Officer) -> Response:
    """Vouch that a passkey is that person's; another natural person than its holder."""
    command = body.to_command(parse_id("pk", passkey_id))

    def action() -> Response:
        made = usecases.confirm_passkey(command, call.services, call.caller, call.at)
        return _created(wire.PasskeyOut.of(made), f"/v1/passkeys/{passkey_id}")

    return call.once(body, action)


@router.get("/passkeys")
def get_passkeys(call: _Own) -> wire.PasskeyList:
    """The own passkeys."""
    found = usecases.list_passkeys(call.services, call.caller)
    return wire.PasskeyList(items=[wire.PasskeyOut.of(one) for one in found])


@router.get("/passkeys/of-person")
def get_passkeys_of_person(call: _Officer, subject_id: Annotated[str, Query(max_length=40)]) -> wire.PasskeyList:
    """The passkeys of a person, for who vouches for them or takes a lost one away."""
    found = usecases.list_passkeys(call.services, call.caller, parse_id("sub", subject_id))
    return wire.PasskeyList(items=[wire.PasskeyOut.of(one) for one in found])


@router.delete("/passkeys/{passkey_id}", status_code=204)
def delete_passkey(passkey_id: str, call: _Own) -> None:
    """Take away an own passkey, at once."""
    usecases.remove_passkey(parse_id("pk", passkey_id), call.services, call.caller, call.at)


@router.post("/passkey-resets", status_code=201, response_model=wire.PasskeyResetOut)
def post_passkey_reset(body: wire.PasskeyResetIn, call: _Officer) -> Response:
    """Ask to take away the lost passkey of somebody else."""
    passkey, person = parse_id("pk", body.passkey_id), parse_id("sub", body.subject_id)

    def action() -> Response:
        reset = usecases.request_passkey_reset(passkey, person, call.services, call.caller, call.at)
        return _created(wire.PasskeyResetOut.of(reset), f"/v1/passkey-resets/{reset.reset_id}")

    return call.once(body, action)


@router.post("/passkey-resets/{reset_id}/approval", status_code=201, response_model=wire.PasskeyResetOut)
def post_passkey_reset_approval(reset_id: str, call: _Officer) -> Response:
    """Take it away; another natural person than who asked, and than the holder."""
    wanted = parse_id("pkr", reset_id)

    def action() -> Response:
        reset = usecases.approve_passkey_reset(wanted, call.services, call.caller, call.at)
        return _created(wire.PasskeyResetOut.of(reset), f"/v1/passkey-resets/{reset.reset_id}")

    return call.once(b"", action)


def _created(body: BaseModel, location: str) -> Response:
    return JSONResponse(body.model_dump(mode="json"), status_code=201, headers={"Location": location})
