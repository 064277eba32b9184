"""Finds the signer's block of an administrative document: the title above, the printed name below, room between.

Decree 30/2020 appendix I: authority, capacity and title in capitals (KT., TL., TUQ., TM.), the signature, then the full
name, all centred on one axis in the right half of the last text page. Knows text lines only.
"""

import re
import unicodedata
from collections.abc import Sequence

from signing.pades.geometry import Box, Frame
from signing.pades.pages import TextLine, frame_of, opened_pages, text_lines

MAX_PAGES_BACK = 5  # attachments behind the signed page are looked through this far
MIN_ROOM = 18.0  # points between title and name; less cannot hold a signature
MAX_ROOM = 220.0
_NAME_WORDS = range(2, 8)
_TITLE = re.compile(
    r"\b(CHỦ TỊCH|BÍ THƯ|GIÁM ĐỐC|TRƯỞNG|CHÁNH|CỤC TRƯỞNG|VIÊN CHỨC|CÔNG CHỨC|CÁN BỘ|HIỆU TRƯỞNG|TƯ PHÁP|THỦ TRƯỞNG"
    r"|NGƯỜI KÝ|NGƯỜI TIẾP NHẬN|ĐẠI DIỆN)\b|\b(KT|TL|TUQ|TM|Q)\s?\."
)


def find_signer_block(pdf: bytes) -> Box | None:
    """The free room between the title and the printed name of the signer, or None if no block is recognised.

    ``left`` and ``right`` are those of the wider of both lines, so the middle is their common axis.

    Raises:
        MalformedDocument: the pages cannot be read.
    """
    with opened_pages(pdf) as document:
        count = len(document)
        for page in range(count - 1, max(-1, count - 1 - MAX_PAGES_BACK), -1):
            frame = frame_of(document, page)
            found = _in_lines(text_lines(document, frame), frame)
            if found is not None:
                return found
    return None


def _in_lines(lines: Sequence[TextLine], frame: Frame) -> Box | None:
    candidates = []
    capacities = [line for line in lines if _is_title(line.text)]
    for title in lines:
        is_title = title in capacities or _continues(title, capacities)
        if not is_title or _axis(title.box) < 0.4 * frame.width:
            continue
        below = [line for line in lines if line.box.top <= title.box.bottom + 1 and _on_axis(line.box, title.box)]
        name = max(below, key=lambda line: line.box.top, default=None)
        if name is None or not _is_name(name.text) or not MIN_ROOM <= title.box.bottom - name.box.top <= MAX_ROOM:
            continue
        left, right = min(title.box.left, name.box.left), max(title.box.right, name.box.right)
        candidates.append(Box(page=frame.page, left=left, right=right, bottom=name.box.top, top=title.box.bottom))
    return min(candidates, key=lambda box: box.bottom, default=None)


def _is_title(text: str) -> bool:
    plain = unicodedata.normalize("NFC", text)
    return (bool(_TITLE.search(plain)) and plain == plain.upper()) or bool(re.match(r"(KT|TL|TUQ|TM|Q)\s?\.", plain))


def _continues(line: TextLine, capacities: Sequence[TextLine]) -> bool:
    """Whether it is the signer's own title, whatever office that is, right under the capacity (TUQ. CHỦ TỊCH …)."""
    if line.text != line.text.upper() or not any(letter.isalpha() for letter in line.text):
        return False
    return any(
        0 <= above.box.bottom - line.box.top + 1 <= above.box.height and _on_axis(line.box, above.box)
        for above in capacities
    )


def _is_name(text: str) -> bool:
    words = unicodedata.normalize("NFC", text).split()
    return len(words) in _NAME_WORDS and all(w[0].isupper() and w.replace("-", "").isalpha() for w in words)


def _axis(box: Box) -> float:
    return (box.left + box.right) / 2


def _on_axis(line: Box, title: Box) -> bool:
    return abs(_axis(line) - _axis(title)) <= max(25.0, 0.25 * title.width)
