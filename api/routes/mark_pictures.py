"""Registered pictures of signatures and seals: uploaded, confirmed by a second person, withdrawn."""

import hashlib
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, Paging, access, link_next, media_type, paging, read_form, with_query
from api.errors import InputInvalid, MediaTypeUnsupported
from api.ids import parse_id
from api.records.mark_pictures import MarkPicture
from api.routes.sent_verifications import checked
from api.schemas.certificates import EmptyBody
from api.schemas.mark_pictures import MarkPictureForm, MarkPicturePage, MarkPictureView
from api.usecases import find_mark_pictures as reading
from api.usecases.register_mark_picture import (
    MAX_PICTURE_BYTES,
    DecideMarkPicture,
    RegisterMarkPicture,
    confirm_mark_picture,
    register_mark_picture,
    withdraw_mark_picture,
)
from signing.pades.registering import MarkPictureKind

router = APIRouter(
    prefix="/v1/mark-pictures", tags=["mark pictures"], max_body_size=MAX_PICTURE_BYTES + JSON_BODY_BYTES
)

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER)
_READERS: Final = (*reading.KEEPERS, Role.AUDITOR, *_HOLDERS)
_Register = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.KEEP_MARK_PICTURES))]
_Confirm = Annotated[Call, Depends(access(Role.APPROVER, purpose=Purpose.KEEP_MARK_PICTURES))]
_Withdraw = Annotated[Call, Depends(access(*reading.KEEPERS, purpose=Purpose.KEEP_MARK_PICTURES))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_MARK_PICTURES))]
_Page = Annotated[Paging, Depends(paging)]
_BINARY: Final = {"type": "string", "format": "binary"}
_SCHEMA: Final = MarkPictureForm.model_json_schema(ref_template="#/components/schemas/{model}")
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"picture": _BINARY, **_SCHEMA["properties"]},
                    "required": ["picture", *_SCHEMA["required"]],
                }
            }
        },
    }
}


async def _sent(request: Request) -> RegisterMarkPicture:
    """The picture and its fields, in memory only."""
    if media_type(request) != "multipart/form-data":
        raise MediaTypeUnsupported
    form = await read_form(request, max_bytes=MAX_PICTURE_BYTES, max_files=1)
    files = form.files_of("picture")
    if len(files) != 1:
        raise InputInvalid("Thiếu tệp trong trường `picture`.", "The field `picture` is missing.")
    return checked(MarkPictureForm, form.filled()).to_command(files[0].content)


@router.post("", status_code=201, response_model=MarkPictureView, openapi_extra=_FORM)
def post_mark_picture(call: _Register, command: Annotated[RegisterMarkPicture, Depends(_sent)]) -> Response:
    """Register a picture as a new version; it counts once it is confirmed."""
    return call.once(
        _digest(command), lambda: _made(register_mark_picture(command, call.services, call.caller, call.at))
    )


@router.get("")
def get_mark_pictures(  # noqa: PLR0917 - the query's parameters, given by name
    call: _Read,
    page: _Page,
    response: Response,
    kind: MarkPictureKind | None = None,
    subject_id: Annotated[str | None, Query(max_length=40)] = None,
    org_code: Annotated[str | None, Query(max_length=35)] = None,
) -> MarkPicturePage:
    """Pictures, oldest first; without a keeper's role the own ones, or those of the own agency's seal."""
    holder = (subject_id and parse_id("sub", subject_id)) or org_code
    command = reading.FindMarkPictures(kind=kind, holder=holder, after=page.after, limit=page.limit + 1)
    found = reading.find_mark_pictures(command, call.services, call.caller, call.at)
    shown, cursor = page.cut(found, lambda one: one.picture_id)
    link_next(response, with_query(router.prefix, kind=kind, subject_id=subject_id, org_code=org_code), cursor)
    return MarkPicturePage(items=[MarkPictureView.of(one) for one in shown], next_cursor=cursor)


@router.get("/{picture_id}")
def get_mark_picture(picture_id: str, call: _Read) -> MarkPictureView:
    """One picture's record."""
    found = reading.read_mark_picture(parse_id("mpic", picture_id), call.services, call.caller, call.at)
    return MarkPictureView.of(found)


@router.get("/{picture_id}/content", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def get_mark_picture_content(picture_id: str, call: _Read) -> Response:
    """The picture itself, as it is drawn on pages."""
    wanted = parse_id("mpic", picture_id)
    found, png = reading.read_mark_picture_content(wanted, call.services, call.caller, call.at)
    headers = {"Cache-Control": "no-store", "ETag": f'"{found.sha256}"', "X-Content-Type-Options": "nosniff"}
    return Response(png, media_type="image/png", headers=headers)


@router.post("/{picture_id}/confirmation", status_code=201, response_model=MarkPictureView)
def post_mark_picture_confirmation(picture_id: str, call: _Confirm, body: EmptyBody | None = None) -> Response:
    """Confirm a picture as a second person; from now on marks are drawn with it."""
    command = DecideMarkPicture(picture_id=parse_id("mpic", picture_id))
    return call.once(
        body or EmptyBody(), lambda: _made(confirm_mark_picture(command, call.services, call.caller, call.at))
    )


@router.post("/{picture_id}/withdrawal", status_code=201, response_model=MarkPictureView)
def post_mark_picture_withdrawal(picture_id: str, call: _Withdraw, body: EmptyBody | None = None) -> Response:
    """Withdraw a picture, or turn down one that waits; no older version comes back by itself."""
    command = DecideMarkPicture(picture_id=parse_id("mpic", picture_id))
    return call.once(
        body or EmptyBody(), lambda: _made(withdraw_mark_picture(command, call.services, call.caller, call.at))
    )


def _digest(command: RegisterMarkPicture) -> bytes:
    said = (
        command.kind, command.holder, command.evidence, command.diameter_mm, command.valid_from, command.valid_to
    )  # fmt: skip
    return hashlib.sha256(repr(tuple(map(str, said))).encode() + b"\x00" + command.upload).digest()


def _made(picture: MarkPicture) -> JSONResponse:
    view = MarkPictureView.of(picture).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"{router.prefix}/{picture.picture_id}"})
