"""Annexes of results, and the preparation of their seals together with the main file's."""

import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Response, UploadFile
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import Call, access
from api.context.attachments import ContentResponse
from api.errors import BodyTooLarge
from api.ids import parse_id
from api.routes.signature_preparations import completion_of
from api.schemas.annexes import AnnexView
from api.schemas.authorisations import AuthorisationOut
from api.schemas.results import ResultSealPreparationBody, ResultView
from api.schemas.signature_preparations import (
    PreparationItemView,
    PreparationListView,
    PreparationView,
    TokenSealIn,
    TokenSealPreparationIn,
)
from api.usecases.add_annex import AddAnnex, add_annex
from api.usecases.pending_stamps import pending_of
from api.usecases.read_annex import list_annexes, read_annex
from api.usecases.seal_by_token import PrepareTokenSeal, SealByToken, prepare_token_seal, seal_by_token
from api.usecases.seal_result import SealResult
from api.usecases.seal_with_annexes import prepare_seal

router = APIRouter(prefix="/v1/results", tags=["results"])
files = APIRouter(prefix="/v1/annexes", tags=["results"])

_PRIVATE: Final = {"Cache-Control": "no-store"}
_READERS = (Role.APPRAISER, Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER)
_Draft = Annotated[Call, Depends(access(Role.APPRAISER, purpose=Purpose.DRAFT_RESULT))]
_Seal = Annotated[Call, Depends(access(Role.CLERK, purpose=Purpose.SEAL_RESULT))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_RESULT))]


@router.post("/{result_id}/annexes", status_code=201, response_model=AnnexView)
def post_annex(result_id: str, call: _Draft, file: Annotated[UploadFile, File(description="PDF")]) -> Response:
    """Put a separate file beside a draft; its pages are kept as PDF/A."""
    limit = call.services.settings.max_upload_bytes
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge
    command = AddAnnex(result_id=parse_id("res", result_id), content=content)
    return call.once(hashlib.sha256(content).digest(), lambda: _added(command, call))


@router.get("/{result_id}/annexes")
def get_annexes(result_id: str, call: _Read) -> list[AnnexView]:
    """A result's annexes in order."""
    found = list_annexes(parse_id("res", result_id), call.services, call.caller, call.at)
    return [AnnexView.of(one) for one in found]


@files.get(
    "/{annex_id}/content",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
def get_annex_content(annex_id: str, call: _Read) -> Response:
    """The newest revision of an annex."""
    pdf = read_annex(parse_id("anx", annex_id), call.services, call.caller, call.at)
    return ContentResponse(pdf, media_type="application/pdf", headers={"Cache-Control": "no-store"})


@router.post("/{result_id}/seal-preparation", status_code=201, response_model=AuthorisationOut)
def post_seal_preparation(result_id: str, body: ResultSealPreparationBody, call: _Seal) -> Response:
    """Prepare the seals of a result and its annexes, and ask for the keeper's agreement to exactly these files."""
    command = SealResult(
        result_id=parse_id("res", result_id),
        certificate_id=parse_id("cert", body.certificate_id),
        file_sha256=body.file_sha256,
    )
    return call.once(body, lambda: _prepared(command, call))


@router.post("/{result_id}/token-preparation", status_code=201, response_model=PreparationListView)
def post_token_preparation(result_id: str, body: TokenSealPreparationIn, call: _Seal) -> Response:
    """Prepare the seals of a result and its annexes for the key in an own token; the result's is the first."""
    command = body.to_command(result_id)
    return call.once(body, lambda: _waiting(command, call))


@router.post("/{result_id}/token-seal", status_code=201, response_model=ResultView)
def post_token_seal(result_id: str, body: TokenSealIn, call: _Seal) -> Response:
    """Seal a result and its annexes with the values that the token made: all of them, or nothing."""
    values = tuple(completion_of(one) for one in body.items)
    command = SealByToken(result_id=parse_id("res", result_id), values=values)
    return call.once(body, lambda: _sealed(command, call))


def _waiting(command: PrepareTokenSeal, call: Call) -> JSONResponse:
    found = prepare_token_seal(command, call.services, call.caller, call.at)
    items = [PreparationItemView(index=index, preparation=PreparationView.of(one)) for index, one in enumerate(found)]
    return JSONResponse(PreparationListView(items=items).model_dump(mode="json"), status_code=201, headers=_PRIVATE)


def _sealed(command: SealByToken, call: Call) -> JSONResponse:
    record = seal_by_token(command, call.services, call.caller, call.at)
    view = ResultView.of(record, pending_of(record.result_id, call.services)).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/results/{record.result_id}"})


def _added(command: AddAnnex, call: Call) -> JSONResponse:
    view = AnnexView.of(add_annex(command, call.services, call.caller, call.at))
    location = {"Location": f"/v1/annexes/{view.id}/content"}
    return JSONResponse(view.model_dump(mode="json"), status_code=201, headers=location)


def _prepared(command: SealResult, call: Call) -> JSONResponse:
    asked = prepare_seal(command, call.services, call.caller, call.at)
    view = AuthorisationOut.of(asked, call.services.settings.public_host)
    location = {"Location": f"/v1/signature-authorisations/{view.id}"}
    return JSONResponse(view.model_dump(mode="json"), status_code=201, headers=location)
