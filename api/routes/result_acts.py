"""What becomes of an issued result: given out, corrected, replaced, recalled."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.records.results import ResultRecord
from api.schemas.result_acts import ActBody, ReplacementBody
from api.schemas.results import EmptyBody, ResultView
from api.usecases.end_result import EndResult, ResultAct, end_result, return_result

router = APIRouter(prefix="/v1/results", tags=["results"], max_body_size=JSON_BODY_BYTES)

_Act = Annotated[Call, Depends(access(Role.AUTHORISED_SIGNER, purpose=Purpose.END_RESULT))]
_Return = Annotated[Call, Depends(access(Role.CLERK, Role.RECEPTION_OFFICER, purpose=Purpose.ISSUE_RESULT))]


@router.post("/{result_id}/return", status_code=201, response_model=ResultView)
def post_return(result_id: str, body: EmptyBody, call: _Return) -> Response:
    """Note that an issued result was given out."""
    wanted = parse_id("res", result_id)
    return call.once(body, lambda: _answer(return_result(wanted, call.services, call.caller, call.at)))


@router.post("/{result_id}/correction", status_code=201, response_model=ResultView)
def post_correction(result_id: str, body: ActBody, call: _Act) -> Response:
    """Note the act that corrects an issued result; the document stays in force."""
    return _act(ResultAct.CORRECTION, result_id, body, call)


@router.post("/{result_id}/replacement", status_code=201, response_model=ResultView)
def post_replacement(result_id: str, body: ReplacementBody, call: _Act) -> Response:
    """Put another issued result in the place of this one."""
    return _act(ResultAct.REPLACEMENT, result_id, body, call, replaced_by=parse_id("res", body.replaced_by))


@router.post("/{result_id}/recall", status_code=201, response_model=ResultView)
def post_recall(result_id: str, body: ActBody, call: _Act) -> Response:
    """Take an issued result back."""
    return _act(ResultAct.RECALL, result_id, body, call)


def _act(act: ResultAct, result_id: str, body: ActBody, call: Call, replaced_by: str | None = None) -> Response:
    command = EndResult(
        result_id=parse_id("res", result_id),
        act=act,
        act_number=body.act_number,
        reason=body.reason,
        replaced_by=replaced_by,
    )
    return call.once(body, lambda: _answer(end_result(command, call.services, call.caller, call.at)))


def _answer(record: ResultRecord) -> JSONResponse:
    view = ResultView.of(record).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/results/{record.result_id}"})
