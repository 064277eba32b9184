"""What the pipeline wants from a reader of text, and the two readers that exist.

`LineReader` finds lines with the detector and reads each by itself: the measured best on every class of page.
`WholePageReader` lets Tesseract find the lines: for machines where the detector's model is missing.

Knows pictures and lines. Must not know files, papers or fields.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from digitize.model import Box, Line, Quad, Word, slope_of
from digitize.ocr import detector, direction, tesseract
from digitize.ocr.layout import in_reading_order
from digitize.ocr.lines import is_readable, read_lines
from digitize.preprocess import even_out, line_ink, turn, turn_quad, without_stamps
from digitize.vietnamese import repair

Image = NDArray[np.uint8]

_SURE = 0.35  # a "line" that the reader is less sure of is a scratch or a pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """Lines in reading order, in pixels of the picture after `quarter_turns` clockwise turns made it upright."""

    lines: tuple[Line, ...]
    quarter_turns: int
    width: int
    height: int


class Reader(Protocol):
    """Reads one page."""

    def read(self, image: Image) -> ReadPage:
        """Return the lines of an RGB picture, which may stand on its side or on its head.

        Raises:
            EngineMissing, EngineFailed, TimedOut: See `digitize.errors`.
        """
        ...

    @property
    def name(self) -> str:
        """What reads, with versions: kept as evidence beside the text (model §3.2 RECOGNISED)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReader:
    """Detector, then every line by itself."""

    timeout_s: float

    @property
    def name(self) -> str:
        """What reads, with versions."""
        return f"tesseract {tesseract.version()} {tesseract.LANGUAGE}; lines: {detector.MODEL_FILE}"

    def read(self, image: Image) -> ReadPage:
        """See `Reader`."""
        even = without_stamps(even_out(image))
        height, width = even.shape[:2]
        runs = [run.quad for run in detector.find_text_runs(even)]
        turns = direction.quarter_turns(even, runs)
        if turns:
            even = turn(even, turns)
            runs = [turn_quad(quad, width, height, turns) for quad in runs]
        upright = [quad for quad in runs if is_readable(quad)]
        lines = read_lines(even, upright, timeout_s=self.timeout_s)
        kept = [line for line in lines if line.confidence >= _SURE and _says_something(line)]
        slope = slope_of(kept)
        return ReadPage(
            lines=in_reading_order(kept, lambda line: line.quad.levelled(slope)),
            quarter_turns=turns,
            width=even.shape[1],
            height=even.shape[0],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePageReader:
    """Tesseract alone, with its own search for lines. Does not turn pages that stand on their side."""

    timeout_s: float

    @property
    def name(self) -> str:
        """What reads, with versions."""
        return f"tesseract {tesseract.version()} {tesseract.LANGUAGE}; lines: its own"

    def read(self, image: Image) -> ReadPage:
        """See `Reader`."""
        even = even_out(image)
        words = tesseract.read_page(line_ink(even), timeout_s=self.timeout_s)
        by_line: dict[tuple[int, int, int], list[Word]] = {}
        for word in words:
            box = Box(left=word.left, top=word.top, right=word.right, bottom=word.bottom)
            by_line.setdefault(word.line, []).append(
                Word(text=repair(word.text), confidence=word.confidence, quad=_upright(box))
            )
        lines = [Line(words=tuple(found), quad=_around(found)) for found in by_line.values()]
        kept = [line for line in lines if line.confidence >= _SURE and _says_something(line)]
        return ReadPage(lines=tuple(kept), quarter_turns=0, width=even.shape[1], height=even.shape[0])


def _says_something(line: Line) -> bool:
    return any(char.isalnum() for char in line.text)


def _upright(box: Box) -> Quad:
    return Quad(corners=((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)))


def _around(words: list[Word]) -> Quad:
    box = words[0].quad.box
    for word in words[1:]:
        box = box.union(word.quad.box)
    return _upright(box)
