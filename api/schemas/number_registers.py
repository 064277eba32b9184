"""Wire models of the register of document numbers, as JSON and as a table."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, Self

from pydantic import BaseModel

from api.records.numbers import NumberState
from api.schemas.spreadsheet import spreadsheet
from api.usecases.read_number_register import NumberLine
from api.vietnam_time import VIETNAM

_HEADER: Final = (
    "Số (number)",
    "Số, ký hiệu (document number)",
    "Ngày văn bản (document date)",
    "Trạng thái (state)",
    "Lý do hủy (reason)",
    "Giữ số lúc (reserved at)",
    "Người giữ số (reserved by)",
    "Đóng lúc (closed at)",
    "Người đóng (closed by)",
    "Kết quả (result)",
)
_STATES: Final = {
    NumberState.RESERVED: "đang giữ (reserved)",
    NumberState.USED: "đã dùng (used)",
    NumberState.VOID: "đã hủy (void)",
}


class NumberView(BaseModel):
    """One number of the register."""

    number: int
    document_number: str
    document_date: date
    state: NumberState
    reason: str | None
    reserved_at: datetime | None
    reserved_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    result_id: str

    @classmethod
    def of(cls, line: NumberLine) -> Self:
        """The view of a line."""
        entry = line.entry
        is_open = entry.state is NumberState.RESERVED
        return cls(
            number=entry.number,
            document_number=entry.text,
            document_date=entry.document_date,
            state=entry.state,
            reason=entry.reason,
            reserved_at=entry.reserved_at,
            reserved_by=line.reserved_by,
            closed_at=None if is_open else entry.changed_at,
            closed_by=line.closed_by,
            result_id=entry.result_id,
        )


class NumberPage(BaseModel):
    """A series in the order of its numbers."""

    org_code: str
    year: int
    series: str
    items: list[NumberView]
    next_cursor: str | None


def register_as_csv(lines: Iterable[NumberLine]) -> bytes:
    """The register as a table; times as people read them, with +07:00."""
    return spreadsheet(_HEADER, (_cells(NumberView.of(line)) for line in lines))


def _cells(view: NumberView) -> tuple[object, ...]:
    return (
        view.number,
        view.document_number,
        view.document_date.isoformat(),
        _STATES[view.state],
        view.reason,
        _shown(view.reserved_at),
        view.reserved_by,
        _shown(view.closed_at),
        view.closed_by,
        view.result_id,
    )


def _shown(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(VIETNAM).isoformat(timespec="seconds")
