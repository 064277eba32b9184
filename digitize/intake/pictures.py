"""Opens JPEG, PNG, TIFF and HEIC: size checked on the header, pixels decoded page by page.

Knows picture formats. Must not know PDF, text or what the picture shows.
"""

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pi_heif
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from digitize.errors import DamagedInput, TooManyPages, TooManyPixels
from digitize.intake.limits import Limits
from digitize.intake.sniff import Kind
from digitize.intake.source import Source, SourcePage, plausible_dpi
from digitize.model import PageImage
from digitize.preprocess import turn

_EXIF_ORIENTATION = 0x0112
# value -> (mirrored left-right first, clockwise quarter turns after): Exif 2.32, table 6
_UPRIGHT = {
    1: (False, 0),
    2: (True, 0),
    3: (False, 2),
    4: (True, 2),
    5: (True, 3),
    6: (False, 1),
    7: (True, 1),
    8: (False, 3),
}
_FORMATS = {Kind.JPEG: ("JPEG",), Kind.PNG: ("PNG",), Kind.TIFF: ("TIFF",)}
_JPEG_QUALITY = 86
_ASSUMED_DPI = 200
_STRIP_OFFSETS, _STRIP_BYTE_COUNTS, _ROWS_PER_STRIP, _PHOTOMETRIC = 273, 279, 278, 262


def open_pictures(data: bytes, kind: Kind, limits: Limits) -> Source:
    """Return the file's pages, not yet decoded.

    Raises:
        DamagedInput, TooManyPixels, TooManyPages: See `digitize.errors`.
    """
    if kind is Kind.HEIC:
        return _open_heic(data, limits)
    picture = _open(data, kind)
    with _strict():
        count = _frame_count(picture, limits)
        for index in range(count):
            _seek(picture, index)
            _check_size(picture.size, limits)

    def page(index: int) -> SourcePage:
        fresh = _open(data, kind)
        with _strict():
            _seek(fresh, index)
            return _decoded(fresh, data if kind is Kind.JPEG else None)

    return Source(kind=kind, page_count=count, page=page)


def _open(data: bytes, kind: Kind) -> Image.Image:
    with _strict():
        try:
            return Image.open(io.BytesIO(data), formats=_FORMATS[kind])
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as err:
            raise TooManyPixels("the picture declares too many pixels") from err
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as err:
            raise DamagedInput("the picture's header cannot be read") from err


@contextmanager
def _strict() -> Iterator[None]:
    """Make the library's bomb warning an error; its other warnings are about tags that nobody needs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _frame_count(picture: Image.Image, limits: Limits) -> int:
    if picture.format != "TIFF":  # an MPO's further frames are the same scene for other eyes
        return 1
    count = 0
    try:
        while count <= limits.max_pages:
            picture.seek(count)
            count += 1
    except EOFError:
        return count
    except (OSError, SyntaxError, ValueError, KeyError, TypeError) as err:
        raise DamagedInput("a page of the TIFF cannot be found") from err
    raise TooManyPages("the TIFF has too many pages")


def _seek(picture: Image.Image, index: int) -> None:
    if index:
        picture.seek(index)


def _check_size(size: tuple[int, int], limits: Limits) -> None:
    if size[0] * size[1] > limits.max_pixels:
        raise TooManyPixels("the picture declares too many pixels")
    if min(size) < 1:
        raise DamagedInput("the picture has no pixels")


def _decoded(picture: Image.Image, jpeg: bytes | None) -> SourcePage:
    try:
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as err:
        raise DamagedInput("the picture ends before its last row") from err
    declared = picture.info.get("dpi", (0.0, 0.0))
    dpi = plausible_dpi(float(declared[0]))
    mirrored, turns = _UPRIGHT.get(_orientation(picture), (False, 0))
    flat = _flat(picture)
    image = np.asarray(flat.convert("RGB"), np.uint8)
    if mirrored:
        image = np.ascontiguousarray(image[:, ::-1])
    image = turn(image, turns) if turns else image
    encoding, stored = _stored(flat, jpeg if picture.mode in {"L", "RGB"} else None)
    return SourcePage(
        image=image,
        picture=PageImage(
            width=image.shape[1],
            height=image.shape[0],
            dpi=dpi or _ASSUMED_DPI,
            encoding=encoding,
            data=stored,
            quarter_turns=turns,
            is_mirrored=mirrored,
        ),
        dpi=dpi,
    )


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_EXIF_ORIENTATION, 1))
    except (ValueError, TypeError, SyntaxError, OSError):  # broken EXIF is no reason to refuse a paper
        return 1


def _flat(picture: Image.Image) -> Image.Image:
    """Return the picture without transparency, in one of the modes 1, L and RGB."""
    if picture.mode in {"1", "L", "RGB"}:
        return picture
    if picture.mode in {"I", "I;16", "I;16B", "F"}:
        values = np.asarray(picture, np.float64)
        return Image.fromarray(np.clip(values / max(values.max(), 255.0) * 255.0, 0, 255).astype(np.uint8))
    if "A" in picture.mode or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return picture.convert("RGB")


def _stored(flat: Image.Image, jpeg: bytes | None) -> tuple[str, bytes]:
    """Return how the picture is kept in the PDF copy: the JPEG as it came, or without loss."""
    if jpeg is not None:
        return "jpeg", jpeg
    if flat.mode == "1":
        return "g4", group4(flat)
    out = io.BytesIO()
    flat.save(out, "PNG")
    return "png", out.getvalue()


def group4(picture: Image.Image) -> bytes:
    """Return a two-tone picture's rows in CCITT group 4 coding, 0 is black."""
    out = io.BytesIO()
    rows = {_ROWS_PER_STRIP: picture.size[1], _PHOTOMETRIC: 0}  # one strip; 0: white is zero, as fax machines have it
    picture.save(out, "TIFF", compression="group4", tiffinfo=rows)
    written = Image.open(io.BytesIO(out.getvalue()), formats=("TIFF",))
    tags = written.tag_v2  # type: ignore[attr-defined]  # only TIFF pictures have tags
    start, length = int(tags[_STRIP_OFFSETS][0]), int(tags[_STRIP_BYTE_COUNTS][0])
    return out.getvalue()[start : start + length]


def jpeg_of(image: NDArray[np.uint8]) -> bytes:
    """Return an RGB array as a JPEG file."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    return out.getvalue()


def _open_heic(data: bytes, limits: Limits) -> Source:
    opened = _heif(data)
    _check_size(opened.size, limits)
    page: Callable[[int], SourcePage] = lambda _index: _decoded_heic(data)  # noqa: E731 - the one page
    return Source(kind=Kind.HEIC, page_count=1, page=page)


def _heif(data: bytes) -> pi_heif.HeifFile:
    try:
        return pi_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
    except (ValueError, OSError, RuntimeError, EOFError, SyntaxError) as err:
        raise DamagedInput("the HEIC picture cannot be read") from err


def _decoded_heic(data: bytes) -> SourcePage:
    try:
        picture = _heif(data).to_pillow().convert("RGB")
    except (ValueError, OSError, RuntimeError, EOFError, SyntaxError) as err:
        raise DamagedInput("the HEIC picture cannot be decoded") from err
    image = np.asarray(picture, np.uint8)  # libheif has applied the file's turns already
    stored = PageImage(
        width=image.shape[1], height=image.shape[0], dpi=_ASSUMED_DPI, encoding="jpeg", data=jpeg_of(image)
    )
    return SourcePage(image=image, picture=stored, dpi=None)
