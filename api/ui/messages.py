"""Every sentence of the pages, in Vietnamese and in English.

Pairs, so that a translator sees both side by side and a test sees a missing one. Must not know pages' logic.
"""

from collections.abc import Callable, Mapping
from typing import Final

from api.ui.tool_messages import TOOL_MESSAGES
from api.ui.verdict_messages import VERDICT_MESSAGES

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
    "check.hint": ("Một tệp PDF hoặc ảnh, lớn nhất {limit} MB.", "One PDF file or picture, {limit} MB at most."),
    "check.password": ("Tệp có mật khẩu?", "Does the file have a password?"),
    "check.password.label": ("Mật khẩu mở tệp (không lưu lại)", "Password of the file (not kept)"),
    "check.drop": ("Bấm để chọn tệp, hoặc kéo tệp thả vào đây", "Press to choose a file, or drop it here"),
    "check.submit": ("Kiểm tra", "Check"),
    "check.busy": ("Đang kiểm tra, xin đợi…", "Checking, please wait…"),
    "check.again": ("Kiểm tra tệp khác", "Check another file"),
    "file.name": ("Tệp", "File"),
    "file.empty": ("Hãy chọn một tệp PDF.", "Choose a PDF file."),
    "file.empty_bytes": ("Tệp này rỗng. Hãy chọn tệp khác.", "This file is empty. Choose another one."),
    "file.not_pdf": (
        "Tệp này không phải PDF. Hãy chọn đúng tệp PDF đã ký, không phải tệp nén hay tệp khác.",
        "This file is not a PDF. Choose the signed PDF itself, not an archive or something else.",
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
    # --- landing page of a QR code -----------------------------------------------------------------
    "landing.title": ("Văn bản theo mã QR", "Document of the QR code"),
    "landing.lead": (
        "Hệ thống đã cấp văn bản dưới đây. Hãy so với bản bạn đang cầm.",
        "The service issued the document below. Compare it with the one in your hands.",
    ),
    "landing.conversion.lead": (
        "Bản giấy bạn đang cầm được chuyển đổi từ văn bản điện tử dưới đây.",
        "The paper in your hands was made from the electronic document below.",
    ),
    "landing.conversion.number": ("Số bản sao giấy", "Number of the paper copy"),
    "landing.conversion.agency": ("Cơ quan chuyển đổi", "Converted by"),
    "landing.conversion.at": ("Thời điểm chuyển đổi", "Converted at"),
    "landing.receipt.lead": (
        "Cơ quan đã tiếp nhận hồ sơ và cấp giấy dưới đây. Hãy so với bản bạn đang cầm.",
        "The agency received the dossier and gave the slip below. Compare it with the one in your hands.",
    ),
    "landing.receipt.code": ("Mã hồ sơ", "Dossier"),
    "landing.receipt.applicant": ("Người nộp hồ sơ", "Applicant"),
    "landing.receipt.procedure": ("Thủ tục", "Procedure"),
    "landing.receipt.received": ("Thời gian nhận hồ sơ", "Received at"),
    "landing.receipt.due": ("Ngày hẹn trả kết quả", "Result due on"),
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
    "landing.earlier": (
        "Đúng là văn bản này, ở bản được trao trước khi bổ sung dấu thời gian; nội dung đã ký không khác.",
        "This is the document, as it was given out before its time-stamp was added; what was signed is the same.",
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
    # --- tables of their own -----------------------------------------------------------------------
    **VERDICT_MESSAGES,
    **TOOL_MESSAGES,
}


def translator(language: str) -> Translate:
    """Give `t` for one language; anything but English is Vietnamese."""
    column = 1 if language == "en" else 0

    def t(key: str, **values: object) -> str:
        return MESSAGES[key][column].format(**values) if values else MESSAGES[key][column]

    return t
