"""What one file may cost; checked before anything is decoded. Knows figures only."""

from dataclasses import dataclass

MEGA = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost. Checked before anything is decoded."""

    max_bytes: int = 512 * MEGA
    max_pixels: int = 80 * MEGA
    """Per page: A3 at 600 dpi has 70 million."""
    max_pages: int = 200
