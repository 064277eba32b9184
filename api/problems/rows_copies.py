"""How the refusals of copies, annexes and conversions look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

COPY_ROWS: Final[Rows] = {
    e.PreparationMissing: Row(
        409,
        "Chưa chuẩn bị chữ ký cho lần cho phép này, hãy chuẩn bị lại",
        "No signature was prepared for this authorisation; prepare it again",
    ),
    e.SigningDeviceAway: Row(
        503,
        "Thiết bị giữ khóa ký không trả lời, hãy thử lại",
        "The device with the signing key does not answer; try again",
    ),
    e.CopyImpossible: Row(
        422,
        "Không tạo được bản PDF/A từ tệp này: hãy bỏ mật khẩu, nhúng phông chữ, xuất lại theo PDF/A",
        "No PDF/A can be made of this file: remove its password, embed its fonts, export it again as PDF/A",
    ),
    e.CopyFormWrong: Row(
        409,
        "Hình thức bản sao không đúng với bản nguồn: hãy chọn hình thức khác, hoặc gửi bản gốc điện tử",
        "This form of copy is not made of such a source: choose another form, or pass the electronic original on",
    ),
    e.CopySourceUnfit: Row(
        409,
        "Bản nguồn không còn hiệu lực hoặc chữ ký không hợp lệ, không được sao; hãy sao từ bản đang có hiệu lực",
        "The source is not in force or its signatures are not valid: copy the document that is in force instead",
    ),
    e.AnnexesUnsealed: Row(
        409,
        "Kết quả có phụ lục: đóng dấu riêng từng kết quả để đóng dấu cả phụ lục",
        "The result has annexes: seal it singly, so that they are sealed in the same act",
    ),
}
