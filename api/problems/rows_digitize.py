"""How the errors of `digitize`, and of the application's use-cases around it, look from outside."""

from typing import Final

from api import errors as app
from api.problems.row import Row, Rows
from digitize import errors as e

DIGITIZE_ROWS: Final[Rows] = {
    e.DigitizeError: Row(500, "Lỗi số hóa", "Digitisation error"),
    # at the door
    e.UnsupportedInput: Row(415, "Loại tệp không được nhận", "The kind of file is not accepted"),
    e.EmptyInput: Row(422, "Tệp rỗng: hãy chọn lại tệp", "The file is empty: choose it again"),
    e.DamagedInput: Row(422, "Tệp bị hỏng hoặc bị cắt cụt", "The file is damaged or cut off"),
    e.UnsafeInput: Row(422, "Tệp không an toàn", "The file is not safe"),
    e.ActiveContent: Row(
        422, "Tệp PDF có nội dung tự chạy, không được nhận", "The PDF carries active content and is refused"
    ),
    e.EncryptedInput: Row(422, "Tệp PDF có mật khẩu", "The PDF is protected by a password"),
    e.TooManyPixels: Row(422, "Ảnh có quá nhiều điểm ảnh", "The picture has too many pixels"),
    e.TooManyPages: Row(422, "Tệp có quá nhiều trang", "The file has too many pages"),
    e.TooManyBytes: Row(413, "Tệp quá lớn", "The file is too large"),
    e.AlreadySigned: Row(
        409, "Tệp đã có chữ ký số, không cần số hóa", "The file is signed already and is not digitised"
    ),
    e.SecretPaper: Row(
        422, "Tài liệu mật không được số hóa tại đây", "A secret paper is refused and nothing of it is kept"
    ),
    # while reading
    e.NotArchivable: Row(500, "Bản sao không đạt PDF/A", "The copy did not pass its PDF/A check"),
    e.EngineMissing: Row(503, "Thiếu bộ nhận dạng chữ", "A part of the text reader is not installed"),
    e.EngineFailed: Row(503, "Bộ nhận dạng chữ bị lỗi", "The text reader failed"),
    e.TimedOut: Row(503, "Nhận dạng quá thời gian", "Reading took too long"),
    e.OutOfMemory: Row(422, "Nhận dạng vượt quá bộ nhớ", "Reading needed too much memory"),
    # the procedure and the owner
    app.ComponentNotRequired: Row(
        409,
        "Thủ tục không yêu cầu giấy tờ này; hãy chọn thành phần có trong danh mục của thủ tục",
        "The procedure does not ask for this paper: choose a component that its list names",
    ),
    app.ComponentExempt: Row(409, "Giấy tờ này không phải số hóa", "Papers of this type are not digitised"),
    app.ComponentAlreadyHeld: Row(
        409, "Kho đã có giấy tờ này, đề nghị tái sử dụng", "The vault holds this paper; reuse it"
    ),
    app.OwnerNotApplicant: Row(409, "Chủ giấy tờ không phải người nộp hồ sơ", "The paper's owner is not the applicant"),
    # confirmation
    app.FieldDateImpossible: Row(422, "Ngày tháng không có thật", "The date is not possible"),
    app.FieldIdFormat: Row(422, "Số định danh sai cấu trúc", "The personal number has a wrong structure"),
    app.FieldsUnconfirmed: Row(409, "Còn trường bắt buộc chưa được xác nhận", "A mandatory field is not confirmed yet"),
    app.ConfirmedByAnother: Row(
        409, "Người ký phải là người đã xác nhận tại quầy", "The officer who confirmed must sign"
    ),
    app.OwnerMismatch: Row(409, "Giấy tờ mang tên người khác", "The paper names somebody else"),
    app.ExpiredAlready: Row(409, "Giấy tờ đã hết hạn", "The paper has expired"),
}
