"""How the errors of `vault` look from outside. What may not be seen and what is not there look the same."""

from typing import Final

from api.problems.row import Row, Rows
from vault import errors as e

_NO_DOCUMENT: Final = Row(404, "Không tìm thấy giấy tờ", "Document not found")
_REFUSED: Final = Row(409, "Không được tái sử dụng giấy tờ này", "The document may not be reused")

VAULT_ROWS: Final[Rows] = {
    e.VaultError: Row(500, "Lỗi của kho dữ liệu", "Vault error"),
    # access
    e.AccessError: _NO_DOCUMENT,
    e.DocumentNotFound: _NO_DOCUMENT,
    e.AccessDenied: _NO_DOCUMENT,
    e.VaultNotFound: Row(404, "Công dân chưa có kho dữ liệu", "The citizen has no vault"),
    e.WorkNotFound: Row(404, "Không tìm thấy kết quả trung gian", "Intermediate result not found"),
    # the object store
    e.StoreError: Row(500, "Lỗi của kho lưu trữ", "Object store error"),
    e.InvalidName: Row(500, "Tên đối tượng không hợp lệ", "Invalid object name"),
    e.ObjectNotFound: Row(500, "Đối tượng lưu trữ bị mất", "A stored object is missing"),
    e.AlreadyStored: Row(409, "Đã được lưu", "It is stored already"),
    e.ObjectProtected: Row(409, "Đối tượng đang trong thời hạn lưu giữ", "The object is under retention"),
    e.StoreUnsuitable: Row(500, "Kho lưu trữ không đáp ứng yêu cầu", "The object store is not suitable"),
    e.StoreUnavailable: Row(503, "Kho lưu trữ tạm thời gián đoạn", "The object store is unavailable"),
    # contents and keys
    e.IntegrityMismatch: Row(
        500, "Tệp lưu trữ bị sai lệch, không được cung cấp", "The stored file is damaged and is not served"
    ),
    e.KeyMismatch: Row(500, "Khóa của kho không đúng", "The vault's key is not the right one"),
    e.DuplicateDocument: Row(409, "Giấy tờ này đã có trong kho", "The vault already holds this document"),
    # consent
    e.ConsentError: Row(409, "Sự đồng ý không hợp lệ", "The consent is not valid"),
    e.ConsentNotFound: Row(404, "Không tìm thấy sự đồng ý", "Consent not found"),
    e.ConsentEnded: Row(409, "Sự đồng ý đã được rút", "The consent was withdrawn already"),
    e.ConsentInvalid: Row(422, "Không thể ghi nhận sự đồng ý này", "This consent cannot be given"),
    # reuse (model §3.3)
    e.ReuseRefused: _REFUSED,
    e.ReuseRefusedConsent: Row(
        409, "Không có sự đồng ý còn hiệu lực của công dân", "There is no live consent of the citizen"
    ),
    e.ReuseRefusedOwner: Row(409, "Giấy tờ không phải của người nộp hồ sơ", "The document is not the applicant's"),
    e.ReuseRefusedRevoked: Row(409, "Giấy tờ không còn hiệu lực", "The document is not in force"),
    e.ReuseRefusedExpired: Row(
        409, "Giấy tờ đã hết hạn, cần xin cấp mới", "The document has expired and must be renewed"
    ),
    e.ReuseRefusedScope: Row(
        409, "Hồ sơ không yêu cầu loại giấy tờ này", "The dossier does not ask for this kind of document"
    ),
    e.ReuseRefusedGrade: Row(409, "Mức độ tin cậy của giấy tờ chưa đủ", "The document's grade is not sufficient"),
    e.ReuseRefusedHash: Row(
        409, "Nội dung khác với nội dung công dân đã đồng ý", "The content is not the one consented to"
    ),
    e.ReuseRefusedSignature: Row(
        409, "Chưa chứng minh được chữ ký hợp lệ", "The signatures could not be shown to be valid"
    ),
}
