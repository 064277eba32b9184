"""Which way up a page stands, from the shape of its text lines and a small network that knows upside-down lines.

Costs about 0.03 s where Tesseract's own orientation search costs two thirds of reading the page.

Knows pictures of lines. Must not know what they say.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize.errors import EngineFailed
from digitize.model import Quad
from digitize.ocr import detector
from digitize.preprocess import cut_line, side_lengths, turn, turn_quad

_LINES_ASKED = 12
_INPUT_HEIGHT_PX, _INPUT_WIDTH_PX = 48, 192
_LOOKED_AT_PX = 2 * _INPUT_WIDTH_PX  # a whole long line squeezed into the input is often judged wrongly
_STANDING = 1.5  # a box that much higher than wide is a line on its side
_HALF = 0.5
_LEAST_LEAD = 0.2  # lead over one half that a vote needs before a page is put on its head


def quarter_turns(image: NDArray[np.uint8], runs: list[Quad]) -> int:
    """Return how many clockwise quarter turns (0..3) make the page upright; 0 for a page without lines."""
    if not runs:
        return 0
    height, width = image.shape[:2]
    standing = sum(max(run.box.width, run.box.height) for run in runs if _is_standing(run))
    lying = sum(max(run.box.width, run.box.height) for run in runs if not _is_standing(run))
    turns = 1 if standing > lying else 0
    if turns:
        image = turn(image, turns)
        runs = [turn_quad(run, width, height, turns) for run in runs]
    longest = sorted(runs, key=lambda run: side_lengths(run)[0], reverse=True)[:_LINES_ASKED]
    share = float(np.median([_upside_down(line) for line in _beginnings(image, longest)]))
    return turns + 2 if share > _HALF + _LEAST_LEAD else turns


def _is_standing(run: Quad) -> bool:
    return run.box.height > _STANDING * run.box.width


def _beginnings(image: NDArray[np.uint8], runs: list[Quad]) -> list[NDArray[np.uint8]]:
    lines = [cut_line(image, run, height_px=_INPUT_HEIGHT_PX, pad_across=0.05, pad_along=0.15) for run in runs]
    return [line[:, :_LOOKED_AT_PX] for line in lines]


def _upside_down(line: NDArray[np.uint8]) -> float:
    """Return how likely the line stands on its head."""
    width = min(_INPUT_WIDTH_PX, line.shape[1])
    small = cv2.resize(line, (width, _INPUT_HEIGHT_PX))
    tensor = np.zeros((1, 3, _INPUT_HEIGHT_PX, _INPUT_WIDTH_PX), np.float32)
    tensor[0, :, :, :width] = (small[:, :, ::-1].astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
    session = detector.session(detector.DIRECTION_MODEL_FILE)
    try:
        (answer,) = session.run(None, {session.get_inputs()[0].name: tensor})
    except RuntimeError as err:
        raise EngineFailed("the direction network failed") from err
    return float(np.asarray(answer)[0, 1])
