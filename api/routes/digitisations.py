"""Papers on their way from upload to vault."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, File, Form, Header, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.callers import Purpose, Role
from api.context import Call, access
from api.errors import BodyTooLarge, InputInvalid
from api.ids import parse_id
from api.records.digitisations import DigitisationState
from api.schemas.authorisations import AuthorisationOut
from api.schemas.digitisations import (
    AcceptanceBody,
    AcceptanceView,
    CopyPreparationBody,
    DigitisationView,
    FieldsBody,
    PendingCopyView,
    ProgressView,
    StartedView,
)
from api.schemas.signature_preparations import PreparationView, TokenCopyPreparationIn
from api.schemas.text import Code, Id
from api.usecases.accept_digitisation import AcceptDigitisation, accept_digitisation
from api.usecases.correct_fields import CorrectFields, correct_fields
from api.usecases.get_digitisation import (
    DigitisationFound,
    GetDigitisation,
    follow_digitisation,
    get_digitisation,
)
from api.usecases.officer_copy import CopyOrder
from api.usecases.prepare_digitisation import prepare_digitisation
from api.usecases.prepare_token_copy import PrepareTokenCopy, prepare_token_copy
from api.usecases.read_page_image import ReadPageImage, read_page_image
from api.usecases.start_digitisation import StartDigitisation, start_digitisation

router = APIRouter(prefix="/v1/digitisations", tags=["digitisations"])

_OFFICER: Final = Role.RECEPTION_OFFICER
_Start = Annotated[Call, Depends(access(_OFFICER, purpose=Purpose.DIGITISE_PAPER))]
_Read = Annotated[Call, Depends(access(_OFFICER, purpose=Purpose.READ_DIGITISATION))]
_Correct = Annotated[Call, Depends(access(_OFFICER, purpose=Purpose.CORRECT_FIELDS))]
_Accept = Annotated[Call, Depends(access(_OFFICER, purpose=Purpose.ACCEPT_DIGITISATION))]
_POLL_S: Final = 0.4
_LONGEST_S: Final = 900.0  # a client that still waits connects again
_PRIVATE: Final = {"Cache-Control": "no-store"}


@router.post("", status_code=202, response_model=StartedView)
def post_digitisation(  # noqa: PLR0917 - the form's parts, given by name
    call: _Start,
    file: Annotated[UploadFile, File(description="JPEG, PNG, TIFF, HEIC or PDF")],
    dossier_id: Annotated[Id, Form()],
    component_type: Annotated[Code, Form()],
    owner_subject_id: Annotated[Id, Form()],
    reason: Annotated[Literal["verify"] | None, Form()] = None,
) -> Response:
    """Take a paper in; it is read in the background."""
    command = StartDigitisation(
        dossier_id=parse_id("dos", dossier_id),
        component_type=component_type,
        owner_subject=parse_id("sub", owner_subject_id),
        source=_content(file, call),
        reason=reason,
    )
    return call.once(_digest(command), lambda: _started(command, call))


@router.get("/{digitisation_id}", response_model=DigitisationView)
def get_one_digitisation(digitisation_id: str, call: _Read) -> Response:
    """State, progress, and the fields once the paper is read."""
    found = get_digitisation(_wanted(digitisation_id), call.services, call.caller, call.at)
    headers = _PRIVATE | {"ETag": f'"{found.record.version}"'}
    if found.record.state is DigitisationState.RECEIVED:
        headers["Retry-After"] = "1"
    return JSONResponse(DigitisationView.of(found).model_dump(mode="json"), headers=headers)


def _find(digitisation_id: str, call: _Read) -> DigitisationFound:
    return follow_digitisation(_wanted(digitisation_id), call.services, call.caller)


@router.get("/{digitisation_id}/events", response_class=EventSourceResponse)
async def follow_one_digitisation(
    digitisation_id: str, found: Annotated[DigitisationFound, Depends(_find)], call: _Read
) -> AsyncIterator[ServerSentEvent]:
    """Progress as unnamed events at every change, until the paper is read or given up."""
    waited, shown = 0.0, ProgressView.of(found)
    yield ServerSentEvent(data=shown)
    while shown.state is DigitisationState.RECEIVED and waited < _LONGEST_S:
        await asyncio.sleep(_POLL_S)
        waited += _POLL_S
        now = ProgressView.of(await run_in_threadpool(_find, digitisation_id, call))
        if now != shown:
            shown = now
            yield ServerSentEvent(data=shown)


@router.get(
    "/{digitisation_id}/pages/{page}", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}}
)
def get_page(digitisation_id: str, page: int, call: _Read) -> Response:
    """A page as it will stand in the copy, straightened."""
    command = ReadPageImage(digitisation_id=parse_id("dig", digitisation_id), page=page)
    picture = read_page_image(command, call.services, call.caller, call.at)
    return Response(picture, media_type="image/jpeg", headers=_PRIVATE)


@router.patch("/{digitisation_id}/fields", response_model=DigitisationView)
def patch_fields(
    digitisation_id: str, body: FieldsBody, call: _Correct, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """Confirm or correct fields; an unchanged value confirms."""
    command = CorrectFields(
        digitisation_id=parse_id("dig", digitisation_id),
        fields=body.fields,
        version=body.version if if_match is None else _version(if_match),
    )
    changed = correct_fields(command, call.services, call.caller, call.at)
    view = DigitisationView.corrected(changed.record, changed.fields).model_dump(mode="json")
    return JSONResponse(view, headers=_PRIVATE | {"ETag": f'"{changed.record.version}"'})


@router.post("/{digitisation_id}/signature-preparation", status_code=201, response_model=AuthorisationOut)
def post_signature_preparation(digitisation_id: str, body: CopyPreparationBody, call: _Accept) -> Response:
    """Prepare the officer's signature and ask for the holder's agreement to exactly this copy."""
    order = CopyOrder(
        digitisation_id=parse_id("dig", digitisation_id),
        certificate_id=parse_id("cert", body.certificate_id),
        mark=body.mark,
    )
    return call.once(body, lambda: _prepared(order, call))


@router.post("/{digitisation_id}/token-preparation", status_code=201, response_model=PreparationView)
def post_token_preparation(digitisation_id: str, body: TokenCopyPreparationIn, call: _Accept) -> Response:
    """Prepare the copy for the key in an own token; its value goes to `/v1/signature-preparations/{id}/completion`."""
    command = body.to_command(digitisation_id)
    return call.once(body, lambda: _waiting(command, call))


@router.post(
    "/{digitisation_id}/acceptance",
    status_code=201,
    response_model=AcceptanceView,
    responses={202: {"model": PendingCopyView, "description": "Signed; stored as soon as its time-stamp is there"}},
)
def post_acceptance(digitisation_id: str, body: AcceptanceBody, call: _Accept) -> Response:
    """Sign the copy with the officer's personal certificate and put it into the owner's vault."""
    order = CopyOrder(
        digitisation_id=parse_id("dig", digitisation_id),
        certificate_id=parse_id("cert", body.certificate_id),
        mark=body.mark,
    )
    command = AcceptDigitisation(
        order=order,
        authorisation_id=body.authorisation_id and parse_id("sad", body.authorisation_id),
        second_factor=body.second_factor,
    )
    return call.once(body, lambda: _accepted(command, call))


def _wanted(digitisation_id: str) -> GetDigitisation:
    return GetDigitisation(digitisation_id=parse_id("dig", digitisation_id))


def _content(file: UploadFile, call: Call) -> bytes:
    limit = call.services.settings.max_upload_bytes
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge
    return content


def _digest(command: StartDigitisation) -> bytes:
    parts = (command.dossier_id, command.component_type, command.owner_subject, command.reason or "")
    return hashlib.sha256("\x00".join(parts).encode() + b"\x00" + command.source).digest()


def _version(if_match: str) -> int:
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isascii() or not text.isdigit():
        raise InputInvalid("If-Match không hợp lệ.", "If-Match is not one of our versions.")
    return int(text[:9])


def _started(command: StartDigitisation, call: Call) -> JSONResponse:
    record = start_digitisation(command, call.services, call.caller, call.at)
    location = {"Location": f"/v1/digitisations/{record.digitisation_id}", "Retry-After": "1"}
    return JSONResponse(StartedView.of(record).model_dump(mode="json"), status_code=202, headers=location)


def _prepared(order: CopyOrder, call: Call) -> JSONResponse:
    asked = prepare_digitisation(order, call.services, call.caller, call.at)
    view = AuthorisationOut.of(asked, call.services.settings.public_host)
    return JSONResponse(
        view.model_dump(mode="json"), status_code=201, headers={"Location": f"/v1/signature-authorisations/{view.id}"}
    )


def _waiting(command: PrepareTokenCopy, call: Call) -> JSONResponse:
    record = prepare_token_copy(command, call.services, call.caller, call.at)
    location = {"Location": f"/v1/signature-preparations/{record.preparation_id}"}
    return JSONResponse(PreparationView.of(record).model_dump(mode="json"), status_code=201, headers=location)


def _accepted(command: AcceptDigitisation, call: Call) -> JSONResponse:
    done = accept_digitisation(command, call.services, call.caller, call.at)
    if done.stored is None:
        pending = PendingCopyView.of(done).model_dump(mode="json")
        headers = {"Location": f"/v1/digitisations/{command.order.digitisation_id}", "Retry-After": "60"}
        return JSONResponse(pending, status_code=202, headers=headers)
    view = AcceptanceView(document_id=done.stored.document_id, signature_level=done.level).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/documents/{done.stored.document_id}"})
