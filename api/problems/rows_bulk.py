"""How the refusals of files with many rows, imports and campaigns look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

BULK_ROWS: Final[Rows] = {
    e.CsvEncodingWrong: Row(422, "Tệp không phải UTF-8", "The file is not UTF-8"),
    e.CsvBroken: Row(422, "Tệp CSV sai cấu trúc", "The CSV file is malformed"),
    e.CsvHeaderWrong: Row(422, "Dòng tiêu đề của tệp CSV không đúng", "The CSV file's first line is wrong"),
    e.CsvTooLarge: Row(413, "Tệp có quá nhiều dòng hoặc quá lớn", "The file has too many rows or bytes"),
    e.CsvWithoutRows: Row(422, "Tệp không có dòng dữ liệu nào", "The file has no rows"),
    e.RowRefused: Row(422, "Dòng dữ liệu không hợp lệ", "The row is not valid"),
    e.RowShapeWrong: Row(422, "Số ô của dòng khác dòng tiêu đề", "The row has another number of cells"),
    e.RowCellUnsafe: Row(422, "Ô có nội dung không an toàn hoặc quá dài", "A cell is unsafe or too long"),
    e.RowNameInvalid: Row(422, "Họ tên không hợp lệ", "The name is not valid"),
    e.RowNumberInvalid: Row(422, "Số định danh cá nhân không hợp lệ", "The citizen number is not valid"),
    e.RowBirthInvalid: Row(422, "Ngày sinh không hợp lệ", "The date of birth is not valid"),
    e.RowBirthConflict: Row(
        422, "Số định danh không khớp ngày sinh hoặc giới tính", "The number contradicts the date of birth or the sex"
    ),
    e.RowEvidenceInvalid: Row(422, "Căn cứ không hợp lệ", "The reference to evidence is not valid"),
    e.RowHolderMismatch: Row(
        409, "Họ tên hoặc ngày sinh khác dữ liệu đã lưu", "Name or date of birth differ from the record"
    ),
    e.RowPersonUnknown: Row(422, "Không có cán bộ nào với số định danh này", "No official has this number"),
    e.RowPersonUnable: Row(
        409, "Người này đã mất hoặc chưa đủ 18 tuổi, phải làm hồ sơ riêng", "The person is deceased or not of age"
    ),
    e.ExternalCertUntrusted: Row(
        422, "Không có đường dẫn tin cậy đến chứng thư gốc đã công nhận", "No trust path to an accepted root"
    ),
    e.ExternalCertExpired: Row(422, "Chứng thư đã hết hạn", "The certificate has expired"),
    e.ExternalCertNotYetValid: Row(422, "Chứng thư chưa có hiệu lực", "The certificate is not valid yet"),
    e.ExternalCertRevoked: Row(422, "Chứng thư đã bị thu hồi hoặc tạm dừng", "The certificate is revoked or on hold"),
    e.ExternalCertWeak: Row(422, "Khóa hoặc thuật toán quá yếu", "The key or the algorithm is too weak"),
    e.ExternalCertPurpose: Row(
        422, "Không phải chứng thư để ký văn bản", "The certificate is not for signing documents"
    ),
    e.ExternalCertProfile: Row(
        422,
        "Chứng thư gốc này không được dùng cho loại chủ thể đó",
        "Certificates of this class do not count under this root",
    ),
    e.ExternalCertHolder: Row(
        409, "Chủ thể của chứng thư khác dữ liệu đã lưu", "The certificate's holder differs from the record"
    ),
    e.ExternalCertKey: Row(409, "Khóa không thuộc chứng thư này", "The key is not the certificate's"),
    e.ExternalCertUnconfirmed: Row(
        409, "Chứng thư nhập chưa được người thứ hai xác nhận", "The imported certificate is not confirmed"
    ),
    e.ExternalFileWrong: Row(422, "Tệp không chứa chứng thư đọc được", "The file holds no readable certificates"),
    e.CampaignEntryMissing: Row(
        409, "Không có người đăng ký nào khớp với chứng thư", "No applicant of the campaign matches the certificate"
    ),
    e.CampaignKeyMismatch: Row(
        409, "Chứng thư không mang khóa mà người đăng ký đã gửi", "The certificate has another key than the applicant's"
    ),
}
