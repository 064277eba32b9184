"""How far a reading can be trusted, and whether a person must look at the paper first.

Knows pictures' sharpness, resolutions and confidences. Must not know what a paper is about.
"""

from collections.abc import Iterable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from digitize.model import Field, Finding, Line, Page, Quality

LEAST_CONFIDENCE = 0.80
LEAST_DPI = 200  # Decree 30/2020, annex I: digitised paper has at least 200 dpi
_MIN_LINES = 1
_A4_HEIGHT_IN = 11.69
_SHARP_LEAST = 0.010  # measured: pages that read well are above 0.019, blurred until they do not below 0.010
_INK_LEVEL = 0.004  # share of pixels that differ from the paper: below, a page is empty
_VIETNAMESE_LEAST = 0.04  # share of letters with Vietnamese marks; Vietnamese prose has about 0.25
_LETTERS_FOR_LANGUAGE = 200
_CHECK_SIDE_PX = 1200


def page_findings(image: NDArray[np.uint8], lines: Sequence[Line], *, dpi: int | None) -> tuple[Finding, ...]:
    """Return what an officer must know about one page.

    Args:
        image: RGB, upright.
        lines: What was read from it.
        dpi: Declared resolution, None when the file declares none.
    """
    if len(lines) < _MIN_LINES:
        return (Finding.BLANK,) if _ink_share(image) < _INK_LEVEL else (Finding.LOW_CONFIDENCE,)
    findings: list[Finding] = []
    if dpi is not None and dpi < LEAST_DPI:
        findings.append(Finding.LOW_DPI)
    if sharpness(image) < _SHARP_LEAST:
        findings.append(Finding.BLUR)
    letters = sum(len(line.text) for line in lines)
    if sum(line.confidence * len(line.text) for line in lines) < LEAST_CONFIDENCE * letters:
        findings.append(Finding.LOW_CONFIDENCE)
    if _is_other_language(" ".join(line.text for line in lines)):
        findings.append(Finding.WRONG_LANGUAGE)
    return tuple(findings)


def sharpness(image: NDArray[np.uint8]) -> float:
    """Return how steep the steepest edges are, relative to the picture's own contrast; independent of its size."""
    scale = min(1.0, _CHECK_SIDE_PX / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    smooth = cv2.GaussianBlur(grey, (0, 0), 0.8).astype(np.float32)
    contrast = float(np.percentile(smooth, 95) - np.percentile(smooth, 0.5))
    steep = np.abs(cv2.Laplacian(smooth, cv2.CV_32F))
    return float(np.percentile(steep, 99) / max(contrast, 1.0)) / 10.0


def assess(pages: Sequence[Page], fields: Mapping[str, Field]) -> Quality:
    """Return the whole paper's quality."""
    findings = _once(finding for page in pages for finding in page.findings)
    field_findings = _once(finding for field in fields.values() for finding in field.findings)
    letters = sum(len(page.text) for page in pages)
    confidence = sum(page.confidence * len(page.text) for page in pages) / letters if letters else 0.0
    return Quality(
        confidence=round(confidence, 4),
        needs_human=bool(findings or field_findings),
        findings=_once((*findings, *field_findings)),
    )


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))


def _ink_share(image: NDArray[np.uint8]) -> float:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    paper = float(np.median(grey))
    return float((grey < paper - 60).mean())  # ink is at least so much darker


def _is_other_language(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    if len(letters) < _LETTERS_FOR_LANGUAGE:
        return False
    marked = sum(not char.isascii() for char in letters)
    return marked < _VIETNAMESE_LEAST * len(letters)
