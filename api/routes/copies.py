"""Certified copies of stored documents, under the agency's seal; conversions to paper."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.attachments import ContentResponse
from api.ids import parse_id
from api.schemas.authorisations import AuthorisationOut
from api.schemas.copies import (
    CertifiedCopyBody,
    CertifiedCopyView,
    ConversionBody,
    ConversionView,
    SealPreparationBody,
)
from api.schemas.signature_preparations import PreparationView, TokenCertifiedCopyIn
from api.usecases.certified_copy import CopyRequest
from api.usecases.certify_copy import CertifyCopy, certify_copy, prepare_copy
from api.usecases.convert_to_paper import ConvertToPaper, convert_to_paper
from api.usecases.prepare_token_certified_copy import PrepareTokenCertifiedCopy, prepare_token_certified_copy
from api.usecases.read_certified_copy import read_certified_copy
from api.usecases.read_conversion import read_conversion

router = APIRouter(prefix="/v1/documents", tags=["documents"], max_body_size=JSON_BODY_BYTES)
certified = APIRouter(prefix="/v1/certified-copies", tags=["documents"])
conversions = APIRouter(prefix="/v1/paper-conversions", tags=["documents"])

_Seal = Annotated[Call, Depends(access(Role.CLERK, purpose=Purpose.CERTIFY_COPY))]
_Convert = Annotated[Call, Depends(access(Role.CLERK, purpose=Purpose.CONVERT_TO_PAPER))]


@router.post("/{document_id}/copies/signature-preparation", status_code=201, response_model=AuthorisationOut)
def post_copy_preparation(document_id: str, body: SealPreparationBody, call: _Seal) -> Response:
    """Draw the copy, prepare its seal, and ask for the keeper's agreement to exactly this page."""
    request = body.to_request(document_id)
    return call.once(body, lambda: _prepared(request, call))


@router.post("/{document_id}/copies/token-preparation", status_code=201, response_model=PreparationView)
def post_copy_token(document_id: str, body: TokenCertifiedCopyIn, call: _Seal) -> Response:
    """Prepare the copy for a seal in an own token; its value goes to `/v1/signature-preparations/{id}/completion`."""
    command = body.to_command(document_id)
    return call.once(body, lambda: _waiting(command, call))


@router.post(
    "/{document_id}/copies",
    status_code=201,
    response_model=CertifiedCopyView,
    responses={202: {"model": CertifiedCopyView, "description": "Sealed; stored as soon as its time-stamp is there"}},
)
def post_copy(document_id: str, body: CertifiedCopyBody, call: _Seal) -> Response:
    """Seal an electronic copy (SAO Y, SAO LỤC, TRÍCH SAO) and put it into the owner's vault, grade B."""
    command = body.to_command(document_id)
    return call.once(body, lambda: _sealed(command, call))


@certified.get("/{copy_id}")
def get_certified_copy(copy_id: str, call: _Seal) -> CertifiedCopyView:
    """What became of a copy of the own agency: its number and its document, or that it still waits."""
    return CertifiedCopyView.of(read_certified_copy(parse_id("cpy", copy_id), call.services, call.caller, call.at))


@router.post("/{document_id}/paper-conversions", status_code=201, response_model=ConversionView)
def post_paper_conversion(document_id: str, body: ConversionBody, call: _Convert) -> Response:
    """Make printable pages of a document, with conversion mark and QR code; the original stays as it is."""
    command = body.to_command(document_id)
    return call.once(body, lambda: _converted(command, call))


@conversions.get(
    "/{conversion_id}/content", response_class=Response, responses={200: {"content": {"application/pdf": {}}}}
)
def get_conversion_content(conversion_id: str, call: _Convert) -> Response:
    """The pages for the printer."""
    found = read_conversion(parse_id("cnv", conversion_id), call.services, call.caller, call.at)
    headers = {"ETag": f'"{found.record.to_sha256}"', "Cache-Control": "no-store"}
    return ContentResponse(found.pdf, media_type="application/pdf", headers=headers)


def _converted(command: ConvertToPaper, call: Call) -> JSONResponse:
    record = convert_to_paper(command, call.services, call.caller, call.at)
    location = {"Location": f"/v1/paper-conversions/{record.conversion_id}/content"}
    view = ConversionView.of(record, call.services.settings.public_url).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers=location)


def _prepared(request: CopyRequest, call: Call) -> JSONResponse:
    asked = prepare_copy(request, call.services, call.caller, call.at)
    view = AuthorisationOut.of(asked, call.services.settings.public_host)
    location = {"Location": f"/v1/signature-authorisations/{view.id}"}
    return JSONResponse(view.model_dump(mode="json"), status_code=201, headers=location)


def _waiting(command: PrepareTokenCertifiedCopy, call: Call) -> JSONResponse:
    record = prepare_token_certified_copy(command, call.services, call.caller, call.at)
    location = {"Location": f"/v1/signature-preparations/{record.preparation_id}"}
    return JSONResponse(PreparationView.of(record).model_dump(mode="json"), status_code=201, headers=location)


def _sealed(command: CertifyCopy, call: Call) -> JSONResponse:
    record = certify_copy(command, call.services, call.caller, call.at)
    view = CertifiedCopyView.of(record).model_dump(mode="json")
    if record.document_id is None:
        headers = {"Location": f"/v1/documents/{record.source_document_id}", "Retry-After": "60"}
        return JSONResponse(view, status_code=202, headers=headers)
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/documents/{record.document_id}"})
