"""The signer in the foot of a paper: title lines in capitals, room for signature and stamp, the name (Decree 30/2020).

Knows titles and what a person's name looks like. Must not know other fields.
"""

import re
from difflib import SequenceMatcher

from digitize.extract.reading import Piece, Reading, TextLine
from digitize.vietnamese import SURNAMES, fold, is_in_capitals, mend_surname, title_case

_TITLE = re.compile(
    r"(pho |quyen |q\. ?)?(chu tich|giam doc|tong giam doc|truong phong|chanh van phong|cuc truong|chi cuc truong|"
    r"vien truong|hieu truong|truong ban|chanh thanh tra|bo truong|thu truong|tong cuc truong|truong cong an|"
    r"doi truong|truong tram|cham lam|giam sat|hieu pho|vien pho|chanh an|pho truong|ke toan truong|to truong|truong)"
)
OFFICE_TITLES = (
    "CHỦ TỊCH", "PHÓ CHỦ TỊCH", "GIÁM ĐỐC", "PHÓ GIÁM ĐỐC", "TỔNG GIÁM ĐỐC", "PHÓ TỔNG GIÁM ĐỐC", "TRƯỞNG PHÒNG",
    "PHÓ TRƯỞNG PHÒNG", "CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG", "CỤC TRƯỞNG", "PHÓ CỤC TRƯỞNG", "CHI CỤC TRƯỞNG",
    "PHÓ CHI CỤC TRƯỞNG", "TRƯỞNG CÔNG AN", "PHÓ TRƯỞNG CÔNG AN", "HIỆU TRƯỞNG", "PHÓ HIỆU TRƯỞNG", "TRƯỞNG BAN",
    "PHÓ TRƯỞNG BAN", "CHÁNH THANH TRA", "PHÓ CHÁNH THANH TRA", "VIỆN TRƯỞNG", "PHÓ VIỆN TRƯỞNG", "BỘ TRƯỞNG",
    "THỨ TRƯỞNG", "CHÁNH ÁN", "PHÓ CHÁNH ÁN", "KẾ TOÁN TRƯỞNG", "CÔNG CHỨC TƯ PHÁP - HỘ TỊCH", "TỔNG CỤC TRƯỞNG",
)  # fmt: skip
"""Titles of those who sign papers, with their marks."""
_LIKENESS = 0.8
_CAPACITY = re.compile(r"^\W*(tm|kt|tl|tuq|q)\s*[.,]\s*", re.IGNORECASE)
_HEADING = re.compile(r"\W*(ng\w{1,3}i (lam don|khai|ky|yeu cau|de nghi|nop)|can bo|cong chuc|\(ky)")
_NAME_WORDS = (2, 6)
_NOT_NAMES = re.compile(
    r"ky, |ghi ro|ho ten|noi nhan|luu:|cong hoa|doc lap|nguoi |can bo|kinh gui|dong dau|ngay |thang |dieu |huyen|tinh "
)


def is_name(text: str, *, least_words: int = _NAME_WORDS[0]) -> bool:
    """Tell whether a text is nothing but a person's name, or the rest of one."""
    bare = strip_marks(text)
    words = bare.split()
    if not least_words <= len(words) <= _NAME_WORDS[1]:
        return False
    return all(word.isalpha() and word[0].isupper() for word in words)


def office_title(text: str) -> str | None:
    """Return the title of an office that has these letters, with its marks; None when no office has."""
    return next((title for title in OFFICE_TITLES if fold(title) == fold(text)), None)


def strip_marks(text: str) -> str:
    """Return the text without the dots, dashes and quotes that strokes of a signature leave at its ends."""
    return text.strip(" .,;:-_–—~'\"“”‘’*|/\\()[]„‚«»=")


def has_known_surname(name: str) -> bool:
    """Tell whether a name in title case begins with a surname of this country."""
    return name.split(" ", maxsplit=1)[0] in SURNAMES


def normal_name(text: str) -> str:
    """Return a person's name in title case, the surname's marks mended where only one surname fits."""
    return mend_surname(title_case(strip_marks(text)))


def find_signer(reading: Reading) -> tuple[Piece | None, Piece | None]:
    """Return the signer's name (not yet in normal form) and title, from the last page with a name in its foot."""
    for line in reversed(reading.lines):
        if _NOT_NAMES.search(line.folded) or not is_name(line.text) or _is_title(line):
            continue
        above = _lines_above(reading, line)
        title = next((one for one in above if _is_title(one)), None)
        if title is None and not any(_is_signer_heading(one) for one in above):
            continue
        return line.whole().with_text(strip_marks(line.text)), _title_piece(title)
    return None, None


def _lines_above(reading: Reading, name: TextLine) -> list[TextLine]:
    """Return the lines over the name in the same column, nearest first."""
    left, right = name.level.left, name.level.right
    width = reading.page_width(name.page)
    column = [
        one
        for one in reading.lines
        if one.page == name.page
        and one.level.bottom <= name.level.top + name.level.height / 2
        and min(right, one.level.right) > max(left, one.level.left)
        and one.level.width < 0.6 * width  # body text is wider than a signer's block
    ]
    column.sort(key=lambda one: one.level.top, reverse=True)
    return column[:5]


def _is_title(line: TextLine) -> bool:
    bare = _CAPACITY.sub("", strip_marks(line.folded))
    if not is_in_capitals(line.text):
        return False
    return bool(_TITLE.match(bare)) or _is_like_a_title(bare)


def _is_like_a_title(bare: str) -> bool:
    """Tell whether a short line is a title of which a stamp or a signature spoilt a letter or two."""
    return any(SequenceMatcher(None, bare, title).ratio() >= _LIKENESS for title in map(fold, OFFICE_TITLES))


def _is_signer_heading(line: TextLine) -> bool:
    return bool(_HEADING.match(line.folded))


def _title_piece(line: TextLine | None) -> Piece | None:
    if line is None:
        return None
    bare = strip_marks(line.text)
    return line.whole().with_text(_CAPACITY.sub("", bare).strip())
