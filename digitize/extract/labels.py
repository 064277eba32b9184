"""Values behind printed labels: "Họ, chữ đệm, tên: …", "Ngày sinh / Date of birth: …".

A value runs to the end of its line or to the next label on it, and over to following lines when its own line is full.

Knows labels and lines. Must not know what a value means.
"""

import re
from dataclasses import dataclass

from digitize.extract.reading import Piece, Reading, TextLine
from digitize.vietnamese import is_in_capitals

# labels that share a line with others on the usual forms; a value ends where one of them begins
_INLINE = re.compile(
    r"\s(gioi tinh|dan toc|quoc tich|noi cap|chuc danh|fax|email|dien thoai|ngay cap|sinh ngay|nam sinh|so cccd|"
    r"so dinh danh|sex|nationality|ngay sinh|co gia tri)\b[^:;,]{0,25}:"
)
_LABELLED_LINE = re.compile(r"^\W*(\d{1,2}\s*[.)]|[-*+])|^[^:;]{3,60}:")
_FULL_LINE = 0.7  # of the way to the page's right edge of text: a value that ends before is complete
_LEADERS = " .…_·:;,-–'‘’\"|"
_MOST_CONTINUATIONS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """How a label reads when folded, and how far its value goes."""

    pattern: str
    may_continue: bool = False
    """The value may run over to the next line."""
    may_stand_below: bool = False
    """The value may be the next line (identity cards)."""


def find_value(reading: Reading, label: Label) -> Piece | None:
    """Return the value behind the first occurrence of the label, without leaders of dots; None when there is none."""
    pattern = re.compile(rf"(?:^|[\W\d]){label.pattern}")
    for line in reading.lines:
        match = pattern.search(line.folded)
        if match is None:
            continue
        value = _behind(line, match.end())
        if value is None and label.may_stand_below:
            below = next(reading.after(line), None)
            return None if below is None else _trimmed(below.whole())
        if value is not None and label.may_continue:
            return _continued(reading, line, value)
        if value is not None:
            return value
    return None


def _behind(line: TextLine, start: int) -> Piece | None:
    inline = _INLINE.search(line.folded, start)
    end = inline.start() if inline else len(line.text)
    return _trimmed(line.cut(start, end)) if line.text[start:end].strip(_LEADERS + "/[]") else None


def _trimmed(piece: Piece) -> Piece:
    return piece.with_text(piece.text.strip(_LEADERS))


def _continued(reading: Reading, line: TextLine, value: Piece) -> Piece:
    """Add the following lines that begin no label, as long as each line before them is full."""
    for following in reading.after(line):
        is_full = line.level.right >= _FULL_LINE * reading.right_edge(line)
        is_below = following.level.top > line.level.top
        if not is_full or not is_below or _LABELLED_LINE.match(following.folded):
            break
        if is_in_capitals(following.text) and not is_in_capitals(value.text):  # a heading, not the value's end
            break
        value = value.joined(_trimmed(following.whole()))
        line = following
        if value.text.count("\n") >= _MOST_CONTINUATIONS:
            break
    return value
