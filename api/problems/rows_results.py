"""How the refusals of numbering, signing, sealing and issuing look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

RESULT_ROWS: Final[Rows] = {
    e.SealBeforeSignature: Row(
        409,
        "Chưa có chữ ký hợp lệ của người có thẩm quyền: người đó ký trước, rồi hãy đóng dấu",
        "The seal needs the person's valid signature first: have the result signed, then seal",
    ),
    e.ContentFrozen: Row(
        409,
        "Nội dung đã cố định, hãy xem trạng thái: chưa đóng dấu thì trả lại để soạn lại; đã phát hành thì đính chính, "
        "thay thế hoặc thu hồi",
        "The content is frozen, read the state: before the seal send it back and draft it anew; what is issued is "
        "corrected, replaced or recalled",
    ),
    e.NumberNotReserved: Row(
        409,
        "Chưa giữ số văn bản: hãy giữ số trước",
        "No document number is reserved: reserve one first",
    ),
    e.DocumentDatePassed: Row(
        409,
        "Ngày in trên văn bản không phải hôm nay: số cũ tự hủy, hãy giữ số mới rồi ký",
        "The printed date is not today's: the number becomes void by itself, reserve a new one, then sign",
    ),
    e.SigningRightMissing: Row(
        403,
        "Không có thẩm quyền ký văn bản này: hãy để người có thẩm quyền ký, hoặc xem lại ủy quyền",
        "No right to sign this document: have it signed by who has it, or look at the delegation",
    ),
    e.MarkPictureMissing: Row(
        409,
        "Chưa có ảnh chữ ký hoặc mẫu dấu: hãy đăng ký và để người thứ hai xác nhận",
        "No signature picture or seal specimen is on file: register it and have it confirmed by another person",
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
    e.TimestampPending: Row(
        409,
        "Đang chờ dấu thời gian: hãy chờ, hệ thống tự bổ sung",
        "The time-stamp is still pending: wait, it is added by itself",
    ),
    e.CertificateNotYours: Row(
        403,
        "Không phải chứng thư của bạn: hãy chọn chứng thư của mình",
        "The certificate is not yours to use: name one of your own",
    ),
    e.CertificateWrongKind: Row(
        409,
        "Loại chứng thư không đúng bước ký: hãy dùng chứng thư đúng loại và số thứ tự mà quy trình ký nêu",
        "The wrong kind of certificate: take one of the class and ordinal that the signing plan names",
    ),
    e.CertificateOutOfScope: Row(
        409,
        "Ngoài phạm vi của chứng thư: hãy dùng chứng thư có phạm vi này, hoặc hỏi cán bộ đăng ký",
        "Outside the certificate's scope: take one whose scope fits, or ask the registration officer",
    ),
    e.CertificateOnHold: Row(
        409,
        "Chứng thư đang bị tạm dừng: hãy đề nghị khôi phục, hoặc dùng chứng thư khác",
        "The certificate is on hold: have it released, or use another one",
    ),
    e.CertificateRevoked: Row(
        409,
        "Chứng thư đã bị thu hồi: hãy xin cấp chứng thư mới",
        "The certificate is revoked: ask for a new one",
    ),
    e.CertificateExpired: Row(
        409,
        "Chứng thư hết hạn hoặc chưa có hiệu lực: hãy gia hạn, hoặc chờ đến ngày hiệu lực",
        "The certificate is not valid now: renew it, or wait for its first day",
    ),
    e.ContentNotPrintable: Row(
        422,
        "Nội dung không in được: hãy sửa trường được nêu",
        "The content cannot be printed: change the field that is named",
    ),
    e.RenderingFailed: Row(500, "Không tạo được trang", "The page could not be made"),
}
