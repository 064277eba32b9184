"""Finds text lines in a picture: the DB detector's ONNX model from the installed `rapidocr` wheel, own post-processing.

The model answers with a map "how likely is this pixel the core of a text line"; the rest is geometry: connected
cores become rectangles that may be turned, grown back by the amount the training shrank them.

Knows pictures and rectangles. Must not know how text is read, or what the page means.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from digitize.errors import EngineFailed, EngineMissing
from digitize.model import Quad
from digitize.preprocess import name_corners

MODEL_FILE = "PP-OCRv6_det_small.onnx"
DIRECTION_MODEL_FILE = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"
LONGEST_SIDE_PX = 1152  # measured: 960 loses small print of an A4 page, 1280 costs a quarter more for nothing
_STEP_PX = 32  # the network halves its input five times
_CORE_THRESHOLD = 0.3  # the model's published operating point
_BOX_THRESHOLD = 0.5
_GROWTH = 1.6  # area * growth / perimeter is what the training took away on each side
_MAX_BOXES = 1500  # a page of small print has about 150; the bound stops a picture made of specks
_MIN_SIDE_PX = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRun:
    """A detected line of text: its corners in the picture's pixels and how sure the detector is."""

    quad: Quad
    score: float


def model_path(name: str = MODEL_FILE) -> Path:
    """Return where the model lies inside the installed wheel, without importing the wheel.

    Raises:
        EngineMissing: The wheel is not installed or no longer carries the model.
    """
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise EngineMissing("the rapidocr wheel is not installed")
    path = Path(spec.origin).parent / "models" / name
    if not path.is_file():
        raise EngineMissing(f"the rapidocr wheel carries no {name}")
    return path


@lru_cache(maxsize=2)
def session(name: str) -> ort.InferenceSession:
    """Return the loaded network; one per process, one thread.

    Raises:
        EngineMissing: The model is not installed or not readable.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # CPU seconds are what we are measured by; pages run side by side instead
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # keeps the address space under the worker's limit
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(model_path(name)), options, providers=["CPUExecutionProvider"])
    except RuntimeError as err:
        raise EngineMissing("the text detector's model cannot be loaded") from err


def find_text_runs(image: NDArray[np.uint8]) -> tuple[TextRun, ...]:
    """Return the text lines of an RGB picture in no particular order.

    Raises:
        EngineMissing: The model is not installed.
        EngineFailed: The network refused the picture.
    """
    height, width = image.shape[:2]
    scale = min(1.0, LONGEST_SIDE_PX / max(height, width))
    small_size = (_to_step(width * scale), _to_step(height * scale))
    small = cv2.resize(image, small_size, interpolation=cv2.INTER_AREA)
    # the network was trained on blue-green-red order, values from -1 to 1
    tensor = (small[:, :, ::-1].astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)[None]
    network = session(MODEL_FILE)
    try:
        (answer,) = network.run(None, {network.get_inputs()[0].name: np.ascontiguousarray(tensor)})
    except RuntimeError as err:
        raise EngineFailed("the text detector failed") from err
    likelihood = np.asarray(answer, dtype=np.float32)[0, 0]
    back = (width / small_size[0], height / small_size[1])
    return tuple(_runs(likelihood, back))


def _to_step(length: float) -> int:
    return max(_STEP_PX, round(length / _STEP_PX) * _STEP_PX)


def _runs(likelihood: NDArray[np.float32], back: tuple[float, float]) -> list[TextRun]:
    cores = (likelihood > _CORE_THRESHOLD).astype(np.uint8)
    contours, _ = cv2.findContours(cores, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    runs: list[TextRun] = []
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[:_MAX_BOXES]:
        centre, (width, height), angle = cv2.minAreaRect(contour)
        if min(width, height) < _MIN_SIDE_PX - 1:
            continue
        score = _mean_inside(likelihood, np.asarray(cv2.boxPoints((centre, (width, height), angle)), np.float32))
        if score < _BOX_THRESHOLD:
            continue
        growth = 2 * _GROWTH * width * height / (2 * (width + height))
        grown = cv2.boxPoints((centre, (width + growth, height + growth), angle))
        corners = [(float(x) * back[0], float(y) * back[1]) for x, y in grown]
        runs.append(TextRun(quad=name_corners(corners), score=score))
    return runs


def _mean_inside(likelihood: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    height, width = likelihood.shape
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)), 0, (width - 1, height - 1)).astype(int)
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(likelihood[top : bottom + 1, left : right + 1], mask)[0])
