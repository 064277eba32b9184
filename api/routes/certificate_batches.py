"""Files of certificates that others issued, and how far batches of every kind are."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Response, UploadFile

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access, paging
from api.context.paging import Paging
from api.ids import parse_id
from api.problems import reason_of
from api.records.bulk import BatchKind
from api.records.bulk_rows import RowState
from api.routes.certificate_request_batches import digest_of, row_page, started, upload_of
from api.schemas.batches import BatchRowPage, BatchStarted, BatchView, rows_as_csv
from api.usecases.import_certificate_batch import ImportCertificateBatch, import_certificate_batch
from api.usecases.read_batch import ReadBatch, read_all_rows, read_batch
from signing.validation.foreign_files import MAX_BYTES

router = APIRouter(prefix="/v1/certificate-batches", tags=["certificates"], max_body_size=MAX_BYTES + JSON_BODY_BYTES)

_READERS: Final = (Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER, Role.AUDITOR)
_Import = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.REQUEST_CERTIFICATE))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.READ_CERTIFICATE))]
_Paging = Annotated[Paging, Depends(paging)]
_ALL: Final = tuple(BatchKind)


@router.post("", status_code=202, response_model=BatchStarted)
def post_certificate_batch(
    call: _Import,
    file: Annotated[UploadFile, File(description="PEM, PKCS#7 hoặc DER")],
    evidence: Annotated[str, Form(max_length=128)],
) -> Response:
    """Import a file of certificates that others issued; holders are found by what stands in each."""
    content = upload_of(file, MAX_BYTES)
    command = ImportCertificateBatch(evidence=evidence, content=content)
    return call.once(
        digest_of(evidence, content),
        lambda: started(import_certificate_batch(command, call.services, call.caller, call.at), router.prefix),
    )


@router.get("/{batch_id}")
def get_certificate_batch(batch_id: str, call: _Read) -> BatchView:
    """How far a batch is."""
    return BatchView.of(read_batch(_wanted(batch_id), call.services, call.caller, call.at))


@router.get("/{batch_id}/rows")
def get_certificate_batch_rows(
    batch_id: str, call: _Read, page: _Paging, response: Response, state: RowState | None = None
) -> BatchRowPage:
    """The result of every row; of a file of certificates the row is the position in the file."""
    return row_page(_wanted(batch_id), call, page, response, state=state, prefix=router.prefix)


@router.get("/{batch_id}/results", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def get_certificate_batch_results(batch_id: str, call: _Read) -> Response:
    """The same as one CSV file; no personal data is in it."""
    results = read_all_rows(_wanted(batch_id), call.services, call.caller, call.at)
    headers = {"Content-Disposition": f'attachment; filename="{batch_id}.csv"'}
    return Response(rows_as_csv(results, reason_of), media_type="text/csv; charset=utf-8", headers=headers)


def _wanted(batch_id: str) -> ReadBatch:
    return ReadBatch(batch_id=parse_id("bat", batch_id), kinds=_ALL)
