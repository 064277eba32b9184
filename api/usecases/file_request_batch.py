"""An RA officer hands in a file of applicants; each row becomes a request in the background (S30).

The file is read as a whole at the door, so that a broken one is refused before anything is kept. Its rows are sealed
at once: the file itself is nowhere kept. Done twice, the second batch finds that every request is there already.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from api.callers import Caller
from api.errors import CertSelfApproval
from api.ids import new_id
from api.records.bulk import Batch, BatchKind
from api.records.bulk_rows import WaitingRow
from api.services import Services
from api.usecases.applicant_csv import CITIZEN_COLUMNS, OFFICIAL_COLUMNS, FileRow, read_applicants
from api.usecases.applicant_person import citizen_of, official_of
from api.usecases.applicant_row import read_citizen, read_official, row_from_bytes, row_to_bytes
from api.usecases.auditing import event_of
from api.usecases.batch_work import RowMade, RowWork
from api.usecases.certificate_guards import verify_request
from api.usecases.receive_batch import NewBatch, receive_batch
from signing.identity import CertificateClass, Scope
from signing.registry_sql import CertificateRequest, RequestsSql, RequestState, RequestType

_NEEDED: Final = {BatchKind.CITIZENS: CITIZEN_COLUMNS, BatchKind.OFFICIALS: OFFICIAL_COLUMNS}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRequestBatch:
    """The file, whom its rows name, and what the officer saw."""

    kind: Literal[BatchKind.CITIZENS, BatchKind.OFFICIALS]
    evidence: str
    content: bytes = field(repr=False)


def file_request_batch(command: FileRequestBatch, services: Services, caller: Caller, at: datetime) -> Batch:
    """Take the file in; the rows are worked on by a job.

    Raises:
        Forbidden: nobody stands behind the account. InputInvalid: no reference to evidence.
        CsvTooLarge, CsvEncodingWrong, CsvBroken, CsvHeaderWrong, CsvWithoutRows: nothing was kept.
    """
    rows = read_applicants(command.content, _NEEDED[command.kind])
    new = NewBatch(kind=command.kind, evidence=command.evidence, rows=waiting_rows(rows))
    return receive_batch(new, services, caller, at)


def waiting_rows(rows: tuple[FileRow, ...]) -> tuple[WaitingRow, ...]:
    """Rows of a file as a batch keeps them."""
    return tuple(WaitingRow(row_number=row.number, content=row_to_bytes(row)) for row in rows)


def file_row(work: RowWork, waiting: WaitingRow, _examined: object) -> RowMade:
    """The request of one row, or the reason why not."""
    row = row_from_bytes(waiting.row_number, waiting.content)
    if work.batch.kind is BatchKind.CITIZENS:
        return _file(work, _citizen_request(work, row))
    return _file(work, _official_request(work, row))


def _citizen_request(work: RowWork, row: FileRow) -> CertificateRequest:
    applicant = read_citizen(row, work.at)
    subject_id = citizen_of(work.tx, applicant, work.services, work.at)
    return _request(work, CertificateClass.CITIZEN, subject_id, applicant.evidence)


def _official_request(work: RowWork, row: FileRow) -> CertificateRequest:
    applicant = read_official(row)
    post = official_of(work.tx, applicant, work.services, work.at)
    return _request(
        work,
        CertificateClass.PERSONAL,
        post.subject_id,
        applicant.evidence,
        org_code=post.org_code,
        employment_id=post.employment_id,
    )


def _request(
    work: RowWork,
    certificate_class: CertificateClass,
    subject_id: str,
    evidence: str | None,
    *,
    org_code: str | None = None,
    employment_id: str | None = None,
) -> CertificateRequest:
    return CertificateRequest(
        request_id=new_id("req", work.at),
        type=RequestType.NEW,
        state=RequestState.VERIFIED,
        certificate_class=certificate_class,
        ordinal=1,
        org_code=org_code,
        subject_id=subject_id,
        employment_id=employment_id,
        primary_certificate_id=None,
        scope=Scope(),
        evidence=tuple(dict.fromkeys(one for one in (work.batch.evidence, evidence) if one)),
        ra_account_id=work.caller.account_id,
        ra_subject_id=work.batch.filer_subject_id,
        requested_at=work.at,
    )


def _file(work: RowWork, request: CertificateRequest) -> RowMade:
    """Record the request when every guard holds, exactly as for a single one."""
    if request.subject_id == work.batch.filer_subject_id:
        raise CertSelfApproval
    verify_request(work.tx, request, work.services, work.at)
    requests = RequestsSql(work.tx)
    there = requests.open_like(request)
    if there:
        return RowMade(result_id=there[0].request_id, is_new=False)
    requests.add(request)
    event = event_of(
        work.caller,
        "request_certificate",
        work.at,
        object_type="certificate_request",
        object_id=request.request_id,
        owner_id=request.subject_id,
        details=(("batch", work.batch.batch_id), ("class", request.certificate_class.value)),
    )
    work.services.audit.append(work.tx, event)
    return RowMade(result_id=request.request_id)
