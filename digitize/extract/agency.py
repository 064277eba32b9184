"""The agency in the head of a paper: two to four lines at the upper left, the superior body first (Decree 30/2020).

Knows how agencies are headed. Must not know the rest of the paper.
"""

import re

from digitize.extract.reading import Piece, Reading, TextLine
from digitize.vietnamese import is_in_capitals

_UNIT = re.compile(
    r"^\W*(uy ban nhan dan|hoi dong nhan dan|so|phong|chi cuc|tong cuc|cuc|ban|van phong|trung tam|cong an|toa an|"
    r"vien|bo|thanh tra|bao hiem|kho bac|chi nhanh|truong|benh vien|hoi|doan|thue|hai quan|ubnd|hdnd)\b(?!\s*[:.])"
)
_PLACE = re.compile(
    r"^\W*(tinh|thanh pho|tp|quan|huyen|thi xa|thi tran|phuong|xa|dac khu|khu vuc|va|du|hoi)\b|^\W*so\s+\d"
)
_STATE_NAME = re.compile(r"cong hoa xa hoi|doc lap")
_NUMBER_LINE = re.compile(r"^\W*so\s*[:.]|^\W*so\s*\.*\s*\d|^\W*ma so|^\W*v/v\b")
_TITLE_LINE = re.compile(r"^\W*(giay|quyet dinh|thong bao|don|to khai|can cuoc|bien ban|bao cao|ke hoach|to trinh)\b")
_MOST_LINES = 12


def head_units(reading: Reading) -> list[Piece]:
    """Return the agencies in the head of page 1, superior first, each with its place name."""
    units: list[Piece] = []
    for line in _head_lines(reading):
        piece = line.whole().with_text(line.text.strip(" .,;:-_–—'\"*"))
        is_place = bool(_PLACE.match(line.folded))
        if _UNIT.match(line.folded) and not (is_place and units):
            units.append(piece)
        elif units:
            units[-1] = units[-1].joined(piece)
    return units


def _head_lines(reading: Reading) -> list[TextLine]:
    """Return the upper-left lines in capitals, down to the number or the title."""
    head: list[TextLine] = []
    for line in reading.lines[:_MOST_LINES]:
        if line.page != reading.lines[0].page:
            break
        if _STATE_NAME.search(line.folded):
            continue
        is_left = line.level.centre[0] < reading.page_width(line.page) / 2
        is_capital = is_in_capitals(line.text)
        if _TITLE_LINE.match(line.folded) and is_capital:
            break
        if head and (not is_capital or not is_left or _NUMBER_LINE.match(line.folded)):
            break
        if is_left and is_capital:
            head.append(line)
        elif _NUMBER_LINE.match(line.folded):
            break
    return head
