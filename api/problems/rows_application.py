"""How the application's own errors look from outside."""

from typing import Final

from api import errors as e
from api.db import DatabaseUnreachable
from api.problems.row import Row, Rows
from api.records.sealing import SealBroken

APPLICATION_ROWS: Final[Rows] = {
    e.AnsoError: Row(500, "Lỗi của hệ thống", "Internal error"),
    # access
    e.TokenMissing: Row(401, "Cần đăng nhập", "Authentication required"),
    e.TokenInvalid: Row(401, "Mã truy cập không hợp lệ", "The access token is not valid"),
    e.TokenExpired: Row(401, "Mã truy cập đã hết hạn", "The access token has expired"),
    e.RoleMissing: Row(403, "Tài khoản không có vai trò cần thiết", "The account lacks the needed role"),
    e.Forbidden: Row(403, "Không được phép", "Not permitted"),
    e.SamePerson: Row(409, "Việc này cần hai người khác nhau", "This needs two different persons"),
    e.SecondFactorRequired: Row(
        403,
        "Cần mã xác thực thứ hai: hãy gửi mã của ứng dụng xác thực",
        "A second-factor code is required: send that of the authenticator app",
    ),
    e.SecondFactorInvalid: Row(
        403,
        "Mã xác thực thứ hai không đúng: hãy xem đồng hồ, nhập mã đang hiện",
        "The second-factor code is wrong: check the clock, enter the code that is shown now",
    ),
    e.SecondFactorReplayed: Row(
        403,
        "Mã xác thực đã được dùng: hãy chờ mã tiếp theo",
        "The second-factor code was used before: wait for the next one",
    ),
    e.RateLimited: Row(429, "Quá nhiều yêu cầu", "Too many requests"),
    # input
    e.InputInvalid: Row(422, "Dữ liệu gửi lên không hợp lệ", "The input is not valid"),
    e.InvalidId: Row(422, "Mã định danh sai cấu trúc", "The identifier has a wrong structure"),
    e.BodyTooLarge: Row(413, "Nội dung gửi lên quá lớn", "The request body is too large"),
    e.BodyTooSlow: Row(408, "Tệp gửi lên quá chậm", "The request body arrives too slowly"),
    e.FileEmpty: Row(422, "Tệp rỗng: hãy chọn lại tệp", "The file is empty: choose it again"),
    e.FileNotPdf: Row(
        422,
        "Tệp không phải PDF: hãy xuất ra PDF, rồi gửi lại",
        "The file is not a PDF: export it as one, then send it again",
    ),
    e.MalformedRequest: Row(400, "Yêu cầu sai định dạng", "The request is malformed"),
    e.MethodNotAllowed: Row(405, "Phương thức không được hỗ trợ", "The method is not allowed"),
    e.MediaTypeUnsupported: Row(
        415,
        "Kiểu nội dung không được hỗ trợ: hãy gửi theo mô tả tại /docs",
        "The media type is not supported: send what /docs describes",
    ),
    # concurrency
    e.VersionConflict: Row(
        409,
        "Dữ liệu đã thay đổi: hãy đọc lại rồi thử lại",
        "The resource has changed: read it again, then try again",
    ),
    e.IdempotencyKeyRequired: Row(400, "Thiếu Idempotency-Key", "The Idempotency-Key header is required"),
    e.IdempotencyKeyReused: Row(
        422,
        "Idempotency-Key đã dùng cho yêu cầu khác: hãy dùng khóa mới",
        "The Idempotency-Key was used for another request: take a new one",
    ),
    e.RequestInFlight: Row(
        409,
        "Yêu cầu trước đang được xử lý: hãy chờ rồi gửi lại",
        "The first request is still in progress: wait, then send it again",
    ),
    # records
    e.NotFound: Row(404, "Không tìm thấy", "Not found"),
    e.AlreadyExists: Row(409, "Đã tồn tại", "It exists already"),
    e.OrganisationClosed: Row(409, "Đơn vị không còn hoạt động", "The organisation unit is closed"),
    e.StateConflict: Row(
        409,
        "Trạng thái không cho phép bước này: hãy xem trạng thái, rồi làm bước đang chờ",
        "The state does not allow this step: read the state, then do the step that is waiting",
    ),
    # certificates and results
    e.CertSelfApproval: Row(
        409, "Người đăng ký không được tự phê duyệt", "Registration and approval need different persons"
    ),
    e.CertOrgClosed: Row(
        409, "Đơn vị đã đóng hoặc sắp sáp nhập, không cấp chứng thư mới", "The agency is closed or merging"
    ),
    e.CertDuplicateActive: Row(
        409, "Đã có chứng thư hoặc yêu cầu như vậy", "Such a certificate or request exists already"
    ),
    e.CertTitleMismatch: Row(
        409, "Chức danh không khớp với vị trí công tác", "The title does not match the person's employment"
    ),
    e.CertPrimaryUnfit: Row(
        409,
        "Chứng thư thứ nhất không còn hiệu lực hoặc không cùng chủ thể",
        "The primary certificate is not active or has another holder",
    ),
    # operation
    DatabaseUnreachable: Row(
        503,
        "Cơ sở dữ liệu tạm thời không phản hồi, vui lòng thử lại sau ít phút",
        "The database does not answer at the moment: try again in a few minutes",
    ),
    e.ServiceUnavailable: Row(
        503,
        "Dịch vụ tạm thời gián đoạn, vui lòng thử lại sau ít phút",
        "The service is temporarily unavailable: try again in a few minutes",
    ),
    e.ConfigurationInvalid: Row(500, "Cấu hình chưa đầy đủ", "The configuration is incomplete"),
    SealBroken: Row(500, "Dữ liệu niêm phong bị hỏng", "Sealed data cannot be opened"),
}
