"""Finds a signer's block of an administrative document: the title above, the printed name below, room between.

Decree 30/2020 appendix I: authority, capacity and title in capitals (KT., TL., TUQ., TM.), the signature, then the full
name, all centred on one axis in the right half of the last text page; with two signers each has a column. Knows text
lines only.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium

from signing.pades.geometry import Box, Frame
from signing.pades.pages import ShownPage, TextLine, opened_pages

MAX_PAGES_BACK = 5  # attachments behind the signed page are looked through this far
MIN_ROOM = 18.0  # points between title and name; less cannot hold a signature
MAX_ROOM = 220.0
_NAME_WORDS = range(2, 8)
_TITLE = re.compile(
    r"\b(CHỦ TỊCH|BÍ THƯ|GIÁM ĐỐC|TRƯỞNG|CHÁNH|CỤC TRƯỞNG|VIÊN CHỨC|CÔNG CHỨC|CÁN BỘ|HIỆU TRƯỞNG|TƯ PHÁP|THỦ TRƯỞNG"
    r"|NGƯỜI KÝ|NGƯỜI TIẾP NHẬN|ĐẠI DIỆN)\b|\b(KT|TL|TUQ|TM|Q)\s?\."
)
_CAPACITY = re.compile(r"(KT|TL|TUQ|TM|Q)\s?\.")
_DEGREES = frozenset(
    {"GS", "PGS", "TS", "TSKH", "THS", "BS", "DS", "KS", "CN", "LS", "ĐẠI", "THƯỢNG", "TRUNG", "THIẾU", "TÁ", "TƯỚNG"}
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerBlock:
    """Where one signer signs."""

    room: Box
    """Free room between title and name; ``left`` and ``right`` are those of the wider of both lines, so the middle is
    their common axis."""

    page: ShownPage


def find_signer_block(pdf: bytes, *, name: str | None = None, title: str | None = None) -> Box | None:
    """The free room between the title and the printed name of the signer, or None if no block is recognised.

    Args:
        pdf: the document.
        name: of several blocks the one above this printed name; None: the last block.
        title: only a block that carries this title, in any case.

    Raises:
        MalformedDocument: the pages cannot be read.
    """
    with opened_pages(pdf) as document:
        found = signer_block(document, name=name, title=title)
    return None if found is None else found.room


def signer_block(
    document: pdfium.PdfDocument, *, name: str | None = None, title: str | None = None
) -> SignerBlock | None:
    """The block of ``find_signer_block`` with its lines, in a document that is open."""
    count = len(document)
    for number in range(count - 1, max(-1, count - 1 - MAX_PAGES_BACK), -1):
        page = ShownPage(document, number)
        found = _in_lines(page.lines, page.frame, name, title)
        if found is not None:
            return SignerBlock(room=found, page=page)
    return None


def lines_around(lines: Sequence[TextLine], signature: Box) -> tuple[Box, ...]:
    """The lines of the signer whose mark fills a box: capacity and title above it, the name below it."""
    above = _nearest([line for line in lines if line.box.bottom >= signature.top - 1], signature, above=True)
    below = _nearest([line for line in lines if line.box.top <= signature.bottom + 1], signature, above=False)
    title = [] if above is None else [above, *_upwards(lines, above)]
    return tuple(line.box for line in (*title, *([below] if below else [])))


def _in_lines(lines: Sequence[TextLine], frame: Frame, name: str | None, title: str | None) -> Box | None:
    found = []
    for below in lines:
        if not (_is_name(below.text) if name is None else _is_name_of(below.text, name)):
            continue
        above = _nearest([line for line in lines if line.box.bottom >= below.box.top - 1], below.box, above=True)
        if above is None or not MIN_ROOM <= above.box.bottom - below.box.top <= MAX_ROOM:
            continue
        titles = [above, *_upwards(lines, above)]
        if name is None and title is None and _axis(above.box) < 0.4 * frame.width:
            continue
        if _are_titles(titles, title, by_name=name is not None):
            found.append(_room(above, below))
    # the lowest; of two in one row the right one
    return min(found, key=lambda room: (round(room.bottom / 4), -room.left), default=None)


def _room(above: TextLine, below: TextLine) -> Box:
    return Box(
        page=above.box.page, left=min(above.box.left, below.box.left), right=max(above.box.right, below.box.right),
        bottom=below.box.top, top=above.box.bottom,
    )  # fmt: skip


def _nearest(lines: Sequence[TextLine], box: Box, *, above: bool) -> TextLine | None:
    """The next line on the axis of a box, within reach."""
    near = [
        line
        for line in lines
        if _on_axis(line.box, box) and (line.box.bottom - box.top if above else box.bottom - line.box.top) <= MAX_ROOM
    ]
    if above:
        return min(near, key=lambda line: line.box.bottom, default=None)
    return max(near, key=lambda line: line.box.top, default=None)


def _upwards(lines: Sequence[TextLine], first: TextLine) -> list[TextLine]:
    """The lines that stand on a title without a gap: the rest of the title, the capacity, the authority."""
    chain: list[TextLine] = []
    last = first
    while len(chain) < len(lines):
        higher = [
            line
            for line in lines
            if -1 <= line.box.bottom - last.box.top <= last.box.height and _on_axis(line.box, last.box)
        ]
        last = min(higher, key=lambda line: line.box.bottom, default=last)
        if not higher or last in chain:
            break
        chain.append(last)
    return chain


def _are_titles(lines: Sequence[TextLine], title: str | None, *, by_name: bool) -> bool:
    texts = [unicodedata.normalize("NFC", line.text) for line in lines]
    spoken = [text for text in texts if not text.startswith("(")]  # (Ký, ghi rõ họ tên)
    if title is not None:
        return _folded(title) in _folded(" ".join(reversed(spoken)))
    if not spoken or not _is_upper(spoken[0]):
        return False
    if by_name:
        return True
    # the signer's own title may be any office, right under the capacity: TUQ. CHỦ TỊCH / TRƯỞNG PHÒNG …
    return any(_is_title(text) for text in spoken)


def _is_title(text: str) -> bool:
    return (bool(_TITLE.search(text)) and _is_upper(text)) or bool(_CAPACITY.match(text))


def _is_upper(text: str) -> bool:
    return text == text.upper() and any(letter.isalpha() for letter in text)


def _is_name(text: str) -> bool:
    words = unicodedata.normalize("NFC", text).split()
    while words and (words[0].endswith(".") or words[0].upper() in _DEGREES):
        words = words[1:]
    return (
        len(words) in _NAME_WORDS
        and all(w[0].isupper() and w.replace("-", "").isalpha() for w in words)
        and not _is_title(unicodedata.normalize("NFC", text))
    )


def _is_name_of(text: str, name: str) -> bool:
    """Whether a line is this name, perhaps after a degree or a rank (TS. Nguyễn Văn A, Thượng tá Trần Văn B)."""
    words, wanted = _folded(text).split(), _folded(name).split()
    if not wanted or words[-len(wanted) :] != wanted:
        return False
    before = unicodedata.normalize("NFC", text).upper().split()[: -len(wanted)]
    return all(word.endswith(".") or word.strip(".,") in _DEGREES for word in before)


def _folded(text: str) -> str:
    """Without case, and with each word's tone at its end: hoà and hòa are one name."""
    return " ".join(_tone_last(word) for word in unicodedata.normalize("NFD", text.casefold()).split())


def _tone_last(word: str) -> str:
    tones = "".join(sorted(c for c in word if c in _TONES))
    return unicodedata.normalize("NFC", "".join(c for c in word if c not in _TONES)) + tones


def _axis(box: Box) -> float:
    return (box.left + box.right) / 2


def _on_axis(line: Box, other: Box) -> bool:
    return abs(_axis(line) - _axis(other)) <= max(25.0, 0.25 * min(line.width, other.width))
