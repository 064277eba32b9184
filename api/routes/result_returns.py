"""Results on their way back: sent back with a reason, drafted anew."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.records.results import ResultRecord
from api.schemas.result_returns import RedraftBody, SendingBackBody
from api.schemas.results import ResultView
from api.usecases.redraft_result import RedraftResult, redraft_result
from api.usecases.result_content import PageDraft
from api.usecases.send_back_result import SendBackResult, send_back_result

router = APIRouter(prefix="/v1/results", tags=["results"], max_body_size=JSON_BODY_BYTES)

_SendBack = Annotated[Call, Depends(access(Role.AUTHORISED_SIGNER, Role.CLERK, purpose=Purpose.NUMBER_RESULT))]
_Draft = Annotated[Call, Depends(access(Role.APPRAISER, purpose=Purpose.DRAFT_RESULT))]


@router.post("/{result_id}/sending-back", status_code=201, response_model=ResultView)
def post_sending_back(result_id: str, body: SendingBackBody, call: _SendBack) -> Response:
    """Send an appraised or numbered result back; a reserved number becomes void with the reason."""
    command = SendBackResult(result_id=parse_id("res", result_id), reason=body.reason)
    return call.once(body, lambda: _answer(send_back_result(command, call.services, call.caller, call.at)))


@router.post("/{result_id}/draft", status_code=201, response_model=ResultView)
def post_draft(result_id: str, body: RedraftBody, call: _Draft) -> Response:
    """Draft a result anew that was sent back."""
    page = PageDraft(
        org_code=call.caller.org_code or "",
        signer_employment=parse_id("emp", body.signer.employment_id),
        capacity=body.signer.capacity,
        place=body.content.place,
        recipients=tuple(body.content.recipients),
        body=body.content.body,
    )
    command = RedraftResult(result_id=parse_id("res", result_id), page=page)
    return call.once(body, lambda: _answer(redraft_result(command, call.services, call.caller, call.at)))


def _answer(record: ResultRecord) -> JSONResponse:
    view = ResultView.of(record).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/results/{record.result_id}"})
