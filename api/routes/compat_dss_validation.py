"""The addresses under which callers of the European Commission's DSS ask about signed documents, in its shape.

DSS tells failures as an object with type, title and status; so does a problem document, so those are used.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from api.callers import Purpose
from api.context import Call, media_type, public, read_json_body
from api.errors import MediaTypeUnsupported
from api.schemas.compat_dss_signatures import DataToValidate, OriginalDocument, SignatureReports, dss_question
from api.schemas.inline import inline_schema
from api.usecases.answer_dss import DssValidation, answer_dss_originals, answer_dss_validation

router = APIRouter(prefix="/compat/dss/validation", tags=["compatibility"])

_Verify = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]
_UNKEPT: Final = {"Cache-Control": "no-store"}
_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": inline_schema(DataToValidate)}}}
}


async def _sent(request: Request) -> DssValidation:
    if media_type(request) != "application/json":
        raise MediaTypeUnsupported
    body = await read_json_body(request, max_bytes=request.app.state.services.settings.max_verify_bytes)
    return await run_in_threadpool(dss_question, body)


@router.post("/validateSignature", response_model=SignatureReports, openapi_extra=_BODY)
def post_validate_signature(call: _Verify, command: Annotated[DssValidation, Depends(_sent)]) -> Response:
    """Validate a signed document as DSS's REST service does."""
    return JSONResponse(answer_dss_validation(command, call.services, call.caller, call.at), headers=_UNKEPT)


@router.post("/getOriginalDocuments", response_model=list[OriginalDocument], openapi_extra=_BODY)
def post_get_original_documents(call: _Verify, command: Annotated[DssValidation, Depends(_sent)]) -> Response:
    """Get the version of a document that a signature covers, as DSS's REST service does."""
    return JSONResponse(answer_dss_originals(command, call.services, call.caller, call.at), headers=_UNKEPT)
