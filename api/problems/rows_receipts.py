"""How the refusals of receipt slips look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

RECEIPT_ROWS: Final[Rows] = {
    e.ReceiptIncomplete: Row(
        409,
        "Hồ sơ chưa đủ thành phần trên giấy tiếp nhận, hãy bổ sung hoặc ghi nhận giấy tờ còn thiếu",
        "Papers are missing on the receipt slip: have them handed in, or count what was taken in",
    ),
    e.ReceiptAlreadyGiven: Row(
        409,
        "Hồ sơ đã có giấy tiếp nhận, hãy dùng giấy đó hoặc nêu rõ giấy bị thay thế",
        "The dossier has a receipt slip: use it, or name it as the one to be replaced",
    ),
    e.ReceiptOfAnother: Row(
        409,
        "Người khác đã kiểm đếm giấy tờ, người đó ký hoặc bạn lập giấy tiếp nhận mới",
        "Another officer counted the papers: let that officer sign, or draw up a slip of your own",
    ),
}
