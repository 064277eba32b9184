"""Every sentence of the pages, in Vietnamese and in English.

One table, so that a translator sees both side by side and a test sees a missing one. Must not know pages' logic.
"""

from collections.abc import Callable, Mapping
from typing import Final

LANGUAGES: Final = ("vi", "en")

Translate = Callable[..., str]
"""`t(key, **values)`: the sentence of the page's language."""

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    # --- frame -------------------------------------------------------------------------------------
    "service": ("Ấn số", "Anso"),
    "tagline": ("Chữ ký số và giấy tờ số của tỉnh", "Digital signatures and documents of the province"),
    "skip": ("Đi tới nội dung chính", "Skip to main content"),
    "menu": ("Trình đơn", "Menu"),
    "nav.check": ("Kiểm tra chữ ký", "Check a signature"),
    "nav.docs": ("Dành cho hệ thống khác", "For other systems"),
    "language": ("Ngôn ngữ", "Language"),
    "footer": (
        "Tệp gửi lên chỉ dùng để kiểm tra rồi xóa ngay, không lưu lại.",
        "The file you send is used for this check only and deleted at once; it is not kept.",
    ),
    "error.prefix": ("Lỗi: ", "Error: "),
    "error.title": ("Có lỗi cần sửa", "There is a problem"),
    # --- checking ----------------------------------------------------------------------------------
    "check.title": ("Kiểm tra chữ ký", "Check a signature"),
    "check.lead": (
        "Chọn một tệp PDF đã ký số để biết nội dung có bị sửa không, ai đã ký và chữ ký có hợp lệ không.",
        "Choose a signed PDF to learn whether it was changed, who signed it and whether the signatures are good.",
    ),
    "check.label": ("Tệp PDF cần kiểm tra", "PDF file to check"),
    "check.hint": ("Một tệp PDF, lớn nhất {limit} MB.", "One PDF file, {limit} MB at most."),
    "check.drop": ("Bấm để chọn tệp, hoặc kéo tệp thả vào đây", "Press to choose a file, or drop it here"),
    "check.submit": ("Kiểm tra", "Check"),
    "check.busy": ("Đang kiểm tra, xin đợi…", "Checking, please wait…"),
    "check.again": ("Kiểm tra tệp khác", "Check another file"),
    "file.name": ("Tệp", "File"),
    "file.empty": ("Hãy chọn một tệp PDF.", "Choose a PDF file."),
    "file.empty_bytes": ("Tệp này rỗng. Hãy chọn tệp khác.", "This file is empty. Choose another one."),
    "file.not_pdf": (
        "Tệp này không phải PDF. Hãy chọn đúng tệp PDF đã ký, không phải ảnh chụp hay tệp nén.",
        "This file is not a PDF. Choose the signed PDF itself, not a photo or an archive.",
    ),
    "file.too_large": (
        "Tệp lớn hơn {limit} MB. Hãy chọn tệp nhỏ hơn.",
        "The file is larger than {limit} MB. Choose a smaller one.",
    ),
    "file.unreadable": (
        "Không đọc được tệp này: tệp bị hỏng, bị khóa bằng mật khẩu hoặc quá phức tạp.",
        "This file cannot be read: it is damaged, locked with a password or too complex.",
    ),
    "service.busy": (
        "Hệ thống đang bận. Hãy thử lại sau ít phút.",
        "The service is busy. Try again in a few minutes.",
    ),
    # --- verdict -----------------------------------------------------------------------------------
    "verdict.valid.word": ("HỢP LỆ", "VALID"),
    "verdict.invalid.word": ("KHÔNG HỢP LỆ", "NOT VALID"),
    "verdict.indeterminate.word": ("CHƯA KẾT LUẬN ĐƯỢC", "NOT CONCLUSIVE"),
    "verdict.no_signature.word": ("KHÔNG CÓ CHỮ KÝ", "NO SIGNATURE"),
    "verdict.valid": (
        "Tệp có {count} chữ ký số hợp lệ và không bị sửa đổi sau khi ký.",
        "The file has {count} valid digital signature(s) and was not changed after signing.",
    ),
    "verdict.altered": (
        "Nội dung tệp đã bị sửa đổi sau khi ký. Đừng dùng tệp này.",
        "The content was changed after signing. Do not use this file.",
    ),
    "verdict.invalid": (
        "Tệp có chữ ký số không hợp lệ. Đừng dùng tệp này khi chưa hỏi cơ quan ban hành.",
        "The file has a digital signature that is not valid. Ask the issuing agency before you use it.",
    ),
    "verdict.indeterminate": (
        "Chữ ký số có thể đúng, nhưng còn điều chưa kiểm tra được nên chưa thể kết luận.",
        "The digital signature may be good, but something could not be checked, so there is no conclusion yet.",
    ),
    "verdict.withdrawn.word": (
        "CHỮ KÝ HỢP LỆ, VĂN BẢN KHÔNG CÓ HIỆU LỰC",
        "VALID SIGNATURE, DOCUMENT NOT IN FORCE",
    ),
    "verdict.withdrawn": (
        "Chữ ký số đúng, nhưng văn bản này chưa có, không còn hiệu lực hoặc đang bị xem xét.",
        "The digital signatures are good, but the document is not or no longer in force, or is under review.",
    ),
    "verdict.unreadable": (
        "Không mở được tệp để kiểm tra, nên chưa biết chữ ký thế nào.",
        "The file could not be opened for checking, so nothing is known about its signatures.",
    ),
    "verdict.no_signature": (
        "Tệp này không có chữ ký số nào.",
        "This file has no digital signature.",
    ),
    "trial.tag": ("CHỮ KÝ THỬ NGHIỆM – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ", "TEST SIGNATURE – NO LEGAL VALUE"),
    "trial.text": (
        "Chữ ký đúng về kỹ thuật nhưng dùng chứng thư thử nghiệm của môi trường phát triển.",
        "The signature is technically good but was made with a test certificate of the development environment.",
    ),
    "reasons": ("Lý do", "Reasons"),
    "reasons.notes": ("Lưu ý", "Please note"),
    # --- four checks -------------------------------------------------------------------------------
    "checks.title": ("Bốn điều đã kiểm tra", "The four checks"),
    "check.integrity": ("Nội dung nguyên vẹn", "Content intact"),
    "check.integrity.yes": (
        "Không có gì bị sửa sau khi ký.",
        "Nothing was changed after signing.",
    ),
    "check.integrity.added": (
        "Nội dung đã ký còn nguyên; sau đó có điền biểu mẫu hoặc ghi chú thêm.",
        "The signed content is intact; a form was filled in or notes were added later.",
    ),
    "check.integrity.no": (
        "Nội dung hiện nay khác nội dung đã được ký.",
        "The content differs from what was signed.",
    ),
    "check.integrity.open": (
        "Chưa xác định được những thay đổi sau khi ký.",
        "The changes after signing could not be determined.",
    ),
    "check.signer": ("Ai ký, với tư cách gì", "Who signed, in what capacity"),
    "check.signer.unknown_name": ("Người ký không rõ tên", "Signer without a name"),
    "check.signer.personal": ("chứng thư số cá nhân", "personal certificate"),
    "check.signer.org_seal": ("con dấu của cơ quan", "agency seal"),
    "check.signer.citizen": ("chứng thư số của công dân", "citizen's certificate"),
    "check.signer.service": ("chứng thư của hệ thống", "certificate of a service"),
    "check.signer.other": ("chứng thư không rõ loại", "certificate of unknown kind"),
    "check.signer.ordinal": ("chứng thư thứ {ordinal}", "certificate no. {ordinal}"),
    "check.signer.untrusted": (
        "Chưa chắc đúng người này: chứng thư không do nơi cấp được tin cậy cấp.",
        "It is not certain that this is the person: the certificate does not come from a trusted issuer.",
    ),
    "check.signer.not_entitled": (
        "Người ký không có thẩm quyền ký văn bản này.",
        "The signer was not entitled to sign this document.",
    ),
    "check.signer.entitlement_open": (
        "Tư cách là như chứng thư ghi; thẩm quyền ký văn bản này chưa được đối chiếu.",
        "The capacity is as the certificate states; the right to sign this very document was not compared.",
    ),
    "check.certificate": ("Chứng thư còn hiệu lực lúc ký", "Certificate good when signing"),
    "check.certificate.yes": (
        "Còn hạn và không bị thu hồi tại thời điểm ký.",
        "Within its period and not revoked at the time of signing.",
    ),
    "check.certificate.revoked": (
        "Đã bị thu hồi hoặc tạm dừng trước khi ký.",
        "Revoked or suspended before signing.",
    ),
    "check.certificate.expired": (
        "Ngoài thời hạn hiệu lực khi ký.",
        "Outside its period of validity when signing.",
    ),
    "check.certificate.unproven": (
        "Nay đã hết hạn hoặc bị thu hồi; chưa chứng minh được chữ ký có trước đó.",
        "Expired or revoked by now; it is not proven that the signature is older.",
    ),
    "check.certificate.open": (
        "Chưa có đủ thông tin thu hồi để kết luận.",
        "There is not enough revocation information to conclude.",
    ),
    "check.time": ("Thời điểm tin cậy", "Trusted time"),
    "check.time.yes": ("Có dấu thời gian: {at}.", "Time-stamped: {at}."),
    "check.time.claimed": (
        "Chỉ có giờ do máy người ký tự khai ({at}), không có dấu thời gian.",
        "Only the time claimed by the signer's device ({at}), no time-stamp.",
    ),
    "check.time.none": ("Không có dấu thời gian.", "No time-stamp."),
    "answer.yes": ("Đạt", "Passed"),
    "answer.no": ("Không đạt", "Failed"),
    "answer.open": ("Chưa rõ", "Not clear"),
    # --- state of the document ---------------------------------------------------------------------
    "document.title": ("Tình trạng văn bản trong kho", "State of the document in the vault"),
    "document.active": ("Đang có hiệu lực", "In force"),
    "document.expired": ("Đã hết hạn", "Expired"),
    "document.revoked": ("Đã bị thu hồi, hủy bỏ", "Revoked"),
    "document.superseded": ("Đã được thay thế", "Replaced by a newer one"),
    "document.recalled": ("Đang bị thu hồi để xử lý", "Recalled"),
    "document.voided": ("Số đã hủy, không có văn bản", "Number voided, there is no such document"),
    "document.not_issued": ("Chưa ban hành", "Not issued yet"),
    "document.other": ("Cần hỏi cơ quan ban hành", "Ask the issuing agency"),
    # --- next steps --------------------------------------------------------------------------------
    "next.title": ("Nên làm gì tiếp", "What to do next"),
    "next.valid": (
        "Có thể dùng tệp này. Hãy giữ chính tệp PDF: bản in hay ảnh chụp không mang chữ ký số.",
        "You can use this file. Keep the PDF itself: a print or a photo does not carry the digital signature.",
    ),
    "next.trial": (
        "Đừng dùng tệp này cho công việc thật. Hãy xin văn bản ký bằng chứng thư chính thức.",
        "Do not use this file for real business. Ask for a document signed with an official certificate.",
    ),
    "next.withdrawn": (
        "Đừng dùng văn bản này. Hãy hỏi cơ quan ban hành về văn bản đang có hiệu lực.",
        "Do not use this document. Ask the issuing agency for the one in force.",
    ),
    "next.altered": (
        "Xin lại tệp gốc từ cơ quan ban hành, hoặc quét mã QR in trên văn bản để đối chiếu với bản gốc.",
        "Ask the issuing agency for the original file, or scan the QR code on the page to compare it.",
    ),
    "next.invalid": (
        "Liên hệ cơ quan ban hành và cho họ xem kết quả kiểm tra này.",
        "Contact the issuing agency and show them this result.",
    ),
    "next.try_later": (
        "Thử lại sau: thông tin thu hồi của nơi cấp chứng thư tạm thời chưa có.",
        "Try again later: the issuer's revocation information is not available at the moment.",
    ),
    "next.untrusted": (
        "Hỏi cơ quan ban hành xem họ dùng chứng thư của nơi cấp nào; hệ thống này chưa tin cậy nơi cấp đó.",
        "Ask the issuing agency whose certificates they use; this service does not trust that issuer.",
    ),
    "next.indeterminate": (
        "Chưa nên dựa vào tệp này cho việc quan trọng. Hãy hỏi cơ quan ban hành.",
        "Do not rely on this file for important matters yet. Ask the issuing agency.",
    ),
    "next.unreadable": (
        "Xin lại tệp PDF gốc, không bị hỏng và không đặt mật khẩu, rồi kiểm tra lại.",
        "Ask for the original PDF, undamaged and without a password, and check again.",
    ),
    "next.no_signature": (
        "Nếu đây là bản quét hoặc bản in lại, hãy xin tệp PDF đã ký số từ cơ quan ban hành.",
        "If this is a scan or a re-print, ask the issuing agency for the signed PDF file.",
    ),
    # --- details -----------------------------------------------------------------------------------
    "details.open": ("Chi tiết kỹ thuật", "Technical details"),
    "details.signature": ("Chữ ký {number}", "Signature {number}"),
    "details.timestamp": ("Dấu thời gian của văn bản", "Document time-stamp"),
    "details.field": ("Trường chữ ký", "Signature field"),
    "details.indication": ("Kết luận ETSI", "ETSI indication"),
    "details.level": ("Mức PAdES", "PAdES level"),
    "details.serial": ("Số sê-ri chứng thư", "Certificate serial"),
    "details.anchor": ("Nơi cấp gốc được tin cậy", "Trust anchor"),
    "details.claimed": ("Giờ tự khai", "Claimed time"),
    "details.changes": ("Thay đổi sau khi ký", "Changes after signing"),
    "details.warnings": ("Lưu ý", "Warnings"),
    "details.codes": ("Mã lý do", "Reason codes"),
    "details.policy": ("Chính sách kiểm tra", "Policy"),
    "details.size": ("Dung lượng", "Size"),
    "details.bytes": ("{size} byte", "{size} bytes"),
    # --- landing page of a QR code -----------------------------------------------------------------
    "landing.title": ("Văn bản theo mã QR", "Document of the QR code"),
    "landing.lead": (
        "Hệ thống đã cấp văn bản dưới đây. Hãy so với bản bạn đang cầm.",
        "The service issued the document below. Compare it with the one in your hands.",
    ),
    "landing.type": ("Loại văn bản", "Type"),
    "landing.number": ("Số, ký hiệu", "Number"),
    "landing.issuer": ("Cơ quan ban hành", "Issued by"),
    "landing.date": ("Ngày ban hành", "Issued on"),
    "landing.holder": ("Người được cấp", "Holder"),
    "landing.state": ("Tình trạng", "State"),
    "landing.sha256": ("Mã băm SHA-256 của bản gốc", "SHA-256 of the original"),
    "landing.paper": (
        "Bản in tự nó không có giá trị pháp lý. Giá trị nằm ở tệp PDF có chữ ký số: hãy chọn tệp đó để đối chiếu.",
        "A print has no legal value of its own. What counts is the digitally signed PDF: choose it to compare.",
    ),
    "landing.compare": ("Đối chiếu tệp với bản gốc", "Compare a file with the original"),
    "landing.same": (
        "Trùng khớp hoàn toàn với bản gốc đang lưu.",
        "Identical with the stored original.",
    ),
    "landing.different": (
        "Khác bản gốc đang lưu: tệp này không phải là văn bản mà mã QR chỉ tới.",
        "Different from the stored original: this file is not the document that the QR code stands for.",
    ),
    "landing.unknown": ("Không có văn bản nào mang mã này", "There is no document with this code"),
    "landing.unknown.text": (
        "Mã QR có thể bị in sai, bị cắt mất hoặc là mã giả. Hãy quét lại, hoặc hỏi cơ quan ghi trên văn bản.",
        "The QR code may be misprinted, cut off or forged. Scan it again, or ask the agency named on the paper.",
    ),
    # --- API description ---------------------------------------------------------------------------
    "docs.title": ("Giao diện lập trình", "Programming interface"),
    "docs.lead": (
        "Mọi việc trên trang này hệ thống khác cũng làm được qua HTTP. Việc kiểm tra chữ ký không cần đăng nhập.",
        "Everything on this site can be done by other systems over HTTP. Checking signatures needs no login.",
    ),
    "docs.file": ("Tải mô tả OpenAPI (JSON)", "Download the OpenAPI description (JSON)"),
    # --- failures ----------------------------------------------------------------------------------
    "failure.home": ("Về trang kiểm tra chữ ký", "Back to checking signatures"),
    "failure.incident": ("Mã sự cố", "Incident number"),
}


def translator(language: str) -> Translate:
    """Give `t` for one language; anything but English is Vietnamese."""
    column = 1 if language == "en" else 0

    def t(key: str, **values: object) -> str:
        return MESSAGES[key][column].format(**values) if values else MESSAGES[key][column]

    return t
