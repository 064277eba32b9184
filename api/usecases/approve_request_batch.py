"""Another person approves a batch: a job decides request by request and issues, each failing alone (I4, S30).

Each request goes through the very use-case that decides a single one, with every guard asked again. A killed job goes
on where it stood: a request that was decided already is not decided twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.callers import Caller, Role
from api.errors import AnsoError, CertSelfApproval, Forbidden, NotFound, StateConflict
from api.records.bulk import Batch, Batches, BatchState
from api.records.bulk_rows import BatchRows, RowApproval, RowResult, RowState
from api.services import Services
from api.usecases.approve_certificate_request import ApproveCertificateRequest, approve_certificate_request
from api.usecases.auditing import event_of
from api.usecases.batch_work import Progress, officer_of, require_role
from api.usecases.read_batch import REQUESTS
from signing.errors import SigningError
from signing.registry_sql import RequestsSql, RequestState
from vault.ledger import Outcome

JOB_KIND: Final = "approve_request_batch"
_CHUNK: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRequestBatch:
    """Which batch."""

    batch_id: str


def approve_request_batch(command: ApproveRequestBatch, services: Services, caller: Caller, at: datetime) -> Batch:
    """Order the approval of every request that the batch made.

    Raises:
        NotFound; Forbidden: nobody stands behind the account. CertSelfApproval: the person who filed it (I4).
        StateConflict: its rows are still being worked on, it was approved before, or it made nothing.
    """
    if caller.subject_id is None:
        raise Forbidden("Tài khoản không gắn với một người.", "No natural person stands behind the account.")
    try:
        with services.db.transaction() as tx:
            batch = Batches(tx).take(command.batch_id)
            rows = BatchRows(tx, services.sealer, batch.batch_id)
            _require_approvable(batch, rows.counts()[RowState.CREATED], caller)
            approved = replace(
                batch,
                approval_job_id=services.jobs.enqueue(
                    tx, JOB_KIND, {"batch_id": batch.batch_id}, at, owner=caller.account_id
                ),
                approved_by=caller.account_id,
                approver_subject_id=caller.subject_id,
                approver_org=caller.org_code,
            )
            if not Batches(tx).begin_approval(approved, at):
                raise StateConflict("Tệp này đã được phê duyệt.", "The batch was approved before.")
            rows.begin_approval()
            event = event_of(caller, "approve_batch", at, object_type="batch", object_id=batch.batch_id)
            services.audit.append(tx, event)
    except CertSelfApproval:
        _log_refusal(command.batch_id, services, caller, at)
        raise
    return approved


def _require_approvable(batch: Batch, created: int, caller: Caller) -> None:
    if batch.kind not in REQUESTS:
        raise NotFound("Không có tệp hàng loạt này.", "There is no such batch.")
    if caller.subject_id == batch.filer_subject_id:
        raise CertSelfApproval
    if batch.state is not BatchState.FINISHED or not created:
        raise StateConflict(
            "Tệp đang được xử lý hoặc không tạo yêu cầu nào.", "The batch is in work or made no request."
        )


def work_batch_approval(services: Services, payload: Mapping[str, str], progress: Progress) -> None:
    """The job's body: one request after the other, each with its own end.

    Raises:
        RoleMissing: the approver's account or role was taken away. Errors that may pass later.
    """
    batch_id = payload["batch_id"]
    while True:
        with services.db.reading() as tx:
            batch = Batches(tx).get(batch_id)
            caller = officer_of(
                batch.approved_by or "", batch.approver_subject_id, batch.approver_org, Role.APPROVER, batch_id
            )
            require_role(tx, caller, services.clock())
            rows = BatchRows(tx, services.sealer, batch_id)
            waiting, counts = rows.to_approve(_CHUNK), rows.approval_counts()
        progress(sum(counts.values()) - counts[RowApproval.WAITING], sum(counts.values()), "approvals")
        if not waiting:
            return
        for row in waiting:
            _approve(row, batch_id, services, caller)


def _approve(row: RowResult, batch_id: str, services: Services, caller: Caller) -> None:
    """Decide one request and keep how it ended; what may pass later is for the whole job to try again."""
    command = ApproveCertificateRequest(request_id=row.result_id or "")
    approval, code, certificate_id = RowApproval.ISSUED, None, None
    try:
        certificate_id = approve_certificate_request(command, services, caller, services.clock()).certificate_id
    except (AnsoError, SigningError) as err:
        if err.retryable:
            raise
        certificate_id = _issued(command.request_id, services) if isinstance(err, StateConflict) else None
        if certificate_id is None:
            approval, code = RowApproval.FAILED, err.code
    with services.db.transaction() as tx:
        BatchRows(tx, services.sealer, batch_id).settle_approval(
            row.row_number, approval, code=code, certificate_id=certificate_id
        )


def _issued(request_id: str, services: Services) -> str | None:
    """The certificate of a request that was decided before: by a killed run of this job, or by hand."""
    with services.db.reading() as tx:
        request = RequestsSql(tx).get(request_id)
    return request.certificate_id if request is not None and request.state is RequestState.ACTIVE else None


def _log_refusal(batch_id: str, services: Services, caller: Caller, at: datetime) -> None:
    with services.db.transaction() as tx:
        event = event_of(
            caller,
            "approve_batch",
            at,
            object_type="batch",
            object_id=batch_id,
            outcome=Outcome.REFUSED,
            reason_code=CertSelfApproval.code,
        )
        services.audit.append(tx, event)
