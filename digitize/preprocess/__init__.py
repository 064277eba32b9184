"""Image to image, pure: sheet found and straightened, light evened out, stamps taken off, lines cut level."""

from digitize.preprocess.geometry import cut_line, name_corners, rectify, side_lengths, turn, turn_quad
from digitize.preprocess.ink import divide_by_paper, even_out, line_ink, without_stamps
from digitize.preprocess.page_quad import find_page_quad

__all__ = [
    "cut_line",
    "divide_by_paper",
    "even_out",
    "find_page_quad",
    "line_ink",
    "name_corners",
    "rectify",
    "side_lengths",
    "turn",
    "turn_quad",
    "without_stamps",
]
