"""A mark's picture as PDF image: colours and transparency, packed once for every document that shows it.

Knows pictures and image objects (ISO 32000-2 §8.9.5). Must not know where they are shown.
"""

import io
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np
from PIL import Image, UnidentifiedImageError
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signing.pades.colours import ColourRules
from signing.pades.objects import name, whole_numbers
from signing.pades.refusals import MarkUnreadable

MAX_PICTURE_PIXELS: Final = 4_000_000  # a seal of 36 mm at 600 dpi has 0.7 million
_KEPT: Final = 64  # packed pictures in memory, some ten kilobytes each
_KEY: Final = 255  # all three colours: pure white is the colour that is not drawn
_INKED: Final = 0.4  # of full ink: where there are no half transparent pixels, fainter ones are left out

_Stream: Any = generic.StreamObject


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedPicture:
    """A picture as Flate streams."""

    width: int
    height: int
    colours: bytes = field(repr=False)
    alpha: bytes = field(repr=False)
    keyed: bytes = field(repr=False)
    """The colours on white, with the white itself as the key of a mask."""


@lru_cache(maxsize=_KEPT)
def packed_picture(picture: bytes) -> PackedPicture:
    """A PNG made ready for pages.

    Raises:
        MarkUnreadable: not a PNG, or too large.
    """
    try:
        image = Image.open(io.BytesIO(picture), formats=["PNG"])
        if image.width * image.height > MAX_PICTURE_PIXELS:
            raise MarkUnreadable("the picture of the mark has too many pixels")
        pixels = np.asarray(image.convert("RGBA"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as err:
        raise MarkUnreadable("the picture of the mark is no PNG that can be read") from err
    colours, alpha = pixels[..., :3], pixels[..., 3]
    return PackedPicture(
        width=image.width,
        height=image.height,
        colours=zlib.compress(colours.tobytes(), 9),
        alpha=zlib.compress(alpha.tobytes(), 9),
        keyed=zlib.compress(_keyed(colours, alpha).tobytes(), 9),
    )


def image_object(picture: PackedPicture, rules: ColourRules, writer: BasePdfFileWriter) -> Any:  # noqa: ANN401 - a reference
    """The picture as an image of the document, transparent in the way that its rules allow."""
    entries = {
        "/Type": name("/XObject"),
        "/Subtype": name("/Image"),
        "/Width": _number(picture.width),
        "/Height": _number(picture.height),
        "/BitsPerComponent": _number(8),
        "/Filter": name("/FlateDecode"),
    }
    if not rules.soft_masks:
        # ISO 32000-1 §8.9.6.4: samples whose colours all lie in these ranges are not painted
        keyed = {**entries, "/ColorSpace": rules.rgb, "/Mask": whole_numbers([_KEY] * 6)}
        return writer.add_object(_image(keyed, picture.keyed))
    mask = writer.add_object(_image({**entries, "/ColorSpace": name("/DeviceGray")}, picture.alpha))
    return writer.add_object(_image({**entries, "/ColorSpace": rules.rgb, "/SMask": mask}, picture.colours))


def _image(entries: dict[str, Any], packed: bytes) -> Any:  # noqa: ANN401 - a pyHanko stream
    return _Stream({name(key): value for key, value in entries.items()}, encoded_data=packed)


def _number(value: int) -> Any:  # noqa: ANN401 - a pyHanko object
    return whole_numbers([value])[0]


def _keyed(colours: Any, alpha: Any) -> Any:  # noqa: ANN401 - arrays of numpy
    """The picture on white paper; what is drawn is never pure white itself."""
    share = alpha[..., None] / 255.0
    shown = np.round(colours * share + 255.0 * (1 - share))
    shown[..., 2] = np.where((shown >= _KEY).all(axis=2), _KEY - 1, shown[..., 2])
    shown[share[..., 0] < _INKED] = _KEY
    return shown.astype(np.uint8)
