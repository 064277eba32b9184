"""How the errors of `signing` look from outside."""

from typing import Final

from api.problems.row import Row, Rows
from signing import errors as e
from signing import isolation
from signing.pades import refusals

_SIGNING: Final = Row(500, "Lỗi của hệ thống ký số", "Signing error")

SIGNING_ROWS: Final[Rows] = {
    e.SigningError: _SIGNING,
    # keys
    e.KeyStoreError: _SIGNING,
    e.KeyNotFound: Row(500, "Không tìm thấy khóa ký", "The signing key is missing"),
    e.KeyExists: Row(409, "Khóa ký đã tồn tại", "The signing key exists already"),
    e.KeyUnavailable: Row(503, "Thiết bị lưu khóa không trả lời", "The key device does not answer"),
    e.KeyLoginRefused: Row(503, "Thiết bị lưu khóa từ chối mã PIN", "The key device does not accept the PIN"),
    e.KeyDamaged: Row(500, "Khóa ký không khớp với bản ghi", "The stored key is not the recorded one"),
    e.AlgorithmNotSupported: Row(500, "Khóa không hỗ trợ thuật toán này", "The key does not support the algorithm"),
    # names, scopes, certificates
    e.IdentityError: Row(422, "Thông tin chủ thể không hợp lệ", "The subject's data are not valid"),
    e.NameInvalid: Row(422, "Tên hoặc số định danh không hợp lệ", "A name or number is not valid"),
    e.ScopeInvalid: Row(422, "Phạm vi sử dụng không hợp lệ", "The scope is not valid"),
    e.CertificateMalformed: Row(422, "Chứng thư sai cấu trúc", "The certificate is malformed"),
    e.CsrError: Row(422, "Yêu cầu chứng thư (CSR) không hợp lệ", "The certification request is not valid"),
    e.CsrMalformed: Row(422, "Không đọc được yêu cầu chứng thư (CSR)", "The certification request cannot be read"),
    e.CsrKeyRefused: Row(422, "Khóa trong CSR không được chấp nhận", "The key in the request is not accepted"),
    e.CsrProofWrong: Row(
        422, "CSR không chứng minh được việc giữ khóa", "The request does not prove possession of the key"
    ),
    # issuing
    e.IssuanceError: _SIGNING,
    e.IssuanceRefused: Row(422, "Chứng thư không đạt quy định cấp", "The certificate would break its profile"),
    e.PreparationSpent: Row(409, "Chứng thư đã được ký trước đó", "The prepared certificate was used already"),
    e.CeremonyRefused: Row(503, "Hệ thống chứng thực chưa sẵn sàng", "The certificate hierarchy is not ready"),
    # status
    e.StatusError: Row(409, "Không đổi được trạng thái chứng thư", "The certificate's status cannot change so"),
    e.CertificateUnknown: Row(404, "Không tìm thấy chứng thư", "Certificate not found"),
    e.StatusChangeRefused: Row(
        409, "Trạng thái chứng thư không cho phép bước này", "The certificate's status does not allow this step"
    ),
    e.CertificateNotUsable: Row(409, "Chứng thư không dùng được", "The certificate cannot be used"),
    # documents and evidence
    e.DocumentNotSignable: Row(409, "Không thể ký lên tài liệu này", "The document cannot be signed"),
    e.SignatureValueWrong: Row(
        422, "Giá trị chữ ký không phải của khóa này trên tài liệu đã chuẩn bị", "Not a value of this key for this file"
    ),
    e.PreparationUnreadable: Row(
        409, "Bản chuẩn bị ký không dùng được, hãy chuẩn bị lại", "The preparation cannot be used: prepare again"
    ),
    e.MalformedDocument: Row(422, "Tài liệu không đọc được", "The document cannot be read"),
    refusals.DocumentDamaged: Row(422, "Cấu trúc tài liệu bị hỏng", "The document's structure is damaged"),
    refusals.DocumentEncrypted: Row(409, "Tài liệu được bảo vệ bằng mật khẩu", "The document is encrypted"),
    refusals.DocumentHybrid: Row(
        409, "Tài liệu có hai bảng tham chiếu, hãy lưu lại rồi ký", "Hybrid cross-references: save it anew, then sign"
    ),
    refusals.DocumentClosed: Row(
        409, "Chữ ký trước không cho phép thay đổi", "An earlier signature allows no further change"
    ),
    refusals.DocumentHasXfa: Row(409, "Không ký được biểu mẫu XFA", "XFA forms cannot be signed"),
    refusals.FieldTaken: Row(409, "Ô chữ ký đã được dùng", "The signature field is taken"),
    refusals.MarkHasNoPlace: Row(409, "Không có chỗ đặt dấu, chữ ký", "There is no place for the visible mark"),
    refusals.MarkUnreadable: Row(
        409, "Không dùng được hình hoặc phông của dấu", "The mark's picture or font cannot be used"
    ),
    refusals.MarkPictureUnfit: Row(
        422, "Hình chữ ký hoặc con dấu không đạt yêu cầu", "The picture cannot be registered as a mark"
    ),
    # work in limited processes
    isolation.IsolationError: Row(503, "Không xử lý được tệp lúc này", "The work could not be done now"),
    isolation.WorkTimedOut: Row(422, "Tệp cần quá nhiều thời gian xử lý", "The file takes too much time"),
    isolation.WorkCrashed: Row(422, "Không xử lý được tệp này", "The file could not be worked on"),
    isolation.WorkersBusy: Row(503, "Hệ thống đang bận, xin thử lại", "All workers are busy, try again"),
    e.TimestampUnavailable: Row(503, "Dịch vụ dấu thời gian không trả lời", "The time-stamp service is unavailable"),
    e.EvidenceUnavailable: Row(503, "Không có thông tin trạng thái chứng thư", "Status evidence is unavailable"),
    e.EvidenceAddressRefused: Row(
        422, "Địa chỉ lấy thông tin trạng thái không được phép", "The address for status evidence is not allowed"
    ),
}
