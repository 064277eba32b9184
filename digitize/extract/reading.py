"""The text of all pages as one list of lines that can be searched without marks and cut with boxes.

Folding keeps every letter's place, so that what a pattern finds in the folded line is cut from the real one.

Knows lines. Must not know fields.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digitize.model import Box, Line, Page, slope_of

_AROUND = 8  # lines


def fold_in_place(text: str) -> str:
    """Return lower-case letters without marks, exactly one for each letter of the NFC text."""
    return "".join(_fold_char(char) for char in text)


def _fold_char(char: str) -> str:
    if char in "đĐ":
        return "d"
    bare = unicodedata.normalize("NFD", char)[0].lower()
    return bare[0] if bare else char


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One line with its place in the document."""

    index: int
    page: int
    line: Line
    text: str
    folded: str
    level: Box
    """Where the line would lie if the page were not slanted: for asking what stands beside and below what."""

    def cut(self, start: int, end: int) -> "Piece":
        """Return the piece of text between two letters, with the box and the least confidence of its words."""
        text = self.text[start:end]
        start += len(text) - len(text.lstrip())
        words = []
        at = 0
        for word in self.line.words:
            if at < end and at + len(word.text) > start:
                words.append(word)
            at += len(word.text) + 1
        box = words[0].quad.box if words else self.line.box
        for word in words[1:]:
            box = box.union(word.quad.box)
        confidence = min((word.confidence for word in words), default=self.line.confidence)
        return Piece(text=text.strip(), confidence=confidence, page=self.page, box=box)

    def whole(self) -> "Piece":
        """Return the line as one piece."""
        return self.cut(0, len(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A cut-out of the text: what stood there, how sure, and where."""

    text: str
    confidence: float
    page: int
    box: Box

    def joined(self, other: "Piece", between: str = " ") -> "Piece":
        """Return both pieces as one; the box stays on the first page."""
        box = self.box.union(other.box) if self.page == other.page else self.box
        return Piece(
            text=f"{self.text}{between}{other.text}".strip(),
            confidence=min(self.confidence, other.confidence),
            page=self.page,
            box=box,
        )

    def with_text(self, text: str) -> "Piece":
        """Return the piece with other text at the same place."""
        return Piece(text=text, confidence=self.confidence, page=self.page, box=self.box)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All lines in reading order."""

    lines: tuple[TextLine, ...]
    width_by_page: tuple[tuple[int, float], ...]

    @classmethod
    def of(cls, pages: Sequence[Page]) -> "Reading":
        """Return the pages' lines, numbered through."""
        lines: list[TextLine] = []
        for page in pages:
            slope = slope_of(page.lines)
            for line in page.lines:
                text = unicodedata.normalize("NFC", line.text)
                one = TextLine(
                    index=len(lines),
                    page=page.number,
                    line=line,
                    text=text,
                    folded=fold_in_place(text),
                    level=line.quad.levelled(slope),
                )
                lines.append(one)
        return cls(lines=tuple(lines), width_by_page=tuple((page.number, float(page.width)) for page in pages))

    def after(self, line: TextLine) -> Iterator[TextLine]:
        """Yield the lines that follow on the same page."""
        for other in self.lines[line.index + 1 :]:
            if other.page != line.page:
                return
            yield other

    def right_edge(self, line: TextLine) -> float:
        """Return how far to the right text reaches around a line; on a slanted page the edge is slanted too."""
        around = self.lines[max(0, line.index - _AROUND) : line.index + _AROUND + 1]
        return max(one.level.right for one in around if one.page == line.page)

    def page_width(self, page: int) -> float:
        """Return a page picture's width."""
        return dict(self.width_by_page)[page]
