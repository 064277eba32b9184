"""Makes the typeface of the visible marks: Tinos with 1000 units per em.

The signer that draws the marks writes widths in font units where PDF wants thousandths, so a face of 2048 units comes
out twice as wide and is cut off; with 1000 units the two are the same. Run once at set-up:

    python -m api.rendering.fonts

Knows the Debian files and where the rescaled ones go. Must not know who draws with them: they are handed on as bytes.
"""

import io
import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from api.rendering.typeface import MARK_FONTS, TYPEFACE_DIR

UNITS_PER_EM = 1000
_CUTS = ("Tinos-Regular.ttf", "Tinos-Bold.ttf")
_HINTS = ("fpgm", "prep", "cvt ", "gasp", "hdmx", "VDMX", "LTSH", "DSIG", "kern")
# hints are programs for the old grid and would bend the outlines on the new one; PDF readers do without


def rescaled(font_file: bytes) -> bytes:
    """Give the same TrueType font on a grid of 1000 units per em, without hints."""
    out = io.BytesIO()
    with TTFont(io.BytesIO(font_file), recalcTimestamp=False) as font:
        for table in _HINTS:
            if table in font:
                del font[table]
        for name in font.getGlyphOrder():
            font["glyf"][name].removeHinting()
        scale_upem(font, UNITS_PER_EM)
        font.save(out)
    return out.getvalue()


def make_mark_fonts(target: Path = MARK_FONTS) -> tuple[Path, ...]:
    """Write the rescaled cuts; a file that is right already is not touched.

    Raises:
        FileNotFoundError: Debian's fonts-croscore is not installed.
    """
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for cut in _CUTS:
        made = rescaled((TYPEFACE_DIR / cut).read_bytes())
        path = target / cut
        if not path.exists() or path.read_bytes() != made:
            new = path.with_suffix(".new")
            new.write_bytes(made)
            new.replace(path)
            written.append(path)
    return tuple(written)


def main() -> None:
    """Make the fonts and say what was written."""
    try:
        written = make_mark_fonts()
    except FileNotFoundError as err:
        sys.exit(f"{err.filename} is missing: install the Debian package fonts-croscore")
    for path in written:
        sys.stderr.write(f"made {path.relative_to(MARK_FONTS.parents[2])}\n")


if __name__ == "__main__":
    main()
