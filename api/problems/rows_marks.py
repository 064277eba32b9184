"""How the refusals around marks look from outside."""

from typing import Final

from api import errors as e
from api.problems.row import Row, Rows

MARK_ROWS: Final[Rows] = {
    e.DocumentChangedSincePreview: Row(
        409,
        "Tệp đã thay đổi sau khi xem trước; hãy xem lại rồi ký",
        "The file changed since its preview: look at it again, then sign",
    ),
}
