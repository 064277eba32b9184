"""What each change is called before people, Vietnamese first; one table, one place.

A token may carry a name or a number behind a colon (``overlay:Later``, ``not_permitted:metadata``); tokens are stable.
"""

from typing import Final, NamedTuple


class Words(NamedTuple):
    """One sentence in both languages."""

    vi: str
    en: str


TEXTS: Final[dict[str, Words]] = {
    "nothing": Words("Không có gì thay đổi.", "Nothing was changed."),
    "rewritten": Words(
        "Một số phần được ghi lại với cùng nội dung.", "Some parts were written again with the same content."
    ),
    "version": Words("Phiên bản PDF được nâng lên.", "The PDF version was raised."),
    "validation_data": Words("Thêm dữ liệu kiểm tra chữ ký.", "Validation data for the signatures was added."),
    "timestamp": Words("Thêm dấu thời gian cho tài liệu.", "A document time-stamp was added."),
    "signature": Words("Có thêm một chữ ký.", "A further signature was added."),
    "signature_field": Words("Thêm một ô ký còn trống.", "An empty signature field was added."),
    "structure": Words("Cấu trúc trợ năng được bổ sung.", "The accessibility structure was extended."),
    "structure_changed": Words(
        "Cấu trúc trợ năng của nội dung đã ký bị thay đổi.",
        "The accessibility structure of signed content was changed.",
    ),
    "metadata": Words(
        "Thông tin về tài liệu (tiêu đề, tác giả…) bị thay đổi.",
        "Information about the document (title, author…) was changed.",
    ),
    "form_values": Words("Biểu mẫu được điền thêm.", "The form was filled in."),
    "form_values_unread": Words(
        "Biểu mẫu được điền thêm; không đọc được hình hiển thị.",
        "The form was filled in; what it shows could not be read.",
    ),
    "form_overlay": Words(
        "Ô biểu mẫu hiển thị khác với giá trị của nó.", "A form field shows something else than its value."
    ),
    "form_appearance": Words(
        "Cách hiển thị của biểu mẫu bị thay đổi mà giá trị giữ nguyên.",
        "The form was made to look different while its values stayed.",
    ),
    "form_resources": Words("Phông chữ của biểu mẫu bị thay đổi.", "Fonts of the form were exchanged."),
    "form_structure": Words("Cấu trúc biểu mẫu bất thường.", "The form has a structure that cannot be followed."),
    "field_added": Words("Thêm một ô biểu mẫu.", "A form field was added."),
    "field_changed": Words("Một ô biểu mẫu đã ký bị sửa đổi.", "A form field was changed in what it is."),
    "field_hidden": Words("Một ô biểu mẫu bị ẩn hoặc được làm hiện ra.", "A form field was hidden or made visible."),
    "field_removed": Words("Một ô biểu mẫu bị xoá.", "A form field was removed."),
    "field_shown": Words(
        "Một ô biểu mẫu được đưa lên trang sau khi ký.", "A form field was put on a page after signing."
    ),
    "signature_changed": Words("Một chữ ký có trước bị sửa đổi.", "An earlier signature was changed."),
    "signature_reused": Words(
        "Một chữ ký có sẵn trong tệp được dùng lại.", "A signature that was in the file before was used again."
    ),
    "annotations": Words("Thêm ghi chú hoặc đánh dấu.", "Comments or marks were added."),
    "annotation_action": Words(
        "Thêm một chú thích chạy lệnh hoặc mở nội dung ngoài.",
        "An annotation was added that runs something or opens something else.",
    ),
    "annotation_added": Words(
        "Một chú thích chuẩn bị trước được đưa lên trang.", "An annotation prepared beforehand was put on a page."
    ),
    "annotation_changed": Words("Một chú thích có trước bị sửa đổi.", "An annotation was changed."),
    "annotation_drawn": Words("Có hình hoặc chữ được vẽ lên trang.", "Something was drawn on a page."),
    "annotation_removed": Words("Một chú thích bị xoá khỏi trang.", "An annotation was removed from a page."),
    "annotations_changed": Words("Thứ tự các chú thích bị thay đổi.", "Annotations were put in another order."),
    "page_content": Words("Nội dung của một trang bị thay đổi.", "The content of a page was changed."),
    "page_changed": Words("Một trang hiển thị khác đi.", "A page is shown in another way."),
    "page_font": Words("Phông chữ của một trang bị thay đổi.", "A font of a page was exchanged."),
    "page_resources": Words(
        "Hình ảnh hoặc thành phần của một trang bị thay đổi.", "A picture or another part of a page was exchanged."
    ),
    "pages_changed": Words("Trang bị thêm, bớt hoặc thay thế.", "Pages were added, removed or exchanged."),
    "catalogue": Words("Thiết lập chung của tài liệu bị thay đổi.", "Settings of the whole document were changed."),
    "certification_changed": Words("Quyền do người ký đặt ra bị thay đổi.", "What a signer permitted was changed."),
    "content_changed": Words("Nội dung đã ký bị thay đổi.", "Signed content was changed."),
    "overlay": Words(
        "Một ô ký thêm sau che lên nội dung đã ký.", "A signature field set later lies over signed content."
    ),
    "page_looks_different": Words("Trang hiển thị khác với bản đã ký.", "A page looks different from what was signed."),
    "hidden_update": Words("Có dữ liệu ẩn sau phần đã ký.", "There is hidden data behind what was signed."),
    "revision_not_covered": Words(
        "Chữ ký không bao trùm một phiên bản trọn vẹn của tệp.",
        "The signature does not cover a whole version of the file.",
    ),
    "bytes_before_revision": Words(
        "Có dữ liệu lạ giữa hai phiên bản của tệp.", "There is foreign data between two versions of the file."
    ),
    "object_hidden_in_revision": Words(
        "Một phiên bản sau chứa đối tượng bị che giấu.", "A later version holds an object that is hidden from readers."
    ),
    "end_of_revision": Words(
        "Phần kết của một phiên bản sau không đúng.", "A later version of the file does not end as it must."
    ),
    "bytes_behind_last_revision": Words("Có dữ liệu lạ ở cuối tệp.", "There is foreign data at the end of the file."),
    "comparison_failed": Words(
        "Không so sánh được các phiên bản của tệp.", "The versions of the file could not be compared."
    ),
    "too_many_revisions": Words(
        "Tệp có quá nhiều phiên bản để so sánh.", "The file has more versions than are compared."
    ),
}
_FORBIDDEN: Final = Words("Người ký không cho phép: ", "The signer did not permit this: ")


def words_of(what: str) -> Words:
    """A change in words.

    Args:
        what: its token; what follows a colon or ends in a number names one of many.
    """
    if what.startswith("not_permitted:"):
        inner = words_of(what.removeprefix("not_permitted:"))
        return Words(*(intro + text[0].lower() + text[1:] for intro, text in zip(_FORBIDDEN, inner, strict=True)))
    token = what.split(":", 1)[0]
    if token not in TEXTS:
        token = token.rstrip("0123456789").rstrip("_")
    return TEXTS.get(token, TEXTS["content_changed"])
