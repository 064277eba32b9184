"""How refused uses of keys, authorisations to sign and passkeys look from outside."""

from typing import Final

from api.problems.row import Row, Rows
from signing import errors as e

AUTHORISATION_ROWS: Final[Rows] = {
    e.KeyUseRefused: Row(403, "Khóa không được dùng cho việc này", "The key is not for this use"),
    e.KeyUseNotRecorded: Row(503, "Chưa ghi được nhật ký dùng khóa", "The use of the key could not be recorded"),
    e.AuthorisationError: Row(403, "Không được phép dùng khóa ký", "The signing key may not be used"),
    e.AuthorisationRequired: Row(
        403,
        "Người giữ khóa chưa xác nhận nội dung này; kết quả hồ sơ, kể cả chỉ một, được ký qua /v1/signature-batches",
        "The key's holder has not authorised this; results, also a single one, are signed by /v1/signature-batches",
    ),
    e.AuthorisationUnknown: Row(404, "Không có lần cho phép ký này", "There is no such authorisation to sign"),
    e.AuthorisationMalformed: Row(422, "Dữ liệu cho phép ký sai cấu trúc", "The authorisation is malformed"),
    e.AuthorisationWrong: Row(403, "Xác nhận cho phép ký không đúng", "The confirmation does not prove consent"),
    e.AuthorisationForeign: Row(
        403,
        "Cho phép ký dành cho người, chứng thư hoặc nội dung khác",
        "The authorisation is for another person, credential or content",
    ),
    e.AuthorisationExpired: Row(409, "Cho phép ký đã hết hạn", "The authorisation has expired"),
    e.AuthorisationClosed: Row(
        409, "Lần cho phép ký đã được xác nhận hoặc hủy", "The authorisation was confirmed or cancelled already"
    ),
    e.AuthorisationReplayed: Row(409, "Nội dung này đã được ký", "The digest was used already"),
    e.PasskeyRefused: Row(409, "Không chấp nhận khóa truy cập này", "The passkey is not accepted"),
    e.PasskeyUnknown: Row(404, "Không có khóa truy cập này", "There is no such passkey"),
}
