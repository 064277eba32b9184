"""Reads pictures of text with Tesseract and its Vietnamese data; the only module that knows pytesseract.

Many lines are read by one call: they are the pages of one uncompressed multi-page TIFF, so that the program and its
model start once and no layout analysis can lose a line (measured: layout analysis is what loses most text).

pytesseract starts the program and writes temporary files by itself; callers therefore run this module inside
`digitize.tools`, which gives it a private temporary directory and limits.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytesseract
from numpy.typing import NDArray
from PIL import Image

from digitize.errors import EngineFailed, EngineMissing, TimedOut

LANGUAGE = "vie"
_WORD_LEVEL = 5  # rows of the table: page, block, paragraph, line, word
_SIDE_ROOM_PX, _UPPER_ROOM_PX = 30, 12  # Tesseract wants white around a line
_PERCENT = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWord:
    """A word in a picture: pixel columns and rows of that picture, confidence 0..1."""

    text: str
    confidence: float
    left: float
    right: float
    top: float
    bottom: float
    line: tuple[int, int, int]
    """Block, paragraph and line that Tesseract put the word into."""


def version() -> str:
    """Return the program's version.

    Raises:
        EngineMissing: Tesseract is not installed.
    """
    try:
        return str(pytesseract.get_tesseract_version())
    except (pytesseract.TesseractNotFoundError, SystemExit) as err:
        raise EngineMissing("tesseract is not installed") from err


def read_lines(lines: Sequence[NDArray[np.uint8]], *, timeout_s: float) -> tuple[tuple[ReadWord, ...], ...]:
    """Read grey pictures of one text line each; the answer has one tuple of words per picture.

    Raises:
        EngineMissing, EngineFailed, TimedOut: See `digitize.errors`.
    """
    if not lines:
        return ()
    sheets = [Image.fromarray(_with_room(line)) for line in lines]
    with tempfile.TemporaryDirectory(prefix="lines-") as folder:
        path = Path(folder) / "lines.tif"
        sheets[0].save(path, save_all=True, append_images=sheets[1:], dpi=(300, 300))
        table = _table(str(path), "--psm 7", timeout_s)
    words: list[list[ReadWord]] = [[] for _ in lines]
    for page, word in _words(table):
        words[page - 1].append(_moved(word, -_SIDE_ROOM_PX, -_UPPER_ROOM_PX))
    return tuple(tuple(found) for found in words)


def read_page(page: NDArray[np.uint8], *, timeout_s: float) -> tuple[ReadWord, ...]:
    """Read a whole page with Tesseract's own layout analysis.

    Raises:
        EngineMissing, EngineFailed, TimedOut: See `digitize.errors`.
    """
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        path = Path(folder) / "page.tif"
        Image.fromarray(page).save(path, dpi=(300, 300))
        table = _table(str(path), "--psm 3", timeout_s)
    return tuple(word for _, word in _words(table))


def _with_room(line: NDArray[np.uint8]) -> NDArray[np.uint8]:
    room = (_UPPER_ROOM_PX, _UPPER_ROOM_PX, _SIDE_ROOM_PX, _SIDE_ROOM_PX)
    return np.asarray(cv2.copyMakeBorder(line, *room, cv2.BORDER_CONSTANT, value=(255.0,)), np.uint8)


def _table(path: str, mode: str, timeout_s: float) -> Mapping[str, Sequence[object]]:
    try:
        table = pytesseract.image_to_data(
            path,
            lang=LANGUAGE,
            config=f"{mode} --dpi 300",
            timeout=timeout_s,
            output_type=pytesseract.Output.DICT,
        )
    except pytesseract.TesseractNotFoundError as err:
        raise EngineMissing("tesseract is not installed") from err
    except pytesseract.TesseractError as err:
        if "language" in str(err.message).lower():
            raise EngineMissing(f"tesseract has no data for {LANGUAGE!r}") from err
        raise EngineFailed("tesseract stopped with an error") from err
    except RuntimeError as err:  # pytesseract's way of saying that it killed the program
        raise TimedOut("tesseract used more time than it was given") from err
    return dict(table)


def _words(table: Mapping[str, Sequence[object]]) -> list[tuple[int, ReadWord]]:
    names = ("page_num", "level", "text", "conf", "left", "top", "width", "height", "block_num", "par_num", "line_num")
    found: list[tuple[int, ReadWord]] = []
    for row in zip(*(table[name] for name in names), strict=True):
        page, level, text, confidence, left, top, width, height, block, paragraph, line = row
        if _whole(level) != _WORD_LEVEL or not str(text).strip():
            continue
        found.append(
            (
                _whole(page),
                ReadWord(
                    text=str(text).strip(),
                    confidence=max(0.0, float(str(confidence))) / _PERCENT,
                    left=float(_whole(left)),
                    right=float(_whole(left) + _whole(width)),
                    top=float(_whole(top)),
                    bottom=float(_whole(top) + _whole(height)),
                    line=(_whole(block), _whole(paragraph), _whole(line)),
                ),
            )
        )
    return found


def _whole(value: object) -> int:
    return int(str(value))


def _moved(word: ReadWord, by_x: float, by_y: float) -> ReadWord:
    return ReadWord(
        text=word.text,
        confidence=word.confidence,
        left=word.left + by_x,
        right=word.right + by_x,
        top=word.top + by_y,
        bottom=word.bottom + by_y,
        line=word.line,
    )
