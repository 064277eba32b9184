"""How the errors of `signing` look from outside."""

from typing import Final

from api.problems.row import Row, Rows
from signing import errors as e
from signing import isolation
from signing.pades import refusals

_SIGNING: Final = Row(500, "Lỗi của hệ thống ký số", "Signing error")

_DEVICE_AWAY: Final = Row(
    503,
    "Thiết bị lưu khóa không trả lời: hãy xem thiết bị, rồi thử lại",
    "The key device does not answer: check it, try again",
)

SIGNING_ROWS: Final[Rows] = {
    e.SigningError: _SIGNING,
    # keys
    e.KeyStoreError: _SIGNING,
    e.KeyNotFound: Row(500, "Không tìm thấy khóa ký", "The signing key is missing"),
    e.KeyExists: Row(409, "Khóa ký đã tồn tại", "The signing key exists already"),
    e.KeyUnavailable: _DEVICE_AWAY,
    e.NoSuchToken: _DEVICE_AWAY,
    e.SeveralTokens: _DEVICE_AWAY,
    e.KeyLoginRefused: Row(
        503,
        "Thiết bị lưu khóa từ chối mã PIN: hãy xem lại mã PIN, thiết bị tự khóa sau vài lần sai",
        "The key device does not accept the PIN: check it, devices lock themselves after some wrong ones",
    ),
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
        409,
        "Trạng thái chứng thư không cho phép bước này; hãy xem trạng thái hiện tại của chứng thư",
        "The certificate's status does not allow this step: look at its present status",
    ),
    e.CertificateNotUsable: Row(409, "Chứng thư không dùng được", "The certificate cannot be used"),
    # documents and evidence
    e.DocumentNotSignable: Row(
        409,
        "Không ký hay bổ sung được cho tài liệu này: hãy xem có đúng tệp, đã có chữ ký chưa; hoặc xuất lại tệp",
        "The document cannot be signed or completed: see that it is the right one, signed or not; or export it again",
    ),
    e.SignatureValueWrong: Row(
        422,
        "Giá trị chữ ký không phải của khóa này trên tài liệu đã chuẩn bị: hãy ký đúng dữ liệu to_be_signed",
        "Not a value of this key for this file: sign exactly what to_be_signed holds",
    ),
    e.PreparationUnreadable: Row(
        409, "Bản chuẩn bị ký không dùng được, hãy chuẩn bị lại", "The preparation cannot be used: prepare again"
    ),
    e.MalformedDocument: Row(
        422,
        "Tài liệu không đọc được: hãy xem đó có phải tệp PDF còn nguyên, hoặc xuất lại",
        "The document cannot be read: see that it is a whole PDF, or export it again",
    ),
    refusals.DocumentDamaged: Row(
        422,
        "Cấu trúc tệp bị hỏng: hãy mở tệp, lưu lại hoặc xuất PDF mới, rồi ký",
        "The file's structure is damaged: open it, save it anew or export it again, then sign",
    ),
    refusals.FormMalformed: Row(
        422,
        "Không đọc được biểu mẫu hoặc chữ ký có sẵn trong tệp: hãy xuất PDF mới, rồi ký",
        "The form or an earlier signature in the file cannot be read: export the PDF anew, then sign",
    ),
    refusals.PageMissing: Row(
        422,
        "Không tìm được trang cần ký trong cấu trúc tệp: hãy xuất PDF mới, rồi ký",
        "The page to sign cannot be found in the file's structure: export the PDF anew, then sign",
    ),
    refusals.DocumentEncrypted: Row(
        409,
        "Tệp có mật khẩu hoặc bị giới hạn quyền: hãy bỏ bảo vệ, rồi ký",
        "The file is protected by a password or by rights: remove the protection, then sign",
    ),
    refusals.DocumentHybrid: Row(
        409, "Tài liệu có hai bảng tham chiếu, hãy lưu lại rồi ký", "Hybrid cross-references: save it anew, then sign"
    ),
    refusals.DocumentClosed: Row(
        409,
        "Chữ ký trước không cho phép ký thêm: chỉ có thể thêm dấu thời gian, hoặc ký trên bản chưa ký",
        "An earlier signature allows no further one: only time-stamps can be added; or sign a copy without it",
    ),
    refusals.FieldWithoutLock: Row(
        409,
        "Ô ký cuối chưa có khóa: hãy giữ chỗ ô này có khóa trước chữ ký đầu tiên",
        "The last field has no lock: reserve it with one before the first signature",
    ),
    refusals.NewFieldAfterCertification: Row(
        409,
        "Tệp đã được chứng nhận: chỉ ký được vào ô đã giữ chỗ, hoặc ký không hiển thị",
        "The file is certified: sign in a field that was reserved, or without a visible mark",
    ),
    refusals.FieldWithoutWidget: Row(
        409,
        "Ô chữ ký không nằm trên trang nào: hãy ký không hiển thị, hoặc chọn ô khác",
        "The signature field stands on no page: sign without a visible mark, or choose another field",
    ),
    refusals.ArchivalFormLost: Row(
        409,
        "Tệp sẽ không còn là PDF/A sau khi ký: hãy xuất lại tệp theo PDF/A-2, rồi ký",
        "The file would be no PDF/A after the signature: export it again as PDF/A-2, then sign",
    ),
    refusals.DocumentHasXfa: Row(
        409,
        "Không ký được biểu mẫu XFA: hãy in ra PDF thường, rồi ký",
        "XFA forms cannot be signed: print it to an ordinary PDF, then sign",
    ),
    refusals.FieldTaken: Row(
        409, "Ô chữ ký đã được dùng: hãy chọn tên ô khác", "The signature field is taken: choose another name"
    ),
    refusals.MarkHasNoPlace: Row(
        409,
        "Không có chỗ đặt dấu, chữ ký: hãy nêu chỗ trống, hoặc sửa văn bản",
        "There is no place for the visible mark: say where there is room, or change the document",
    ),
    refusals.MarkUnreadable: Row(
        409,
        "Không dùng được hình hoặc phông của dấu: hãy đăng ký lại hình",
        "The mark's picture or font cannot be used: register the picture anew",
    ),
    refusals.MarkPictureUnfit: Row(
        422,
        "Hình chữ ký hoặc con dấu không đạt yêu cầu: hãy gửi hình khác như được nêu",
        "The picture cannot be registered as a mark: send another one, as is told",
    ),
    # work in limited processes
    isolation.IsolationError: Row(
        503,
        "Không xử lý được tệp lúc này: hãy thử lại",
        "The work could not be done now: try again",
    ),
    isolation.WorkTimedOut: Row(
        422,
        "Tệp cần quá nhiều thời gian xử lý: hãy xuất lại tệp cho gọn, rồi thử lại",
        "The file takes too much time: export it more simply, then try again",
    ),
    isolation.WorkCrashed: Row(
        422,
        "Không xử lý được tệp này: hãy xuất lại tệp, rồi thử lại",
        "The file could not be worked on: export it again, then try again",
    ),
    isolation.WorkersBusy: Row(503, "Hệ thống đang bận, xin thử lại", "All workers are busy, try again"),
    e.TimestampUnavailable: Row(
        503,
        "Dịch vụ dấu thời gian không trả lời: hãy thử lại sau",
        "The time-stamp service is unavailable: try again later",
    ),
    e.EvidenceUnavailable: Row(
        503,
        "Không có thông tin trạng thái chứng thư: hãy thử lại sau",
        "Status evidence is unavailable: try again later",
    ),
    e.EvidenceAddressRefused: Row(
        422, "Địa chỉ lấy thông tin trạng thái không được phép", "The address for status evidence is not allowed"
    ),
}
