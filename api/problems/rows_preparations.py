"""How the refusals of two-step signing with an own token look from outside; each says what to do next."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

PREPARATION_ROWS: Final[Rows] = {
    e.PreparationExpired: Row(
        410, "Bản chuẩn bị ký đã hết hạn, hãy chuẩn bị lại", "The preparation has expired: prepare the document again"
    ),
    e.PreparationBlocked: Row(
        409,
        "Giá trị chữ ký sai quá nhiều lần, hãy chuẩn bị lại",
        "Too many wrong values: prepare the document again",
    ),
    e.PreparationWithdrawn: Row(
        409, "Bản chuẩn bị ký đã bị hủy, hãy chuẩn bị lại", "The preparation was withdrawn: prepare the document again"
    ),
    e.PreparationStale: Row(
        409,
        "Tài liệu đã thay đổi sau khi chuẩn bị, hãy chuẩn bị lại",
        "The document changed since it was prepared: prepare it again",
    ),
    e.PreparationOpen: Row(
        409, "Chưa có giá trị chữ ký, hãy gửi giá trị trước", "It has no value yet: send the value first"
    ),
    e.SignedFileGone: Row(
        410, "Tệp đã ký không còn được giữ, hãy ký lại", "The signed file is no longer kept: sign the document again"
    ),
    e.TooManyPreparations: Row(
        409,
        "Quá nhiều bản chuẩn bị đang chờ, hãy hoàn tất hoặc hủy bớt",
        "Too many preparations are waiting: complete or withdraw some",
    ),
    e.CertificateKeyHere: Row(
        409,
        "Khóa của chứng thư do hệ thống giữ, hãy ký trên hệ thống",
        "The service keeps this certificate's key: sign in the service",
    ),
    e.TokenKeyUnfit: Row(
        409,
        "Khóa trong thiết bị không dùng để ký được, hãy xin chứng thư với khóa ECDSA P-256, P-384 hoặc RSA 3072",
        "The token's key cannot sign: ask for a certificate with an ECDSA P-256, P-384 or RSA 3072 key",
    ),
    e.SealOnUpload: Row(
        409,
        "Con dấu chỉ đóng lên kết quả đã có chữ ký được kiểm tra, hãy đóng dấu kết quả",
        "A seal is set on a result whose signature was checked: seal the result instead",
    ),
}
