"""What intake hands on: pages that are decoded one at a time.

Knows no file format.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digitize.intake.sniff import Kind
from digitize.model import Line, PageImage


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    """One decoded page."""

    image: NDArray[np.uint8] = field(repr=False)
    """RGB, upright as far as the file says (EXIF)."""
    picture: PageImage = field(repr=False)
    """The same picture as it can go into the PDF copy without a new loss."""
    dpi: int | None
    """Resolution that the file declares; None when it declares none that can be true."""
    lines: tuple[Line, ...] | None = None
    """Text that the file carries as real text; None when it must be read from the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A checked file. `page(n)` decodes page n (0-based) at every call."""

    kind: Kind
    page_count: int
    page: Callable[[int], SourcePage] = field(repr=False)


def plausible_dpi(value: float) -> int | None:
    """Return a declared resolution if a scanner can have made it; 72 and 96 are what programs write for "unknown"."""
    return round(value) if 100 <= value <= 1200 else None  # noqa: PLR2004
