"""How refusals of bare hashes and of CSC requests look as problem documents."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

CSC_ROWS: Final[Rows] = {
    e.CscRequestRefused: Row(400, "Yêu cầu không hợp lệ", "The request cannot be answered"),
    e.SealNeedsDocument: Row(
        409,
        "Con dấu chỉ đóng trên tệp đã có chữ ký hợp lệ, không ký trên giá trị băm: hãy đóng dấu kết quả",
        "A seal is only set on a file whose signer's signature was checked, not on a hash: seal the result instead",
    ),
}
