"""One text line: cut from the page, read, mapped back; and a second look at what a wrong digit would spoil.

A reader is sure of itself also when it takes a 3 for a 5. Lines with numbers, and lines that it was not sure of, are
therefore read again from another cut. Where both readings agree they are trusted; where they differ the surer one is
kept, and its word is marked as unsure, so that a person looks.

Knows pictures of lines and words. Must not know pages or fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize.model import Line, Quad, Word
from digitize.ocr import tesseract
from digitize.preprocess import cut_line, line_ink, side_lengths
from digitize.vietnamese import is_document_number, mend_phrases, repair

Image = NDArray[np.uint8]

UNSURE = 0.5
"""Confidence of a word that two looks read differently."""
_NUMBER_DIGITS = 2  # a word with so many digits is a number that matters: a day, a year, an identity number
_CLEARLY = 0.01  # the first cut is the better one where both are about as sure
_SURE_ENOUGH = 0.88  # measured: half of the misread lines hold a word below, one good line in ten
_LEAST_LINE_HEIGHT_PX = 6.0  # smaller print cannot be read at any scale
_TWO_TONE_DARK, _TWO_TONE_LIGHT = 60, 195  # a black-and-white scan has hardly any grey between these
_STAIRS_SIGMA = 0.9  # black-and-white scans have stairs where letters have curves


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a line is cut out."""

    height_px: int
    room_across: float
    """Added above and below, as a share of the line's height; more lets the neighbouring line's accents in."""
    room_along: float = 0.15
    sigma: float = 0.0


FIRST = Cut(height_px=48, room_across=0.05)  # measured: 40 and 56 read the samples a little worse
SECOND = Cut(height_px=56, room_across=0.12, sigma=0.6)


def is_readable(quad: Quad) -> bool:
    """Tell whether a detected run can be a line of text."""
    width, height = side_lengths(quad)
    return height >= _LEAST_LINE_HEIGHT_PX and width >= height / 2


def read_lines(even: Image, quads: Sequence[Quad], *, timeout_s: float) -> list[Line]:
    """Return the lines in the order of their quads; a line in which nothing was read has no words.

    Raises:
        EngineMissing, EngineFailed, TimedOut: See `digitize.errors`.
    """
    lines = _read(even, quads, FIRST, timeout_s)
    doubtful = [index for index, line in enumerate(lines) if _wants_second_look(line)]
    again = _read(even, [quads[index] for index in doubtful], SECOND, timeout_s)
    for index, second in zip(doubtful, again, strict=True):
        lines[index] = agreed(lines[index], second)
    return [_mended(line) for line in lines]


def _mended(line: Line) -> Line:
    texts = mend_phrases([word.text for word in line.words])
    words = tuple(replace(word, text=text) for word, text in zip(line.words, texts, strict=True))
    return Line(words=words, quad=line.quad)


def agreed(first: Line, second: Line) -> Line:
    """Return the surer of two readings of one line; its words that the other reads differently are unsure."""
    if not second.words:
        return first
    is_second_surer = second.confidence > first.confidence + _CLEARLY
    kept, other = (second, first) if is_second_surer else (first, second)
    if kept.text == other.text:
        return kept
    if len(kept.words) == len(other.words):
        pairs = zip(kept.words, other.words, strict=True)
        return Line(words=tuple(_agreed_word(word, rival) for word, rival in pairs), quad=kept.quad)
    others = {word.text for word in other.words}
    words = tuple(word if word.text in others else _unsure(word) for word in kept.words)
    return Line(words=words, quad=kept.quad)


def _agreed_word(word: Word, rival: Word) -> Word:
    if word.text == rival.text:
        return word
    # of two readings of a document's number, the one whose abbreviation exists
    is_rival_better = is_document_number(rival.text) and not is_document_number(word.text)
    return _unsure(rival if is_rival_better else word)


def _unsure(word: Word) -> Word:
    return replace(word, confidence=min(word.confidence, UNSURE))


def _wants_second_look(line: Line) -> bool:
    return any(
        word.confidence < _SURE_ENOUGH or sum(char.isdigit() for char in word.text) >= _NUMBER_DIGITS
        for word in line.words
    )


def _read(even: Image, quads: Sequence[Quad], cut: Cut, timeout_s: float) -> list[Line]:
    words = tesseract.read_lines([_picture(even, quad, cut) for quad in quads], timeout_s=timeout_s)
    return [_line(quad, found, cut) for quad, found in zip(quads, words, strict=True)]


def _picture(even: Image, quad: Quad, cut: Cut) -> Image:
    line = cut_line(even, quad, height_px=cut.height_px, pad_across=cut.room_across, pad_along=cut.room_along)
    ink = line_ink(line)
    sigma = max(cut.sigma, _STAIRS_SIGMA if _is_two_tone(ink) else 0.0)
    return np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), np.uint8) if sigma else ink


def _is_two_tone(ink: Image) -> bool:
    middle = (ink > _TWO_TONE_DARK) & (ink < _TWO_TONE_LIGHT)
    return int(middle.sum()) < int((ink <= _TWO_TONE_DARK).sum()) // 2


def _line(quad: Quad, words: tuple[tesseract.ReadWord, ...], cut: Cut) -> Line:
    """Map the words of a line's picture back to the page."""
    width, height = side_lengths(quad)
    scale = cut.height_px / (height * (1 + 2 * cut.room_across))
    room = height * cut.room_along
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
