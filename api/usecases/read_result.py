"""Officials of the agency read a result's record and its newest file; every reading of the file is in the ledger."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller, Role
from api.errors import NotFound
from api.records.pending_stamps import PendingStamp, PendingStamps
from api.records.results import ResultRecord, Results
from api.services import Services
from api.usecases.result_agency import agency_post
from api.usecases.result_events import result_event
from api.usecases.result_files import load_revision


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """Which result, and whether with its file."""

    result_id: str
    with_file: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAndFile:
    """The record and, when asked for, the newest revision of the PDF."""

    record: ResultRecord
    pdf: bytes | None
    pending: PendingStamp | None
    """What the file still waits for."""


def read_result(command: ReadResult, services: Services, caller: Caller, at: datetime) -> ResultAndFile:
    """Give the result to somebody who works for its agency, or to an auditor (without the file).

    Raises:
        NotFound: there is no such result, or the caller has nothing to do with it; from outside both look the same.
        WorkNotFound: the page is not made yet. IntegrityMismatch: the stored file is damaged; nothing is served.
    """
    with services.db.reading() as tx:
        record = Results(tx).get(command.result_id)
        works_there = agency_post(tx, record, caller, at) is not None
        if not works_there and (caller.role is not Role.AUDITOR or command.with_file):
            raise NotFound
        pdf = load_revision(tx, record, services) if command.with_file else None
        pending = PendingStamps(tx).find(record.result_id)
    action = "read_result_file" if command.with_file else "read_result"
    event = result_event(action, record, caller, at)
    # committed before a byte is handed out: no reading without its line (I28)
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
    return ResultAndFile(record=record, pdf=pdf, pending=pending)
