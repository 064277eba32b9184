"""The page with its mark before anything is signed: of a result, or of an uploaded document."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from api.callers import Purpose, Role
from api.context import Call, access, media_type, read_form
from api.errors import InputInvalid, MediaTypeUnsupported
from api.ids import parse_id
from api.routes.sent_verifications import checked
from api.schemas.inline import form_fields
from api.schemas.mark_previews import PreviewTerms
from api.schemas.results import PreviewBody
from api.usecases.preview_mark import MarkPreview, PreviewMark, PreviewUpload, preview_mark, preview_upload

router = APIRouter(prefix="/v1", tags=["mark previews"])

_HOLDERS: Final = (Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER, Role.APPRAISER, Role.CITIZEN)
_Result = Annotated[Call, Depends(access(Role.AUTHORISED_SIGNER, Role.CLERK, purpose=Purpose.PREVIEW_MARK))]
_Own = Annotated[Call, Depends(access(*_HOLDERS, purpose=Purpose.PREVIEW_MARK))]
_BINARY: Final = {"type": "string", "format": "binary"}
_PNG: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/png": {"schema": _BINARY}}}}
_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": _BINARY, **form_fields(PreviewTerms)},
                    "required": ["file", "certificate_id"],
                }
            }
        },
    }
}


async def _sent(request: Request) -> PreviewUpload:
    """The document and what is to be seen on it; bounded, in memory only."""
    if media_type(request) != "multipart/form-data":
        raise MediaTypeUnsupported
    form = await read_form(request, max_bytes=request.app.state.services.settings.max_upload_bytes, max_files=1)
    files = form.files_of("file")
    if len(files) != 1:
        raise InputInvalid("Thiếu tệp trong trường `file`.", "The field `file` is missing.")
    return checked(PreviewTerms, form.filled()).to_command(files[0].content)


@router.post("/results/{result_id}/mark-preview", response_class=Response, responses=_PNG)
def post_mark_preview(result_id: str, body: PreviewBody, call: _Result) -> Response:
    """The page of a result as it will look when the caller has signed (mark A) or sealed it (mark B)."""
    command = PreviewMark(result_id=parse_id("res", result_id), certificate_id=parse_id("cert", body.certificate_id))
    return _picture(preview_mark(command, call.services, call.caller, call.at))


@router.post("/mark-previews", response_class=Response, responses=_PNG, openapi_extra=_FORM)
def post_upload_preview(call: _Own, command: Annotated[PreviewUpload, Depends(_sent)]) -> Response:
    """The page of an own document as it will look when the caller has signed it; nothing is kept."""
    return _picture(preview_upload(command, call.services, call.caller, call.at))


def _picture(preview: MarkPreview) -> Response:
    headers = {
        "ETag": f'"{preview.file_sha256}"',  # of the file that will be signed, not of this picture of it
        "Anso-File-Sha256": preview.file_sha256,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(preview.png, media_type="image/png", headers=headers)
