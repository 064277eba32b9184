"""From a page's picture to lines of text with boxes and confidences."""

from digitize.errors import EngineMissing
from digitize.ocr.detector import model_path
from digitize.ocr.engine import LineReader, Reader, ReadPage, WholePageReader

__all__ = ["LineReader", "ReadPage", "Reader", "WholePageReader", "reader"]


def reader(*, timeout_s: float) -> Reader:
    """Return the best reader that this machine has."""
    try:
        model_path()
    except EngineMissing:
        return WholePageReader(timeout_s=timeout_s)
    return LineReader(timeout_s=timeout_s)
