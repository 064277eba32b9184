"""Uses of stored documents in dossiers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.schemas.vault import ReuseBody, ReuseView
from api.usecases.reuse_document import ReuseDocument, reuse_document
from vault.model import ReuseEvent

router = APIRouter(prefix="/v1/reuse-events", tags=["reuse"], max_body_size=JSON_BODY_BYTES)

_USERS = (Role.RECEPTION_OFFICER, Role.APPRAISER, Role.RELYING_SYSTEM, Role.CITIZEN)
_Reuse = Annotated[Call, Depends(access(*_USERS, purpose=Purpose.REUSE_DOCUMENT))]


@router.post("", status_code=201, response_model=ReuseView)
def post_reuse_event(body: ReuseBody, call: _Reuse) -> Response:
    """Use a stored document for a component of a dossier; a refusal is 409 with its reason as code."""
    command = ReuseDocument(
        consent_id=parse_id("con", body.consent_id),
        document_id=parse_id("doc", body.document_id),
        dossier_id=parse_id("dos", body.dossier_id),
        component_type=body.component_type,
    )
    return call.once(body, lambda: _created(reuse_document(command, call.services, call.caller, call.at)))


def _created(event: ReuseEvent) -> JSONResponse:
    return JSONResponse(ReuseView.of(event).model_dump(mode="json"), status_code=201)
