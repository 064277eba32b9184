"""How the refusals of copies, annexes and conversions look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

COPY_ROWS: Final[Rows] = {
    e.PreparationMissing: Row(
        409,
        "Chưa chuẩn bị chữ ký cho lần cho phép này, hãy chuẩn bị lại",
        "No signature was prepared for this authorisation; prepare it again",
    ),
    e.SigningDeviceAway: Row(
        503,
        "Thiết bị giữ khóa ký không trả lời, hãy thử lại",
        "The device with the signing key does not answer; try again",
    ),
}
