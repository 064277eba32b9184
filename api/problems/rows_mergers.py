"""How the refusals of mergers look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

MERGER_ROWS: Final[Rows] = {
    e.MergerMomentPast: Row(422, "Thời điểm sáp nhập không hợp lệ", "The moment of the merger cannot be taken"),
    e.MergerAlreadyPlanned: Row(409, "Đơn vị đang trong một đợt sáp nhập khác", "The unit is part of another merger"),
    e.MergerNotDue: Row(409, "Chưa đến thời điểm sáp nhập", "The moment of the merger has not come"),
}
