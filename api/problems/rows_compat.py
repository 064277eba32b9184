"""How refusals in the shape of other products look where that shape has no place."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

COMPAT_ROWS: Final[Rows] = {
    e.SivaRequestRefused: Row(400, "Yêu cầu không hợp lệ", "The request cannot be answered"),
}
