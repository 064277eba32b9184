"""What the pipeline wants from a reader of text, and the two readers that exist.

`LineReader` finds lines with the detector and reads each by itself: the measured best on every class of page.
`WholePageReader` lets Tesseract find the lines: for machines where the detector's model is missing.

Knows pictures and lines. Must not know files, papers or fields.
"""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize.model import Box, Line, Quad, Word
from digitize.ocr import detector, direction, tesseract
from digitize.ocr.layout import in_reading_order
from digitize.preprocess import cut_line, even_out, line_ink, side_lengths, turn, turn_quad, without_stamps
from digitize.vietnamese import repair

Image = NDArray[np.uint8]

LINE_HEIGHT_PX = 48  # measured: 40 and 56 read the samples a little worse
_ROOM_ACROSS = 0.05  # of the line's height; more lets the neighbouring line's accents in
_ROOM_ALONG = 0.15
_LEAST_LINE_HEIGHT_PX = 6.0  # smaller print cannot be read at any scale
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
        upright = [quad for quad in runs if _is_readable(quad)]
        words = tesseract.read_lines([_line_picture(even, quad) for quad in upright], timeout_s=self.timeout_s)
        lines = [_line(quad, found) for quad, found in zip(upright, words, strict=True)]
        kept = [line for line in lines if line.words and line.confidence >= _SURE]
        return ReadPage(
            lines=in_reading_order(kept, lambda line: line.box),
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
        kept = [line for line in lines if line.text.strip() and line.confidence >= _SURE]
        return ReadPage(lines=tuple(kept), quarter_turns=0, width=even.shape[1], height=even.shape[0])


def _is_readable(quad: Quad) -> bool:
    width, height = side_lengths(quad)
    return height >= _LEAST_LINE_HEIGHT_PX and width >= height / 2


def _line_picture(even: Image, quad: Quad) -> Image:
    line = cut_line(even, quad, height_px=LINE_HEIGHT_PX, pad_across=_ROOM_ACROSS, pad_along=_ROOM_ALONG)
    ink = line_ink(line)
    if _is_two_tone(ink):  # black-and-white scans have stairs where letters have curves
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), 0.9), np.uint8)
    return ink


def _is_two_tone(ink: Image) -> bool:
    middle = (ink > 60) & (ink < 195)  # noqa: PLR2004 - neither ink nor paper
    dark = ink <= 60  # noqa: PLR2004
    return int(middle.sum()) < int(dark.sum()) // 2


def _line(quad: Quad, words: tuple[tesseract.ReadWord, ...]) -> Line:
    """Map the words of a line's picture back to the page."""
    width, height = side_lengths(quad)
    scale = LINE_HEIGHT_PX / (height * (1 + 2 * _ROOM_ACROSS))
    room = height * _ROOM_ALONG
    placed: list[Word] = []
    for word in words:
        text = repair(word.text)
        if not text:
            continue
        start, end = ((column / scale - room) / max(width, 1.0) for column in (word.left, word.right))
        placed.append(Word(text=text, confidence=word.confidence, quad=quad.part(_share(start), _share(end))))
    return Line(words=tuple(placed), quad=quad)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _upright(box: Box) -> Quad:
    return Quad(corners=((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)))


def _around(words: list[Word]) -> Quad:
    box = words[0].quad.box
    for word in words[1:]:
        box = box.union(word.quad.box)
    return _upright(box)
