"""Several files in one request: answered in their order, a bad one fails alone, nothing is stored."""

from collections.abc import Iterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from api.callers import Purpose
from api.context import Call, chosen_media_type, public
from api.errors import NotAcceptable
from api.problems import describe
from api.routes.report_answers import json_text
from api.routes.sent_verifications import Sent, sent_batch
from api.routes.verifications import BINARY, TERMS
from api.schemas.inline import inline_schema
from api.schemas.verifications import VerificationBatch, VerificationBatchRequest
from api.usecases.report_depth import Depth, document_of
from api.usecases.verify_submission import MAX_BATCH, Outcome, verify_batch

router = APIRouter(prefix="/v1/verification-batches", tags=["verifications"])

_Verify = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]
_LIST: Final = "application/json"
_LINES: Final = "application/x-ndjson"
_FILES: Final = {"type": "array", "items": BINARY, "minItems": 1, "maxItems": MAX_BATCH}
_BODIES = {
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {"file": _FILES, **TERMS}, "required": ["file"]}
    },
    "application/json": {"schema": inline_schema(VerificationBatchRequest)},
}


@router.post(
    "",
    response_model=VerificationBatch,
    responses={200: {"content": {_LINES: {}}}},
    openapi_extra={"requestBody": {"content": _BODIES, "required": True}},
)
def post_verification_batch(request: Request, call: _Verify, sent: Annotated[Sent, Depends(sent_batch)]) -> Response:
    """Check up to 50 files: one list, or one line for each as soon as it is known."""
    if sent.depth is Depth.ETSI:
        raise NotAcceptable("Mỗi lần một báo cáo XML.", "One XML report at a time: use /v1/verifications.")
    media_type = chosen_media_type(request.headers.get("accept"), (_LIST, _LINES))
    entries = _entries(sent, call)
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    if media_type == _LINES:
        return StreamingResponse((json_text(one) + b"\n" for one in entries), media_type=_LINES, headers=headers)
    return Response(json_text({"items": list(entries)}), media_type=_LIST, headers=headers)


def _entries(sent: Sent, call: Call) -> Iterator[dict[str, Any]]:
    outcomes = verify_batch(sent.commands, call.services, sent.reader or call.caller, call.at)
    for index, (name, outcome) in enumerate(zip(sent.names, outcomes, strict=True)):
        yield {"index": index, "name": name, **_answer(outcome, sent.depth, call)}


def _answer(outcome: Outcome, depth: Depth | None, call: Call) -> dict[str, Any]:
    if outcome.refusal is not None:
        problem = describe(outcome.refusal, language=call.language, request_id=call.request_id)
        return {"error": dict(problem.body)}
    return {} if outcome.report is None else {"report": document_of(outcome.report, depth)}
