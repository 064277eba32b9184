"""Certified copies of stored documents, under the agency's seal."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.schemas.authorisations import AuthorisationOut
from api.schemas.copies import CertifiedCopyBody, CertifiedCopyView, SealPreparationBody
from api.usecases.certified_copy import CopyRequest
from api.usecases.certify_copy import CertifyCopy, certify_copy, prepare_copy

router = APIRouter(prefix="/v1/documents", tags=["documents"], max_body_size=JSON_BODY_BYTES)

_Seal = Annotated[Call, Depends(access(Role.CLERK, purpose=Purpose.CERTIFY_COPY))]


@router.post("/{document_id}/copies/signature-preparation", status_code=201, response_model=AuthorisationOut)
def post_copy_preparation(document_id: str, body: SealPreparationBody, call: _Seal) -> Response:
    """Draw the copy, prepare its seal, and ask for the keeper's agreement to exactly this page."""
    request = body.to_request(document_id)
    return call.once(body, lambda: _prepared(request, call))


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


def _prepared(request: CopyRequest, call: Call) -> JSONResponse:
    asked = prepare_copy(request, call.services, call.caller, call.at)
    view = AuthorisationOut.of(asked, call.services.settings.public_host)
    location = {"Location": f"/v1/signature-authorisations/{view.id}"}
    return JSONResponse(view.model_dump(mode="json"), status_code=201, headers=location)


def _sealed(command: CertifyCopy, call: Call) -> JSONResponse:
    record = certify_copy(command, call.services, call.caller, call.at)
    view = CertifiedCopyView.of(record).model_dump(mode="json")
    if record.document_id is None:
        headers = {"Location": f"/v1/documents/{record.source_document_id}", "Retry-After": "60"}
        return JSONResponse(view, status_code=202, headers=headers)
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/documents/{record.document_id}"})
