"""How the refusals of batches of signatures look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

SIGNATURE_BATCH_ROWS: Final[Rows] = {
    e.BatchNothingReady: Row(
        409,
        "Chưa có văn bản nào sẵn sàng cho chứng thư này: hãy chờ văn bản được ký",
        "Nothing is ready for this certificate: wait until something is signed",
    ),
    e.BatchStateWrong: Row(
        409, "Lô ký đang xử lý hoặc đã kết thúc, hãy xem trạng thái", "The batch is in work or over: read its state"
    ),
    e.BatchListChanged: Row(
        409, "Danh sách đã thay đổi, hãy xem lại rồi xác nhận", "The list has changed: look at it again, then confirm"
    ),
    e.BatchPreparedAnew: Row(
        409,
        "Bản chuẩn bị đã cũ, đang chuẩn bị lại, xin chờ",
        "What was prepared is too old: it is made again",
    ),
    e.BatchesTooMany: Row(
        409, "Có quá nhiều lô chưa xong, hãy ký hoặc hủy bớt", "Too many open batches: sign or cancel some first"
    ),
    e.BatchLapsed: Row(
        409,
        "Lô ký quá hạn mà chưa được xác nhận, hãy lập lô mới",
        "Not confirmed in time: make a new batch",
    ),
    e.DocumentMovedOn: Row(
        409,
        "Văn bản đã thay đổi sau khi chuẩn bị, hãy chuẩn bị lại",
        "The document changed after it was prepared: try it again",
    ),
    e.ItemKillsWorkers: Row(
        422,
        "Không xử lý được văn bản này, hãy báo quản trị",
        "This document cannot be worked on: report it",
    ),
    e.ItemBroken: Row(
        500, "Văn bản này gặp lỗi, hãy thử lại hoặc báo quản trị", "This document failed: try it again, or report it"
    ),
}
