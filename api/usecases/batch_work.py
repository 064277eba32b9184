"""What every batch's job shares: chunk after chunk, each with its results in one transaction, until no row waits.

Knows batches and rows. Must not know what a row asks for: that comes in as a function. A killed job goes on with the
rows that wait; a row that has a result is never looked at again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller, Purpose, Role
from api.db import Tx
from api.errors import AnsoError, CertDuplicateActive, RoleMissing
from api.records.accounts import Accounts
from api.records.bulk import Batch, Batches, BatchState
from api.records.bulk_rows import BatchRows, RowResult, RowState, WaitingRow
from api.services import Services
from api.usecases.auditing import event_of
from signing.errors import SigningError

Progress = Callable[[int, int, str], None]

CHUNK_ROWS: Final = 100
"""Rows in one transaction: few enough that others who write wait for a moment only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMade:
    """What a row made, or found there already."""

    result_id: str
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWork:
    """What a row is worked on with."""

    tx: Tx
    batch: Batch
    services: Services
    caller: Caller
    """The officer who filed the batch."""
    at: datetime


Examine = Callable[[Batch, WaitingRow, Services, datetime], object]
"""Looks at a row outside any transaction, where others can write meanwhile; what it raises is the row's end as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBody:
    """What is done with each row of a kind of batch."""

    make: Callable[[RowWork, WaitingRow, object], RowMade]
    """Makes what one row asks for from what was examined, or raises: an error of ours refuses the row,
    CertDuplicateActive says that it is there. Checks everything before it writes: what it wrote would stay."""
    examine: Examine | None = None
    """Costly work before that, such as checking a certificate in a worker process."""


def work_rows(batch_id: str, body: RowBody, services: Services, progress: Progress) -> Batch:
    """Work on every waiting row and finish the batch.

    Raises:
        RoleMissing: the officer's account or role was taken away in the meantime. Errors that may pass later.
    """
    while True:
        at = services.clock()
        examined = _examined(batch_id, body, services, at)
        with services.db.transaction() as tx:
            batch = Batches(tx).take(batch_id)
            if batch.state is not BatchState.RECEIVED:
                return batch
            caller = officer_of(batch.filed_by, batch.filer_subject_id, batch.filer_org, Role.RA_OFFICER, batch_id)
            require_role(tx, caller, at)
            rows = BatchRows(tx, services.sealer, batch_id)
            work = RowWork(tx=tx, batch=batch, services=services, caller=caller, at=at)
            chunk = [row for row in rows.waiting(CHUNK_ROWS) if examined is None or row.row_number in examined]
            rows.settle([_worked(work, row, body, (examined or {}).get(row.row_number)) for row in chunk])
            counts = rows.counts()
            if not counts[RowState.PENDING]:
                _finish(work, counts)
        progress(batch.row_count - counts[RowState.PENDING], batch.row_count, "rows")


def _examined(batch_id: str, body: RowBody, services: Services, at: datetime) -> dict[int, object] | None:
    """What was found out about the next rows, by number; None: rows of this kind need nothing beforehand."""
    if body.examine is None:
        return None
    with services.db.reading() as tx:
        batch = Batches(tx).get(batch_id)
        waiting = BatchRows(tx, services.sealer, batch_id).waiting(CHUNK_ROWS)
    found: dict[int, object] = {}
    for row in waiting:
        try:
            found[row.row_number] = body.examine(batch, row, services, at)
        except (AnsoError, SigningError) as err:
            if err.retryable:
                raise
            found[row.row_number] = err
    return found


def give_up_batch(services: Services, payload: Mapping[str, str], error_code: str) -> None:
    """The job has failed for good: its open rows stay pending, and the same file can be sent again."""
    with services.db.transaction() as tx:
        batch = Batches(tx).take(payload["batch_id"])
        if batch.state is BatchState.RECEIVED:
            Batches(tx).end(batch.batch_id, BatchState.FAILED, services.clock(), error_code)


def officer_of(account_id: str, subject_id: str | None, org_code: str | None, role: Role, batch_id: str) -> Caller:
    """Who acts in a batch's job: the officer who ordered it, so that the ledger names a person."""
    return Caller(
        account_id=account_id,
        subject_id=subject_id,
        role=role,
        org_code=org_code,
        purpose=Purpose.APPROVE_CERTIFICATE if role is Role.APPROVER else Purpose.REQUEST_CERTIFICATE,
        request_id=batch_id,
    )


def require_role(tx: Tx, caller: Caller, at: datetime) -> None:
    """A job goes on for an officer only while the officer has the role.

    Raises:
        RoleMissing: the account is blocked or the grant is over.
    """
    accounts = Accounts(tx)
    account = accounts.by_id(caller.account_id)
    held = {one.role for one in accounts.held_roles(caller.account_id, at)}
    if account is None or not account.is_active or caller.role not in held:
        raise RoleMissing


def _worked(work: RowWork, row: WaitingRow, body: RowBody, examined: object) -> RowResult:
    try:
        if isinstance(examined, AnsoError | SigningError):
            raise examined
        made = body.make(work, row, examined)
    except CertDuplicateActive as err:
        return _result(row, RowState.DUPLICATE, err)
    except (AnsoError, SigningError) as err:
        if err.retryable:
            raise  # not the row's fault: the whole chunk is tried again
        return _result(row, RowState.REFUSED, err)
    if not made.is_new:
        return _result(row, RowState.DUPLICATE, CertDuplicateActive(), result_id=made.result_id)
    return RowResult(row_number=row.row_number, state=RowState.CREATED, result_id=made.result_id)


def _result(
    row: WaitingRow, state: RowState, err: AnsoError | SigningError, *, result_id: str | None = None
) -> RowResult:
    # a text of the library may repeat what stands in a certificate; ours never do
    own = err if isinstance(err, AnsoError) else AnsoError()
    return RowResult(
        row_number=row.row_number,
        state=state,
        reason_code=err.code,
        reason_vi=own.detail_vi,
        reason_en=own.detail_en,
        result_id=result_id,
    )


def _finish(work: RowWork, counts: Mapping[RowState, int]) -> None:
    Batches(work.tx).end(work.batch.batch_id, BatchState.FINISHED, work.at)
    work.services.audit.append(
        work.tx,
        event_of(
            work.caller,
            "finish_batch",
            work.at,
            object_type="batch",
            object_id=work.batch.batch_id,
            details=tuple((state.value, str(number)) for state, number in counts.items()),
        ),
    )
