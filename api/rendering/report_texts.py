"""What the pages of a verification report say, in Vietnamese and English. Must not know the report's shape."""

from typing import Final, NamedTuple


class Pair(NamedTuple):
    """One sentence in both languages."""

    vi: str
    en: str


TITLE: Final = Pair("BÁO CÁO KIỂM TRA CHỮ KÝ SỐ", "Report of a signature check")
TRIAL: Final = Pair("CHỨNG THƯ PHÁT TRIỂN – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ", "DEVELOPMENT CERTIFICATE – NO LEGAL VALUE")
WORDS: Final = {
    "valid": Pair("HỢP LỆ", "VALID"),
    "invalid": Pair("KHÔNG HỢP LỆ", "NOT VALID"),
    "indeterminate": Pair("CHƯA KẾT LUẬN ĐƯỢC", "NOT CONCLUSIVE"),
    "no_signature": Pair("KHÔNG CÓ CHỮ KÝ", "NO SIGNATURE"),
    "withdrawn": Pair("CHỮ KÝ HỢP LỆ, VĂN BẢN KHÔNG CÓ HIỆU LỰC", "VALID SIGNATURE, DOCUMENT NOT IN FORCE"),
    "not_entitled": Pair("CHỮ KÝ HỢP LỆ, KHÔNG ĐÚNG THẨM QUYỀN", "VALID SIGNATURE, SIGNER NOT ENTITLED"),
}
SENTENCES: Final = {
    "valid": Pair(
        "Mọi chữ ký số trong tệp đều hợp lệ và nội dung đã ký không bị sửa đổi.",
        "Every digital signature of the file is valid and what was signed was not changed.",
    ),
    "invalid": Pair(
        "Tệp có chữ ký số không hợp lệ. Đừng dùng tệp này khi chưa hỏi cơ quan ban hành.",
        "The file has a digital signature that is not valid. Ask the issuing agency before you use it.",
    ),
    "altered": Pair(
        "Nội dung tệp khác nội dung đã được ký. Đừng dùng tệp này.",
        "The content differs from what was signed. Do not use this file.",
    ),
    "indeterminate": Pair(
        "Còn điều chưa kiểm tra được nên chưa thể kết luận về chữ ký số của tệp.",
        "Something could not be checked, so there is no conclusion about the file's digital signatures.",
    ),
    "no_signature": Pair("Tệp không có chữ ký số nào.", "The file has no digital signature."),
    "withdrawn": Pair(
        "Chữ ký số đúng, nhưng văn bản này chưa có, không còn hiệu lực hoặc đang bị xem xét.",
        "The digital signatures are good, but the document is not or no longer in force, or is under review.",
    ),
    "not_entitled": Pair(
        "Chữ ký số đúng, nhưng người ký hoặc thứ tự ký, đóng dấu không đúng thẩm quyền.",
        "The digital signatures are good, but a signer had no right to sign, or signature and seal break the order.",
    ),
}
ANSWERS: Final = {
    "yes": Pair("Đạt", "Passed"),
    "no": Pair("Không đạt", "Failed"),
    "open": Pair("Chưa rõ", "Not clear"),
}
CHECKS: Final = {
    "integrity": Pair("Nội dung nguyên vẹn", "Content intact"),
    "signer": Pair("Người ký và thẩm quyền", "Signer and right to sign"),
    "certificate": Pair("Chứng thư có hiệu lực lúc ký", "Certificate good when signing"),
    "time": Pair("Thời điểm tin cậy", "Trusted time"),
}
CHANGES: Final = {
    "none": Pair("Không có gì thêm vào sau khi ký.", "Nothing was added after signing."),
    "permitted": Pair(
        "Chỉ có chữ ký, dấu thời gian hoặc dữ liệu kiểm tra được thêm vào sau khi ký.",
        "Only signatures, time-stamps or validation data were added after signing.",
    ),
    "form_fill": Pair("Biểu mẫu được điền sau khi ký.", "A form was filled in after signing."),
    "annotations": Pair("Ghi chú được thêm sau khi ký.", "Notes were added after signing."),
    "forbidden": Pair(
        "Nội dung bị thay đổi theo cách mà chữ ký không cho phép.",
        "The content was changed in a way that the signature does not allow.",
    ),
    "unknown": Pair(
        "Chưa xác định được những thay đổi sau khi ký.", "The changes after signing could not be determined."
    ),
}
FIELDS: Final = {
    # Circular 15/2025/TT-BKHCN: what a report says at least, in its order
    "issuer": Pair("Tổ chức cấp chứng thư", "Issuer"),
    "signer": Pair("Người ký", "Signer"),
    "certificate_managing_unit": Pair("Đơn vị quản lý chứng thư", "Unit managing the certificate"),
    "signing_time": Pair("Thời điểm ký", "Time of signing"),
    "integrity": Pair("Tính toàn vẹn", "Integrity"),
    "validity_at_signing_time": Pair("Hiệu lực tại thời điểm ký", "Validity at signing time"),
    "certificate_period": Pair("Thời hạn chứng thư", "Certificate period"),
}
MORE_FIELDS: Final = {
    "result": Pair("Kết luận", "Result"),
    "capacity": Pair("Chức danh, cơ quan", "Title, agency"),
    "changes": Pair("Thay đổi sau khi ký", "Changes after signing"),
    "level": Pair("Mức chữ ký", "Level"),
    "policy": Pair("Quy định áp dụng", "Rule that was applied"),
    "anchor": Pair("Gốc tin cậy", "Trust anchor"),
    "serial": Pair("Số sê-ri chứng thư", "Certificate serial"),
    "details": Pair("Lý do, lưu ý", "Reason, warnings"),
}
VALUES: Final = {
    "intact": Pair("Nguyên vẹn", "Intact"),
    "broken": Pair("Không nguyên vẹn", "Broken"),
    "valid": Pair("Còn hiệu lực", "Valid"),
    "invalid": Pair("Không còn hiệu lực", "Not valid"),
    "unknown": Pair("Chưa xác định", "Unknown"),
    "none": Pair("Không có", "None"),
}
TIME_SOURCES: Final = {
    "signature_timestamp": Pair("theo dấu thời gian của chữ ký", "by the signature's time-stamp"),
    "document_timestamp": Pair("theo dấu thời gian của văn bản", "by a document time-stamp"),
    "archive_timestamp": Pair("theo dấu thời gian lưu trữ của chữ ký", "by the signature's archive time-stamp"),
    "claimed": Pair("theo đồng hồ của người ký, chưa được chứng minh", "by the signer's clock, not proven"),
    "none": Pair("không có", "none"),
}
TIMES: Final = {
    "yes": Pair("Mọi chữ ký có dấu thời gian tin cậy.", "Every signature has a trusted time-stamp."),
    "open": Pair(
        "Có chữ ký chỉ mang giờ do máy người ký khai.", "A signature has only the time that the signer's device claims."
    ),
}
CERTIFICATES: Final = {
    "yes": Pair(
        "Còn thời hạn và không bị thu hồi tại thời điểm ký.", "Within its period and not revoked when it was used."
    ),
    "no": Pair("Hết hạn, bị tạm dừng hoặc thu hồi tại thời điểm ký.", "Expired, suspended or revoked when used."),
    "open": Pair("Chưa đủ căn cứ để kết luận.", "There is not enough evidence to conclude."),
}
ENTITLEMENT: Final = {
    "entitled": Pair("Người ký có thẩm quyền.", "The signer was entitled."),
    "not_entitled": Pair(
        "Người ký không có thẩm quyền ký văn bản này.", "The signer was not entitled to sign this document."
    ),
    "unknown": Pair(
        "Thẩm quyền ký văn bản này chưa được đối chiếu.", "The right to sign this very document was not established."
    ),
}
STATES: Final = {
    "active": Pair("Đang có hiệu lực", "In force"),
    "expired": Pair("Đã hết hạn", "Expired"),
    "revoked": Pair("Đã bị thu hồi, hủy bỏ", "Revoked"),
    "superseded": Pair("Đã được thay thế", "Replaced by a newer one"),
    "recalled": Pair("Đang bị thu hồi để xử lý", "Recalled"),
    "voided": Pair("Số đã hủy, không có văn bản", "Number voided, there is no such document"),
    "not_issued": Pair("Chưa ban hành", "Not issued yet"),
    "unknown": Pair(
        "Hệ thống này không lưu văn bản này; hãy hỏi cơ quan ban hành nếu cần.",
        "This service does not keep this document; ask the issuing agency if you need to know.",
    ),
}
OTHER_STATE: Final = Pair("Cần hỏi cơ quan ban hành", "Ask the issuing agency")
FACTS: Final = {
    "sha256": Pair("Mã băm SHA-256 của tệp", "SHA-256 of the file"),
    "size": Pair("Dung lượng (byte)", "Size (bytes)"),
    "policy": Pair("Chính sách kiểm tra", "Validation policy"),
    "checked_at": Pair("Thời điểm kiểm tra", "Moment of checking"),
    "state": Pair("Tình trạng văn bản", "State of the document"),
    "acceptance": Pair("Trả lời cho máy", "Answer for machines"),
}
SECTIONS: Final = {
    "checks": Pair("Bốn điều đã kiểm tra", "The four checks"),
    "file": Pair("Tệp được kiểm tra", "The file"),
    "reasons": Pair("Lý do", "Reasons"),
    "next": Pair("Nên làm gì tiếp", "What to do next"),
    "signature": Pair("Chữ ký", "Signature"),
    "timestamp": Pair("Dấu thời gian của văn bản", "Document time-stamp"),
    "left_out": Pair("Số chữ ký không in ở đây", "Signatures that are not printed here"),
}
NEXT: Final = {
    "valid": Pair(
        "Có thể dùng tệp này. Hãy giữ chính tệp PDF: bản in hay ảnh chụp không mang chữ ký số.",
        "You can use this file. Keep the PDF itself: a print or a photo does not carry the digital signature.",
    ),
    "ask": Pair(
        "Trước khi dùng cho việc quan trọng, hãy hỏi cơ quan ban hành: hệ thống này chưa xác nhận được đủ mọi điều.",
        "Ask the issuing agency before you rely on it for important matters: not everything could be confirmed here.",
    ),
    "not_entitled": Pair(
        "Đừng dùng tệp này. Hãy hỏi cơ quan ban hành và xin văn bản do người có thẩm quyền ký, đóng dấu.",
        "Do not use this file. Ask the issuing agency for a document signed and sealed by those who may.",
    ),
    "trial": Pair(
        "Đừng dùng tệp này cho công việc thật. Hãy xin văn bản ký bằng chứng thư chính thức.",
        "Do not use this file for real business. Ask for a document signed with an official certificate.",
    ),
    "withdrawn": Pair(
        "Đừng dùng văn bản này. Hãy hỏi cơ quan ban hành về văn bản đang có hiệu lực.",
        "Do not use this document. Ask the issuing agency for the one in force.",
    ),
    "altered": Pair(
        "Xin lại tệp gốc từ cơ quan ban hành, hoặc quét mã QR in trên văn bản để đối chiếu với bản gốc.",
        "Ask the issuing agency for the original file, or scan the QR code on the page to compare it.",
    ),
    "invalid": Pair(
        "Liên hệ cơ quan ban hành và cho họ xem báo cáo này.", "Contact the issuing agency and show them this report."
    ),
    "indeterminate": Pair(
        "Chưa nên dựa vào tệp này cho việc quan trọng. Kiểm tra lại sau, hoặc hỏi cơ quan ban hành.",
        "Do not rely on this file for important matters yet. Check again later, or ask the issuing agency.",
    ),
    "no_signature": Pair(
        "Nếu đây là bản quét hoặc bản in lại, hãy xin tệp PDF đã ký số từ cơ quan ban hành.",
        "If this is a scan or a re-print, ask the issuing agency for the signed PDF file.",
    ),
}
