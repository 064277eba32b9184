"""The words around signed versions, changes and reports to take along; Vietnamese, English."""

from typing import Final

TOOL_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    # --- tools: the file is sent again, because it was not kept ---
    "tools.title": ("Bản đã ký, phần thay đổi, báo cáo", "Signed version, changes, report"),
    "tools.lead": (
        "Tệp không được lưu lại nên cần chọn lại tệp đó ở đây.",
        "The file was not kept, so choose it here again.",
    ),
    "tools.file": ("Chọn lại tệp", "Choose the file again"),
    "tools.signature": ("Chữ ký", "Signature"),
    "tools.version": ("Tải bản đã ký", "Get the signed version"),
    "tools.changes": ("Xem phần thay đổi", "See what changed"),
    "tools.report": ("Tải báo cáo PDF", "Download the report as PDF"),
    "tools.page": ("Trang (để trống: trang đầu tiên có thay đổi)", "Page (empty: the first one that changed)"),
    "changes.title": ("Phần thay đổi sau khi ký", "What changed after signing"),
    "changes.same": (
        "Trang {page}/{pages} giống hệt bản đã ký.",
        "Page {page} of {pages} looks exactly as it was signed.",
    ),
    "changes.different": (
        "Trang {page}/{pages} khác bản đã ký ở {count} chỗ, đánh dấu bằng khung đỏ.",
        "Page {page} of {pages} differs from the signed version in {count} place(s), marked with red frames.",
    ),
    "changes.open": (
        "Không so sánh được trang {page}/{pages} với bản đã ký.",
        "Page {page} of {pages} could not be compared with the signed version.",
    ),
    "changes.pages": ("Các trang có thay đổi: {pages}.", "Pages that changed: {pages}."),
    "changes.note": (
        "Thay đổi có thể được phép, ví dụ con dấu đóng sau chữ ký; kết luận nằm ở trang kiểm tra.",
        "A change may be permitted, like a seal set after the signature; the verdict is on the page of the check.",
    ),
    "changes.picture": (
        "Hình trang {page} có khung đỏ quanh phần thay đổi",
        "Page {page} with red frames around changes",
    ),
}
