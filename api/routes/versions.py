"""The version under a signature, and what is different now: of a file that is sent, or of a stored document."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.callers import Purpose, Role
from api.context import Call, access, media_type, public, read_form, read_json_body
from api.context.attachments import attached_pdf
from api.context.for_dossier import ForDossier
from api.context.negotiation import chosen_media_type
from api.errors import InputInvalid, MediaTypeUnsupported
from api.ids import parse_id
from api.routes.sent_verifications import checked, decoded
from api.schemas.versions import ComparisonRequest, ComparisonView, VersionRequest
from api.usecases.read_signed_version import ReadSignedVersion, read_signed_version, read_version_comparison
from api.usecases.show_signed_version import ShowVersion, SignedVersion, compare_versions, show_signed_version
from api.usecases.vault_readers import OFFICERS
from signing.validation.versions import ComparedPage

router = APIRouter(tags=["verifications"])

_Anybody = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]
_READERS: Final = (Role.CITIZEN, *OFFICERS, Role.RELYING_SYSTEM)
_Reader = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_DOCUMENT))]
_PAGE: Final = Query(ge=1, le=100_000, description="Từ 1; bỏ trống: trang đầu tiên có thay đổi / from 1")
_BINARY: Final = {"type": "string", "format": "binary"}
_PDF: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/pdf": {"schema": _BINARY}}}}
_PICTURE: Final = "image/png"
_COMPARED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ComparisonView, "content": {_PICTURE: {"schema": _BINARY}}}
}


def _bodies(request: type[VersionRequest]) -> dict[str, Any]:
    schema = request.model_json_schema()
    fields = {name: value for name, value in schema["properties"].items() if name != "document"}
    form = {"type": "object", "properties": {"file": _BINARY, **fields}, "required": ["file", "field"]}
    content = {"multipart/form-data": {"schema": form}, "application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


async def _sent(request: Request) -> ShowVersion:
    """The file of the request, as a form field ``file`` or as base64 in JSON; bounded, in memory only."""
    limit = request.app.state.services.settings.max_verify_bytes
    kind = media_type(request)
    if kind == "multipart/form-data":
        form = await read_form(request, max_bytes=limit, max_files=1)
        files = form.files_of("file")
        if len(files) != 1:
            raise InputInvalid("Thiếu tệp trong trường `file`.", "The field `file` is missing.")
        return _command(files[0].content, checked(ComparisonRequest, {"document": "-", **form.filled()}))
    if kind == "application/json":
        return await run_in_threadpool(_from_json, await read_json_body(request, max_bytes=limit))
    raise MediaTypeUnsupported


def _command(pdf: bytes, wanted: ComparisonRequest) -> ShowVersion:
    return ShowVersion(pdf=pdf, field_name=wanted.field, page=wanted.page, password=wanted.password)


def _from_json(body: bytes) -> ShowVersion:
    wanted = checked(ComparisonRequest, body)
    return _command(decoded(wanted.document, "document"), wanted)


_Sent = Annotated[ShowVersion, Depends(_sent)]


@router.post(
    "/v1/verifications/signed-versions", response_class=Response, responses=_PDF, openapi_extra=_bodies(VersionRequest)
)
def post_signed_version(call: _Anybody, command: _Sent) -> Response:
    """The exact bytes of the version that a signature covers."""
    return _file(show_signed_version(command, call.services, call.caller, call.at))


@router.post(
    "/v1/verifications/comparisons", response_class=Response, responses=_COMPARED,
    openapi_extra=_bodies(ComparisonRequest),
)  # fmt: skip
def post_comparison(request: Request, call: _Anybody, command: _Sent) -> Response:
    """A page as it is now, with frames around what differs from the signed version; or the list of areas as JSON."""
    kind = chosen_media_type(request.headers.get("accept"), (_PICTURE, "application/json"))
    return _compared(compare_versions(command, call.services, call.caller, call.at), kind)


@router.get("/v1/documents/{document_id}/signatures/{field}/revision", response_class=Response, responses=_PDF)
def get_signed_revision(document_id: str, field: str, call: _Reader, dossier_id: ForDossier) -> Response:
    """The exact bytes of the version of a stored document that a signature covers."""
    command = ReadSignedVersion(document_id=parse_id("doc", document_id), field_name=field, dossier_id=dossier_id)
    return _file(read_signed_version(command, call.services, call.caller, call.at))


@router.get("/v1/documents/{document_id}/signatures/{field}/comparison", response_class=Response, responses=_COMPARED)
def get_comparison(  # noqa: PLR0917 - the framework fills the arguments by name
    request: Request,
    document_id: str,
    field: str,
    call: _Reader,
    dossier_id: ForDossier,
    page: Annotated[int | None, _PAGE] = None,
) -> Response:
    """A page of a stored document with frames around what differs from the signed version; or the areas as JSON."""
    kind = chosen_media_type(request.headers.get("accept"), (_PICTURE, "application/json"))
    doc = parse_id("doc", document_id)
    command = ReadSignedVersion(document_id=doc, field_name=field, page=page, dossier_id=dossier_id)
    return _compared(read_version_comparison(command, call.services, call.caller, call.at), kind)


def _file(version: SignedVersion) -> Response:
    name = f"ban-da-ky-{version.sha256[:12]}.pdf"
    more = {"Anso-Whole-File": str(version.whole_file).lower()}
    return attached_pdf(version.pdf, name=name, sha256=version.sha256, more=more)


def _compared(page: ComparedPage, kind: str) -> Response:
    headers = {
        "Anso-Same": "unknown" if page.same is None else str(page.same).lower(),
        "Anso-Page": f"{page.page}/{page.pages}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    if kind == _PICTURE:
        return Response(page.png, media_type=_PICTURE, headers=headers)
    return JSONResponse(ComparisonView.of(page).model_dump(mode="json"), headers=headers)
