"""How the errors around a check of documents look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

VERIFICATION_ROWS: Final[Rows] = {
    e.NotAcceptable: Row(406, "Không có dạng báo cáo được yêu cầu", "The report cannot be had in an accepted form"),
    e.UploadsFull: Row(503, "Hệ thống đang nhận quá nhiều tệp, xin thử lại", "Too many files are being received"),
}
