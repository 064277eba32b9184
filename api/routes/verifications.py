"""Verification without login: a file in, the report out; the file is not kept."""

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.callers import Purpose
from api.context import Call, public
from api.errors import InputInvalid, MediaTypeUnsupported
from api.schemas.verifications import VerificationReport, VerificationRequest
from api.usecases.verify_document import VerifyDocument, verify_document
from signing.trust import TrustProfile

router = APIRouter(prefix="/v1/verifications", tags=["verifications"])

_Verify = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]
_BODIES = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {
                "file": {"type": "string", "format": "binary"},
                "policy": {"type": "string"},
                "profile": {"type": "string", "enum": [profile.value for profile in TrustProfile]},
            },
            "required": ["file"],
        }
    },
    "application/json": {"schema": VerificationRequest.model_json_schema()},
}


async def _sent(request: Request) -> VerifyDocument:
    """The file of the request, as a form field ``file`` or as base64 in JSON; bounded by the application's limit."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        async with request.form() as form:
            file, policy = form.get("file"), form.get("policy")
            if not isinstance(file, UploadFile):
                raise InputInvalid("Thiếu tệp trong trường `file`.", "The field `file` is missing.")
            profile = _profile(form.get("profile"))
            return VerifyDocument(pdf=await file.read(), policy_id=str(policy) if policy else None, profile=profile)
    if kind == "application/json":
        return await run_in_threadpool(_decoded, await request.body())
    raise MediaTypeUnsupported


def _profile(sent: object) -> TrustProfile | None:
    try:
        return TrustProfile(str(sent)) if sent else None
    except ValueError as err:
        raise InputInvalid("Không có danh mục tin cậy này.", "There is no such trust profile.") from err


def _decoded(body: bytes) -> VerifyDocument:
    try:
        wanted = VerificationRequest.model_validate_json(body)
        pdf = base64.b64decode(wanted.document, validate=True)
        return VerifyDocument(pdf=pdf, policy_id=wanted.policy, profile=wanted.profile)
    except (ValidationError, binascii.Error) as err:
        raise InputInvalid("Nội dung JSON không hợp lệ.", "The JSON body is not valid.") from err


@router.post("", response_model=VerificationReport, openapi_extra={"requestBody": {"content": _BODIES}})
def post_verification(call: _Verify, command: Annotated[VerifyDocument, Depends(_sent)]) -> Response:
    """Check every signature of a PDF."""
    report = verify_document(command, call.services, call.caller, call.at)
    return JSONResponse(report.document(), headers={"Cache-Control": "no-store"})
