"""A reserved number that will not be used: it becomes void with a reason, and the result goes back (I13, S04).

Knows what of a result hangs on its number: the printed date, the QR code, the page. Must not know who decides it.
"""

from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import InputInvalid
from api.records.numbers import NumberRegister
from api.records.results import ResultRecord, Results, ResultState
from api.services import Services
from api.usecases.result_events import result_event
from api.vietnam_time import vietnam_day

_REASON_LIMIT: Final = 500
DAY_ENDED: Final = (
    "Hết ngày in trên văn bản mà chưa ký và đóng dấu xong / The printed day ended before signature and seal"
)


def required_reason(text: str) -> str:
    """The reason as it goes into the register.

    Raises:
        InputInvalid: empty, too long, or with characters that do not print.
    """
    reason = text.strip()
    if not 0 < len(reason) <= _REASON_LIMIT or not reason.isprintable():
        raise InputInvalid(
            "Cần nêu lý do trên một dòng, tối đa 500 ký tự, không có ký tự điều khiển.",
            "A reason is needed: one line of at most 500 characters, all of which print.",
        )
    return reason


def withdraw_number(
    tx: Tx, record: ResultRecord, *, state: ResultState, reason: str, by: str, at: datetime
) -> ResultRecord:
    """Void the number and move the result to ``state``; page, QR code and what was signed on it count no more.

    Raises:
        NumberNotReserved: it holds none. VersionConflict: somebody else moved the result meanwhile.
    """
    NumberRegister(tx).void(record.result_id, reason, at, by=by)
    return Results(tx).change(
        record,
        at=at,
        state=state,
        reason=reason,
        document_number=None,
        document_date=None,
        verification_code=None,
        file_sha256=None,
        signature_level=None,
        signed_by=None,
    )


def has_lapsed(record: ResultRecord, at: datetime) -> bool:
    """Whether the day that is printed ended before the document was sealed."""
    waiting = record.state in {ResultState.NUMBERED, ResultState.APPROVED}
    return waiting and record.document_date is not None and record.document_date < vietnam_day(at)


def lapse_number(tx: Tx, record: ResultRecord, services: Services, caller: Caller, at: datetime) -> ResultRecord:
    """The day is over: the number is void, and the result waits for a new one as it was appraised.

    Raises:
        As `withdraw_number`.
    """
    entry = NumberRegister(tx).reserved_for(record.result_id)
    details = [("number", str(entry.number)), ("year", str(entry.year))]
    if record.file_sha256 is not None:
        details.append(("file_sha256", record.file_sha256))
    event = result_event(
        "lapse_number",
        record,
        caller,
        at,
        details=tuple(details),
    )
    by = caller.subject_id or caller.account_id
    changed = withdraw_number(tx, record, state=ResultState.APPRAISED, reason=DAY_ENDED, by=by, at=at)
    services.audit.append(tx, event)
    return changed
