"""How the errors about trust policy files look from outside."""

from typing import Final

from api.problems.row import Row, Rows
from signing import errors as e

TRUST_ROWS: Final[Rows] = {
    e.TrustError: Row(500, "Lỗi của danh mục tin cậy", "Trust policy error"),
    e.TrustPolicyMalformed: Row(500, "Tệp chính sách tin cậy sai cấu trúc", "A trust policy file is malformed"),
    e.TrustPolicyUnsigned: Row(
        500, "Tệp chính sách tin cậy chưa đủ chữ ký của hai người", "A trust policy file lacks two officers' signatures"
    ),
    e.TrustPolicyChainBroken: Row(
        500, "Tệp chính sách tin cậy không nối tiếp tệp trước", "A trust policy file does not follow on the last one"
    ),
    e.TrustOfficersMalformed: Row(500, "Danh sách cán bộ tin cậy sai cấu trúc", "The list of officers is malformed"),
}
