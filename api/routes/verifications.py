"""Verification without login: a file in, the report out; the file is not kept."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response

from api.callers import Purpose
from api.context import Call, public
from api.routes.report_answers import REPORT_RESPONSES, report_answer
from api.routes.sent_verifications import Sent, sent_digests, sent_verification
from api.schemas.inline import form_fields, inline_schema
from api.schemas.verifications import HashesRequest, TermsRequest, VerificationReport, VerificationRequest
from api.usecases.report_depth import Depth
from api.usecases.verify_digests import VerifyDigests, verify_digests
from api.usecases.verify_submission import verify_submission

router = APIRouter(prefix="/v1/verifications", tags=["verifications"])

_Verify = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]
BINARY: Final = {"type": "string", "format": "binary"}
TERMS: Final[dict[str, Any]] = form_fields(TermsRequest)
_BODIES = {
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {"file": BINARY, **TERMS}, "required": ["file"]}
    },
    "application/json": {"schema": inline_schema(VerificationRequest)},
}


@router.post(
    "",
    response_model=VerificationReport,
    responses=REPORT_RESPONSES,
    openapi_extra={"requestBody": {"content": _BODIES, "required": True}},
)
def post_verification(request: Request, call: _Verify, sent: Annotated[Sent, Depends(sent_verification)]) -> Response:
    """Check every signature of a PDF."""
    report = verify_submission(sent.commands[0], call.services, sent.reader or call.caller, call.at)
    return report_answer(request, call, report, sent.depth)


@router.post(
    "/hashes",
    response_model=VerificationReport,
    responses=REPORT_RESPONSES,
    openapi_extra={
        "requestBody": {"content": {"application/json": {"schema": inline_schema(HashesRequest)}}, "required": True}
    },
)
def post_verification_of_hashes(
    request: Request, call: _Verify, sent: Annotated[tuple[VerifyDigests, Depth | None], Depends(sent_digests)]
) -> Response:
    """Check signatures against digests: the documents do not leave the caller; at best indeterminate."""
    report = verify_digests(sent[0], call.services, call.caller, call.at)
    return report_answer(request, call, report, sent[1])
