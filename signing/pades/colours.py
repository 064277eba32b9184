"""Which colours and masks a document allows for what a mark adds to it: the rules of PDF/A, where it claims to be one.

Knows the catalog of a document. Draws nothing.
"""

import re
import zlib
from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils import generic, misc

from signing.pades.objects import dictionary, entry, name, numbers

_PART: Final = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*([1-4])")
_MAX_METADATA: Final = 1024 * 1024
_D65: Final = (0.9505, 1.0, 1.089)  # IEC 61966-2-1: the white of sRGB
_SRGB: Final = (0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505)
_RGB_CHANNELS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourRules:
    """What may be used."""

    soft_masks: bool = True
    """PDF/A-1 has no transparency: ISO 19005-1 §6.4. There a mask by colour does."""

    device_rgb: bool = True
    """A PDF/A uses DeviceRGB only beside an output intent that is RGB: ISO 19005-2 §6.2.4.3."""

    lists_glyphs: bool = False
    """PDF/A-1 wants a list of what a subset of a font holds: ISO 19005-1 §6.3.5."""

    device_gray: bool = True
    """And grey only beside some output intent."""

    @property
    def rgb(self) -> Any:  # noqa: ANN401 - a pyHanko object
        """The colour space for pictures."""
        if self.device_rgb:
            return name("/DeviceRGB")
        calibration = dictionary(
            {"/WhitePoint": numbers(_D65), "/Gamma": numbers((2.2, 2.2, 2.2)), "/Matrix": numbers(_SRGB)}
        )
        return generic.ArrayObject([name("/CalRGB"), calibration])

    @property
    def gray(self) -> Any:  # noqa: ANN401 - a pyHanko object
        """The colour space for text."""
        if self.device_gray:
            return name("/DeviceGray")
        calibration = dictionary({"/WhitePoint": numbers(_D65)})
        return generic.ArrayObject([name("/CalGray"), calibration])


def colour_rules(catalog: Any) -> ColourRules:  # noqa: ANN401 - pyHanko's dictionary
    """The rules of the document with this catalog; one that claims nothing allows everything."""
    part = _pdfa_part(catalog)
    if part is None:
        return ColourRules()
    channels = _intended_channels(catalog)
    return ColourRules(
        soft_masks=part != 1,
        device_rgb=channels == _RGB_CHANNELS,
        device_gray=channels is not None,
        lists_glyphs=part == 1,
    )


def _pdfa_part(catalog: Any) -> int | None:  # noqa: ANN401 - pyHanko's dictionary
    """Which part of ISO 19005 the document claims to follow."""
    metadata = entry(catalog, "/Metadata")
    if not isinstance(metadata, generic.StreamObject):
        return None
    try:
        found = _PART.search(metadata.data[:_MAX_METADATA])
    except (misc.PdfError, ValueError, zlib.error):
        return None
    return None if found is None else int(found[1])


def _intended_channels(catalog: Any) -> int | None:  # noqa: ANN401 - pyHanko's dictionary
    """Number of colour channels of the output intent's profile; None: there is no intent."""
    for reference in entry(catalog, "/OutputIntents", ()):
        profile = entry(reference.get_object(), "/DestOutputProfile")
        if profile is not None:
            return int(entry(profile, "/N", 0))
    return None
