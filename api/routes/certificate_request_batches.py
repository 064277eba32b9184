"""Files of applicants: taken in, worked on in the background, approved as a whole by another person."""

import hashlib
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, link_next, paging
from api.context.paging import Paging
from api.errors import BodyTooLarge, InputInvalid
from api.ids import parse_id
from api.problems import reason_of
from api.records.bulk import Batch, BatchKind
from api.records.bulk_rows import RowState
from api.schemas.batches import BatchRowPage, BatchRowView, BatchStarted, BatchView, rows_as_csv
from api.schemas.certificates import EmptyBody
from api.usecases.applicant_csv import MAX_BYTES
from api.usecases.approve_request_batch import ApproveRequestBatch, approve_request_batch
from api.usecases.file_request_batch import FileRequestBatch, file_request_batch
from api.usecases.read_batch import (
    REQUESTS,
    ReadBatch,
    ReadBatchRows,
    read_all_rows,
    read_batch,
    read_batch_rows,
)

router = APIRouter(
    prefix="/v1/certificate-request-batches", tags=["certificates"], max_body_size=MAX_BYTES + JSON_BODY_BYTES
)

_READERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER, Role.AUDITOR)
_File = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.REQUEST_CERTIFICATE))]
_Decide = Annotated[Call, Depends(access(Role.APPROVER, purpose=Purpose.APPROVE_CERTIFICATE))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_CERTIFICATE))]
_Paging = Annotated[Paging, Depends(paging)]
_CSV: Final = "text/csv; charset=utf-8"


@router.post("", status_code=202, response_model=BatchStarted)
def post_batch(
    call: _File,
    file: Annotated[UploadFile, File(description="CSV, UTF-8, dấu phẩy hoặc chấm phẩy / comma or semicolon")],
    kind: Annotated[Literal["citizens", "officials"], Form()],
    evidence: Annotated[str, Form(max_length=128, description="Căn cứ cho mọi dòng / what was seen, for every row")],
) -> Response:
    """Take a file in; the columns are listed in the API guide."""
    content = upload_of(file, MAX_BYTES)
    command = FileRequestBatch(kind=BatchKind(kind), evidence=evidence, content=content)  # type: ignore[arg-type] # two of five
    return call.once(
        digest_of(kind, evidence, content),
        lambda: started(file_request_batch(command, call.services, call.caller, call.at), router.prefix),
    )


@router.get("/{batch_id}")
def get_batch(batch_id: str, call: _Read) -> BatchView:
    """How far a batch is."""
    return BatchView.of(read_batch(_wanted(batch_id), call.services, call.caller, call.at))


@router.get("/{batch_id}/rows")
def get_rows(
    batch_id: str, call: _Read, page: _Paging, response: Response, state: RowState | None = None
) -> BatchRowPage:
    """The result of every row, in the order of the file."""
    return row_page(_wanted(batch_id), call, page, response, state=state, prefix=router.prefix)


@router.get("/{batch_id}/results", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def get_results(batch_id: str, call: _Read) -> Response:
    """The same as one CSV file; no personal data is in it."""
    results = read_all_rows(_wanted(batch_id), call.services, call.caller, call.at)
    headers = {"Content-Disposition": f'attachment; filename="{batch_id}.csv"'}
    return Response(rows_as_csv(results, reason_of), media_type=_CSV, headers=headers)


@router.post("/{batch_id}/approval", status_code=202, response_model=BatchStarted)
def post_batch_approval(batch_id: str, call: _Decide, body: EmptyBody | None = None) -> Response:
    """Approve every request of the batch as a second person; each is decided and fails alone."""
    command = ApproveRequestBatch(batch_id=parse_id("bat", batch_id))

    def ordered() -> Response:
        batch = approve_request_batch(command, call.services, call.caller, call.at)
        headers = {"Location": f"{router.prefix}/{batch.batch_id}", "Retry-After": "1"}
        return JSONResponse(BatchStarted.of_approval(batch).model_dump(), status_code=202, headers=headers)

    return call.once(body or EmptyBody(), ordered)


def upload_of(file: UploadFile, limit: int) -> bytes:
    """The uploaded bytes; BodyTooLarge when there are more than `limit`."""
    content = file.file.read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge
    return content


def digest_of(*parts: str | bytes) -> bytes:
    """What an idempotency key stands for when a form is sent."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.digest()


def started(batch: Batch, prefix: str) -> JSONResponse:
    """A batch that was taken in, as an answer."""
    headers = {"Location": f"{prefix}/{batch.batch_id}", "Retry-After": "1"}
    return JSONResponse(BatchStarted.of(batch).model_dump(), status_code=202, headers=headers)


def row_page(
    wanted: ReadBatch, call: Call, page: Paging, response: Response, *, state: RowState | None, prefix: str
) -> BatchRowPage:
    """A page of results, as an answer."""
    if page.after is not None and not page.after.isdecimal():
        raise InputInvalid("Con trỏ trang không hợp lệ.", "The page cursor is not valid.")
    after = None if page.after is None else int(page.after[:9])
    command = ReadBatchRows(batch=wanted, state=state, after=after, limit=page.limit + 1)
    found = read_batch_rows(command, call.services, call.caller, call.at)
    shown, cursor = page.cut(found, lambda result: str(result.row_number))
    path = f"{prefix}/{wanted.batch_id}/rows" + (f"?state={state.value}" if state else "")
    link_next(response, path, cursor)
    return BatchRowPage(items=[BatchRowView.of(result, reason_of) for result in shown], next_cursor=cursor)


def _wanted(batch_id: str) -> ReadBatch:
    return ReadBatch(batch_id=parse_id("bat", batch_id), kinds=REQUESTS)
