"""Stored documents and their files."""

import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.attachments import ContentResponse
from api.context.for_dossier import ForDossier
from api.ids import parse_id
from api.schemas.vault import DocumentView
from api.usecases.read_document import FileContent, ReadDocument, read_document
from api.usecases.vault_readers import OFFICERS
from vault.model import FileRole

router = APIRouter(prefix="/v1/documents", tags=["documents"], max_body_size=JSON_BODY_BYTES)

_READERS = (Role.CITIZEN, *OFFICERS, Role.RELYING_SYSTEM)
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_DOCUMENT))]
_EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/heic": "heic"}


@router.get("/{document_id}", response_model=DocumentView)
def get_document(document_id: str, call: _Read, dossier_id: ForDossier) -> Response:
    """What is known of a document."""
    command = ReadDocument(document_id=parse_id("doc", document_id), dossier_id=dossier_id)
    found = read_document(command, call.services, call.caller, call.at)
    headers = {"ETag": f'"{found.described.document.version}"', "Cache-Control": "no-store"}
    return JSONResponse(DocumentView.of(found.described).model_dump(mode="json"), headers=headers)


@router.get(
    "/{document_id}/content", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}}
)
def get_document_content(
    document_id: str, call: _Read, dossier_id: ForDossier, role: FileRole | None = None
) -> Response:
    """One of the document's files, without `role` the one with legal value; checked before the first byte is sent."""
    command = ReadDocument(
        document_id=parse_id("doc", document_id), role=role, evidential=role is None, dossier_id=dossier_id
    )
    found = read_document(command, call.services, call.caller, call.at)
    return _file_response(command.document_id, found.file)


def _file_response(document_id: str, file: FileContent | None) -> Response:
    if file is None:  # a role was asked for, so there is a file
        return Response(status_code=404)
    name = f"{document_id}.{_EXTENSIONS.get(file.media_type, 'bin')}"
    headers = {
        "ETag": f'"{file.sha256.hex()}"',
        "Repr-Digest": f"sha-256=:{base64.b64encode(file.sha256).decode()}:",  # RFC 9530 §3
        "Content-Disposition": f'attachment; filename="{name}"',  # never shown inside our own pages
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return ContentResponse(file.content, media_type=file.media_type, headers=headers)
