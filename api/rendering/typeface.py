"""Where the typeface of our pages is. Knows file names only, so that everyone may import it."""

from pathlib import Path

TYPEFACE_DIR = Path("/usr/share/fonts/truetype/croscore")
"""Tinos, metric-compatible with Times New Roman, from Debian's fonts-croscore."""
TYPEFACE_FILES = ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf", "Tinos-BoldItalic.ttf")
MARK_FONTS = Path(__file__).parents[1] / "ui" / "fonts"
"""Git-ignored folder of the rescaled files; `python -m api.rendering.fonts` makes them."""
MARK_FONT = MARK_FONTS / "Tinos-Regular.ttf"
"""The upright cut with 1000 units per em, for the texts of the visible marks."""
