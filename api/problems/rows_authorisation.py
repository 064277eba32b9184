"""How refused uses of keys, authorisations to sign and passkeys look from outside."""

from typing import Final

from api.problems.row import Row, Rows
from signing import errors as e

AUTHORISATION_ROWS: Final[Rows] = {
    e.KeyUseRefused: Row(
        403,
        "Khóa không được dùng cho việc này: hãy dùng chứng thư đúng loại",
        "The key is not for this use: take a certificate of the right kind",
    ),
    e.KeyUseNotRecorded: Row(
        503,
        "Chưa ghi được nhật ký dùng khóa: chưa ký gì, hãy thử lại",
        "The use of the key could not be recorded: nothing was signed, try again",
    ),
    e.AuthorisationError: Row(
        403,
        "Không được phép dùng khóa ký: hãy chuẩn bị lại và xác nhận",
        "The signing key may not be used: prepare again and confirm",
    ),
    e.AuthorisationRequired: Row(
        403,
        "Người giữ khóa chưa xác nhận nội dung này; kết quả hồ sơ, kể cả chỉ một, được ký qua /v1/signature-batches",
        "The key's holder has not authorised this; results, also a single one, are signed by /v1/signature-batches",
    ),
    e.AuthorisationUnknown: Row(
        404,
        "Không có lần cho phép ký này: hãy chuẩn bị lại",
        "There is no such authorisation to sign: prepare again",
    ),
    e.AuthorisationMalformed: Row(
        422,
        "Dữ liệu cho phép ký sai cấu trúc: hãy gửi giá trị băm cùng loại, mỗi giá trị một lần; và nguyên câu trả lời "
        "của khóa truy cập",
        "The authorisation is malformed: send digests of one kind, each once, and the passkey's answer as it came",
    ),
    e.AuthorisationWrong: Row(
        403,
        "Xác nhận cho phép ký không đúng: hãy chuẩn bị lại và xác nhận bằng khóa truy cập của mình",
        "The confirmation does not prove consent: prepare again and confirm with your own passkey",
    ),
    e.AuthorisationForeign: Row(
        403,
        "Cho phép ký dành cho người, chứng thư hoặc nội dung khác: hãy chuẩn bị lại",
        "The authorisation is for another person, credential or content: prepare again",
    ),
    e.AuthorisationExpired: Row(
        409,
        "Cho phép ký đã hết hạn: hãy chuẩn bị lại",
        "The authorisation has expired: prepare again",
    ),
    e.AuthorisationClosed: Row(
        409,
        "Lần cho phép ký đã được xác nhận hoặc hủy: hãy chuẩn bị lại",
        "The authorisation was confirmed or cancelled already: prepare again",
    ),
    e.AuthorisationReplayed: Row(
        409,
        "Nội dung này đã được ký: hãy xem kết quả, muốn ký nữa thì chuẩn bị lại",
        "The digest was used already: look at what was signed; to sign again, prepare again",
    ),
    e.PasskeyRefused: Row(
        409,
        "Không chấp nhận khóa truy cập này: hãy đăng ký khóa khác",
        "The passkey is not accepted: register another one",
    ),
    e.PasskeyUnknown: Row(
        404,
        "Không có khóa truy cập này: hãy xem danh sách khóa của mình",
        "There is no such passkey: look at the list of yours",
    ),
}
