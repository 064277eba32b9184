"""How the refusals of numbering, signing, sealing and issuing look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

RESULT_ROWS: Final[Rows] = {
    e.SealBeforeSignature: Row(
        409, "Chưa có chữ ký hợp lệ của người có thẩm quyền", "The seal needs the person's valid signature first"
    ),
    e.ContentFrozen: Row(409, "Nội dung đã cố định", "The content is frozen"),
    e.NumberNotReserved: Row(409, "Chưa giữ số văn bản", "No document number is reserved"),
    e.DocumentDatePassed: Row(409, "Ngày in trên văn bản không phải hôm nay", "The printed date is not today's"),
    e.SigningRightMissing: Row(403, "Không có thẩm quyền ký văn bản này", "No right to sign this document"),
    e.MarkPictureMissing: Row(
        409, "Chưa có ảnh chữ ký hoặc mẫu dấu", "No signature picture or seal specimen is on file"
    ),
    e.SignerStatusUnknown: Row(
        503,
        "Chưa biết chứng thư còn hiệu lực không; thử lại sau",
        "Whether the certificate is good cannot be found out now; try again later",
    ),
    e.ArchiveNotLonger: Row(
        503,
        "Dấu thời gian mới không bảo vệ được lâu hơn; gia hạn chứng thư của đơn vị cấp dấu thời gian",
        "A new time-stamp would not protect longer; the time-stamp authority needs a new certificate",
    ),
    e.TimestampPending: Row(409, "Đang chờ dấu thời gian", "The time-stamp is still pending"),
    e.CertificateNotYours: Row(403, "Không phải chứng thư của bạn", "The certificate is not yours to use"),
    e.CertificateWrongKind: Row(409, "Loại chứng thư không đúng bước ký", "The wrong kind of certificate"),
    e.CertificateOutOfScope: Row(409, "Ngoài phạm vi của chứng thư", "Outside the certificate's scope"),
    e.CertificateOnHold: Row(409, "Chứng thư đang bị tạm dừng", "The certificate is on hold"),
    e.CertificateRevoked: Row(409, "Chứng thư đã bị thu hồi", "The certificate is revoked"),
    e.CertificateExpired: Row(409, "Chứng thư hết hạn hoặc chưa có hiệu lực", "The certificate is not valid now"),
    e.ContentNotPrintable: Row(422, "Nội dung không in được", "The content cannot be printed"),
    e.RenderingFailed: Row(500, "Không tạo được trang", "The page could not be made"),
}
