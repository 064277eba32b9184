"""Where mark A shall stand when the page does not say it: a box in one text, as a form or a list has it."""

import re
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from api.errors import InputInvalid
from api.usecases.prepare_uploads import UploadMark
from signing.pades import Box

_LEAST_WIDTH, _LEAST_HEIGHT = 30, 15  # points; in less a reader takes the image of a signature for a speck
_FORM: Final = r"^[1-9][0-9]{0,4}(,[0-9]{1,5}(\.[0-9]{1,3})?){4}$"

BoxText = Annotated[
    str,
    StringConstraints(max_length=60),
    Field(
        json_schema_extra={"pattern": _FORM},  # told by `read_box`, with an example, and not by the model
        description="For mark person, where no signer's block is found: page (from 1), left, bottom, right, top of the "
        "free room, in points (1/72 inch) of the page as it is shown, from its lower left corner; at least "
        f"{_LEAST_WIDTH} wide and {_LEAST_HEIGHT} high",
        examples=["1,320,140,520,230"],
    ),
]


def box_of(text: str | None, mark: UploadMark) -> Box | None:
    """The box that a text says; None: it is found from the page.

    Raises:
        InputInvalid: no box, or one for a mark that has none.
    """
    if text is None:
        return None
    if mark is not UploadMark.PERSON:
        raise InputInvalid("Khung `mark_box` chỉ dùng với dấu `person`.", "`mark_box` is only for the mark `person`.")
    return read_box(text)


def read_box(text: str) -> Box:
    """The box that a text says.

    Raises:
        InputInvalid: it has another form, another order, or no room.
    """
    if re.fullmatch(_FORM, text) is None:
        raise InputInvalid(
            "Khung `mark_box` gồm trang (từ 1), trái, dưới, phải, trên, tính bằng point, cách nhau bằng dấu phẩy; "
            "ví dụ 1,320,140,520,230.",
            "`mark_box` is page (from 1), left, bottom, right, top in points, with commas between; "
            "for example 1,320,140,520,230.",
        )
    page, left, bottom, right, top = (float(part) for part in text.split(","))
    if left >= right or bottom >= top:
        raise InputInvalid(
            "Khung `mark_box` phải theo thứ tự trang, trái, dưới, phải, trên.",
            "`mark_box` is page, left, bottom, right, top, in this order.",
        )
    if right - left < _LEAST_WIDTH or top - bottom < _LEAST_HEIGHT:
        raise InputInvalid(
            f"Khung `mark_box` quá nhỏ: cần rộng ít nhất {_LEAST_WIDTH} và cao ít nhất {_LEAST_HEIGHT} point.",
            f"`mark_box` is too small: at least {_LEAST_WIDTH} points wide and {_LEAST_HEIGHT} high.",
        )
    return Box(page=int(page) - 1, left=left, bottom=bottom, right=right, top=top)
