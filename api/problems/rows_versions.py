"""How the errors of showing a signed version look from outside."""

from typing import Final

from api.problems.row import Row, Rows
from signing.validation import versions as v

VERSION_ROWS: Final[Rows] = {
    v.SignatureFieldUnknown: Row(404, "Tệp không có chữ ký này", "The file has no such signature"),
    v.PageUnknown: Row(404, "Tệp không có trang này", "The file has no such page"),
    v.SignedVersionUnknown: Row(
        422, "Không xác định được phiên bản đã ký", "What this signature covers is not a version of the file"
    ),
    v.PageNotDrawn: Row(422, "Không vẽ được trang này", "The page cannot be drawn"),
    v.DocumentLocked: Row(422, "Mật khẩu không mở được tệp", "The file opens with another password only"),
}
