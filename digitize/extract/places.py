"""Where values stand that have no label of their own: number, place and date, abstract, person in running text.

Knows how papers are laid out. Must not know normal forms.
"""

import re
from collections.abc import Sequence

from digitize.extract.dates import find_date
from digitize.extract.reading import Piece, Reading, TextLine
from digitize.extract.signer import is_name
from digitize.vietnamese import is_in_capitals

_NUMBER_LINE = re.compile(r"^\W{0,3}(?:so|s0)\s*[:.;]?\s*(?=\S*\d)")
_PLACE_AND_DATE = re.compile(r"^[^,;:]{2,45}[,.]\s*ng[aà]y\b")
_PERSON = re.compile(r"\bong\s*[(/,]\s*ba\s*[)\]]?\s*:?\s*|\b(?:ong|ba)\s*:\s*")
_PERSON_END = re.compile(r"[,;.(:]|\s(?:sinh|so|cccd|thuong tru|la|va)\s")
_ID_LABEL = re.compile(
    r"(?:so dinh danh(?: ca nhan)?|can cuoc(?: cong dan)?(?: so)?|so cccd|cccd so|cccd|cmnd)\W*(?:so)?\W*$|"
    r"(?:so dinh danh(?: ca nhan)?|can cuoc(?: cong dan)?(?: so)?|so cccd|cccd so|cccd)\W*"
    r"(?:so\W*)?(?=[0-9oilsbzg|]{9})"
)
_ID_DIGITS = re.compile(r"[0-9oilsbzgq|]{9,14}(?!\w)")
_ABSTRACT_BEGINS = re.compile(r"^\W{0,3}(v/v|ve viec|v/\s*v)\b")
_ABSTRACT_ENDS = re.compile(
    r"^\W*(can cu|kinh gui|dieu \d|chu tich|giam doc|so\s*:|hoi dong|bo truong|truong ban|xet|theo de nghi|uy ban)"
    r"|^[^,]{2,40},\s*ngay\b"
)
_REQUEST_TITLE = re.compile(r"^\W*(don|to khai|giay de nghi|phieu)\b")
_MOST_ABSTRACT_LINES = 5


def number_line(reading: Reading) -> Piece | None:
    """Return what follows "Số:" in the head of the paper."""
    for line in reading.lines[:20]:
        match = _NUMBER_LINE.search(line.folded)
        if match:
            end = line.text.find(",", match.end())  # "Số: 12/QĐ-UBND  Hạ Long, ngày …" read as one line
            return line.cut(match.end(), len(line.text) if end < 0 else end)
    return None


def place_and_date(reading: Reading, *, last: bool = False) -> Piece | None:
    """Return the date of "<place>, ngày … tháng … năm …": the first, or the last for papers dated at the foot."""
    lines: Sequence[TextLine] = reading.lines[::-1] if last else reading.lines
    for line in lines:
        if not _PLACE_AND_DATE.match(line.folded):
            continue
        found = find_date(line.folded)
        if found is not None:
            return line.cut(found.start, found.end)
    return None


def abstract(reading: Reading) -> Piece | None:
    """Return "V/v …" or "Về việc …" with the lines that go on under it."""
    for line in reading.lines[:25]:
        if not _ABSTRACT_BEGINS.match(line.folded):
            continue
        piece = line.whole()
        previous = line
        for taken, following in enumerate(reading.after(line), start=1):
            if taken >= _MOST_ABSTRACT_LINES or not _goes_on(reading, previous, following):
                break
            piece = piece.joined(following.whole())
            previous = following
        return piece.with_text(piece.text.strip(" -–—_"))
    return None


def _goes_on(reading: Reading, previous: TextLine, following: TextLine) -> bool:
    """Tell whether the abstract runs on: next line, same column, same size of letters, not another part."""
    gap = following.level.top - previous.level.bottom
    height = previous.level.height
    overlap = min(previous.level.right, following.level.right) - max(previous.level.left, following.level.left)
    is_heading = is_in_capitals(following.text) and not is_in_capitals(previous.text)
    return (
        -height < gap < height
        and overlap > 0
        and not is_heading
        and not _ABSTRACT_ENDS.match(following.folded)
        and following.level.left > 0.02 * reading.page_width(following.page)
    )


def request_title(reading: Reading) -> Piece | None:
    """Return the title of a request ("ĐƠN ĐỀ NGHỊ …") with its further lines in capitals."""
    for line in reading.lines[:20]:
        if not (_REQUEST_TITLE.match(line.folded) and is_in_capitals(line.text)):
            continue
        piece = line.whole()
        for following in reading.after(line):
            if not is_in_capitals(following.text) or following.text.startswith("("):
                break
            piece = piece.joined(following.whole())
        return piece
    return None


def person_in_text(reading: Reading) -> Piece | None:
    """Return the person of "ông (bà) …, số định danh …" in running text, also across two lines.

    A name that ends in a mark of its own is preferred: in an abstract the name may run on to the next line.
    """
    open_ended: Piece | None = None
    for line in reading.lines:
        match = _PERSON.search(line.folded)
        if match is None:
            continue
        end = _PERSON_END.search(line.folded, match.end())
        if end:
            return line.cut(match.end(), end.start())
        piece = line.cut(match.end(), len(line.text))
        following = next(reading.after(line), None)
        rest = _PERSON_END.search(following.folded) if following else None
        if following is not None and rest and is_name(following.text[: rest.start()], least_words=1):
            return piece.joined(following.cut(0, rest.start()))
        if following is not None and is_name(following.text, least_words=1):
            piece = piece.joined(following.whole())
        open_ended = open_ended or piece
    return open_ended


def identity_in_text(reading: Reading) -> Piece | None:
    """Return the digits after "số định danh cá nhân", on the same line or at the beginning of the next."""
    for line in reading.lines:
        match = _ID_LABEL.search(line.folded.rstrip())
        if match is None:
            continue
        digits = _ID_DIGITS.match(line.folded, match.end())
        if digits:
            return line.cut(digits.start(), digits.end())
        following = next(reading.after(line), None)
        digits = _ID_DIGITS.match(following.folded) if following else None
        if following is not None and digits:
            return following.cut(digits.start(), digits.end())
    return None
