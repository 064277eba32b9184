"""Results on their way: drafted, appraised, numbered, signed, sealed, issued."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.context.attachments import ContentResponse
from api.ids import parse_id
from api.records.results import ResultRecord
from api.schemas.results import DraftBody, EmptyBody, ResultView, SealBody, SignatureBody, VoidBody
from api.usecases.appraise_result import AppraiseResult, appraise_result
from api.usecases.draft_result import DraftResult, draft_result
from api.usecases.issue_result import IssueResult, issue_result
from api.usecases.number_result import NumberResult, number_result
from api.usecases.pending_stamps import pending_of
from api.usecases.read_result import ReadResult, read_result
from api.usecases.seal_result import SealResult
from api.usecases.seal_with_annexes import SealWithAnnexes, seal_with_annexes
from api.usecases.sign_result import SignResult, sign_result
from api.usecases.void_result import VoidResult, void_result

router = APIRouter(prefix="/v1/results", tags=["results"], max_body_size=JSON_BODY_BYTES)

_READERS = (Role.APPRAISER, Role.AUTHORISED_SIGNER, Role.CLERK, Role.RECEPTION_OFFICER)
_Draft = Annotated[Call, Depends(access(Role.APPRAISER, purpose=Purpose.DRAFT_RESULT))]
_Appraise = Annotated[Call, Depends(access(Role.APPRAISER, purpose=Purpose.APPRAISE_RESULT))]
_Number = Annotated[Call, Depends(access(Role.CLERK, purpose=Purpose.NUMBER_RESULT))]
_Void = Annotated[Call, Depends(access(Role.AUTHORISED_SIGNER, Role.CLERK, purpose=Purpose.NUMBER_RESULT))]
_Sign = Annotated[Call, Depends(access(Role.AUTHORISED_SIGNER, purpose=Purpose.SIGN_RESULT))]
_Seal = Annotated[Call, Depends(access(Role.CLERK, purpose=Purpose.SEAL_RESULT))]
_Issue = Annotated[Call, Depends(access(Role.CLERK, purpose=Purpose.ISSUE_RESULT))]
_Read = Annotated[Call, Depends(access(*_READERS, Role.AUDITOR, purpose=Purpose.READ_RESULT))]
_ReadFile = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_RESULT))]


@router.post("", status_code=201, response_model=ResultView)
def post_result(body: DraftBody, call: _Draft) -> Response:
    """Draft a result; its content is checked as the page will need it."""
    command = DraftResult(
        dossier_id=parse_id("dos", body.dossier_id),
        result_type=body.result_type,
        org_code=body.org_code,
        owner_subject=body.owner_subject_id and parse_id("sub", body.owner_subject_id),
        signer_employment=parse_id("emp", body.signer.employment_id),
        capacity=body.signer.capacity,
        place=body.content.place,
        recipients=tuple(body.content.recipients),
        body=body.content.body,
    )
    return call.once(body, lambda: _created(call, draft_result(command, call.services, call.caller, call.at)))


@router.post("/{result_id}/appraisal", status_code=201, response_model=ResultView)
def post_appraisal(result_id: str, body: EmptyBody, call: _Appraise) -> Response:
    """Stand by a draft."""
    command = AppraiseResult(result_id=parse_id("res", result_id))
    return call.once(body, lambda: _created(call, appraise_result(command, call.services, call.caller, call.at)))


@router.post("/{result_id}/number", status_code=201, response_model=ResultView)
def post_number(result_id: str, body: EmptyBody, call: _Number) -> Response:
    """Reserve number and QR code, and typeset the page with both."""
    command = NumberResult(result_id=parse_id("res", result_id))
    return call.once(body, lambda: _created(call, number_result(command, call.services, call.caller, call.at)))


@router.post("/{result_id}/voiding", status_code=201, response_model=ResultView)
def post_voiding(result_id: str, body: VoidBody, call: _Void) -> Response:
    """Give a numbered result up; its number becomes void with the reason."""
    command = VoidResult(result_id=parse_id("res", result_id), reason=body.reason)
    return call.once(body, lambda: _created(call, void_result(command, call.services, call.caller, call.at)))


@router.post("/{result_id}/signature", status_code=201, response_model=ResultView)
def post_signature(result_id: str, body: SignatureBody, call: _Sign) -> Response:
    """The leader signs (mark A)."""
    command = SignResult(
        result_id=parse_id("res", result_id),
        certificate_id=parse_id("cert", body.certificate_id),
        capacity=body.capacity,
        second_factor=body.second_factor,
        file_sha256=body.file_sha256,
    )
    return call.once(body, lambda: _created(call, sign_result(command, call.services, call.caller, call.at)))


@router.post("/{result_id}/seal", status_code=201, response_model=ResultView)
def post_seal(result_id: str, body: SealBody, call: _Seal) -> Response:
    """The clerk seals with the agency's second certificate (mark B), annexes in the same act (mark C)."""
    command = SealResult(
        result_id=parse_id("res", result_id),
        certificate_id=parse_id("cert", body.certificate_id),
        second_factor=body.second_factor,
        file_sha256=body.file_sha256,
    )
    both = SealWithAnnexes(
        seal=command, authorisation_id=body.authorisation_id and parse_id("sad", body.authorisation_id)
    )
    return call.once(body, lambda: _created(call, seal_with_annexes(both, call.services, call.caller, call.at)))


@router.post("/{result_id}/issue", status_code=201, response_model=ResultView)
def post_issue(result_id: str, body: EmptyBody, call: _Issue) -> Response:
    """Put the sealed original into the owner's vault."""
    command = IssueResult(result_id=parse_id("res", result_id))
    return call.once(body, lambda: _created(call, issue_result(command, call.services, call.caller, call.at)))


@router.get("/{result_id}", response_model=ResultView)
def get_result(result_id: str, call: _Read) -> Response:
    """A result's record."""
    found = read_result(ReadResult(result_id=parse_id("res", result_id)), call.services, call.caller, call.at)
    return JSONResponse(ResultView.of(found.record, found.pending).model_dump(mode="json"))


@router.get("/{result_id}/content", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
def get_result_content(result_id: str, call: _ReadFile) -> Response:
    """The newest revision of a result's PDF."""
    command = ReadResult(result_id=parse_id("res", result_id), with_file=True)
    found = read_result(command, call.services, call.caller, call.at)
    return ContentResponse(found.pdf, media_type="application/pdf", headers={"ETag": f'"{found.record.file_sha256}"'})


def _created(call: Call, record: ResultRecord) -> JSONResponse:
    view = ResultView.of(record, pending_of(record.result_id, call.services)).model_dump(mode="json")
    return JSONResponse(view, status_code=201, headers={"Location": f"/v1/results/{record.result_id}"})
