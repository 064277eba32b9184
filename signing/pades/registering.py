"""Makes the picture of a mark from what was uploaded: a scan or a PNG, its paper taken away, its colour checked.

Works on hostile files: called in a limited worker process. What comes out is a PNG that was drawn anew pixel by pixel;
nothing of the uploaded file (metadata, profiles, further frames) goes on. Knows pictures; must not know whose they are.
"""

import io
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from signing.pades.refusals import MarkPictureUnfit

MAX_UPLOAD_BYTES: Final = 5 * 1024 * 1024
MAX_UPLOAD_PIXELS: Final = 12_000_000  # A5 at 400 dpi
_FORMATS: Final = ["PNG", "JPEG"]
_HELD_HEIGHT: Final = {"signature": 375, "seal": 1000}  # 45 pt and 42 mm at 600 dpi
_LEAST: Final = {"signature": 60, "seal": 200}  # pixels of height: less looks like a bad copy when printed
_FAINT: Final = 0.12  # of full ink: paper, noise of a scanner
_FULL: Final = 0.5
_HUES: Final = {"signature": (190.0, 270.0), "seal": (340.0, 20.0)}  # degrees: blue; red
_MARGIN: Final = 40  # pixels of paper around the ink: its own white is measured there
_WORKED_SIDE: Final = 2400
_LEAST_CHROMA: Final = (
    40  # of 255, between the strongest and the weakest colour: black ink has a hue too, of no strength
)
_COLOURED_SHARE: Final = 0.8
_INK_SHARES: Final = (0.005, 0.7)  # of the picture's area
_RATIOS: Final = {"signature": (0.5, 8.0), "seal": (0.9, 1.1)}  # width to height
_GRAIN: Final = 96.0  # of 255: differences of one ink that only the scanner's noise makes, and that make files large
_INK_STEPS: Final = 16


class MarkPictureKind(StrEnum):
    """Which mark a picture is for."""

    SIGNATURE = "signature"
    """Mark A: a person's handwriting, blue."""
    SEAL = "seal"
    """Mark B: an agency's seal, red and round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanPicture:
    """A picture as it will stand on pages."""

    png: bytes = field(repr=False)
    width: int
    height: int


def clean_picture(upload: bytes, kind: str) -> CleanPicture:
    """The picture without its paper, cut to its ink.

    Args:
        upload: PNG or JPEG, up to 5 MB and 12 million pixels; on white paper or transparent.
        kind: a value of ``MarkPictureKind``.

    Raises:
        MarkPictureUnfit: says what is wrong and what to do.
    """
    what = MarkPictureKind(kind)
    colour, ink = _without_paper(_near_ink(_opened(upload)))
    colour, ink = _cut(colour, ink)
    if what is MarkPictureKind.SEAL:
        colour, ink = _squared(colour, ink)
    _require_shape(ink, what)
    _require_colour(colour, ink, what)
    image = _image(colour, ink)
    image.thumbnail((8 * _HELD_HEIGHT[what], _HELD_HEIGHT[what]), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    image.save(png, "PNG", optimize=True)
    return CleanPicture(png=png.getvalue(), width=image.width, height=image.height)


def _opened(upload: bytes) -> Image.Image:
    if not upload or len(upload) > MAX_UPLOAD_BYTES:
        raise MarkPictureUnfit(
            "the file is empty or too large", "Tệp hình rỗng hoặc lớn hơn 5 MB.", "The file is empty or over 5 MB."
        )
    try:
        image = Image.open(io.BytesIO(upload), formats=_FORMATS)
        if image.width * image.height > MAX_UPLOAD_PIXELS:
            raise MarkPictureUnfit(
                "too many pixels",
                "Hình quá lớn (trên 12 triệu điểm ảnh); hãy cắt sát chữ ký hoặc con dấu.",
                "The picture has over 12 million pixels; cut it close to the signature or seal.",
            )
        if getattr(image, "n_frames", 1) != 1:
            raise MarkPictureUnfit(
                "animated", "Không nhận hình động; hãy gửi một hình tĩnh.", "Animated pictures are not taken."
            )
        return ImageOps.exif_transpose(image).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as err:
        raise MarkPictureUnfit(
            "not a picture", "Không đọc được hình; hãy gửi tệp PNG hoặc JPEG.", "Send a PNG or JPEG that can be read."
        ) from err


def _near_ink(image: Image.Image) -> Image.Image:
    """The part that may hold ink, no larger than is needed: whole pages are not reckoned with pixel by pixel."""
    flat = Image.new("RGB", image.size, (255, 255, 255))
    flat.paste(image, mask=image.getchannel("A"))
    weakest = np.asarray(flat).min(axis=2)
    dark = weakest < np.percentile(weakest[::4, ::4], 90) * _FULL
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if rows.size and columns.size:
        box = (
            max(0, int(columns[0]) - _MARGIN), max(0, int(rows[0]) - _MARGIN),
            min(image.width, int(columns[-1]) + _MARGIN), min(image.height, int(rows[-1]) + _MARGIN),
        )  # fmt: skip
        image = image.crop(box)
    image.thumbnail((_WORKED_SIDE, _WORKED_SIDE), Image.Resampling.LANCZOS)
    return image


def _without_paper(image: Image.Image) -> tuple[Any, Any]:
    """Colours of the ink alone, and how much of it covers each pixel: 0 to 1."""
    pixels = np.asarray(image, dtype=np.float32)
    colour, alpha = pixels[..., :3], pixels[..., 3] / 255
    if (alpha < _FULL).mean() < 0.05:  # noqa: PLR2004 - no transparent ground to speak of: a scan
        paper = np.percentile(colour.reshape(-1, 3), 90, axis=0)
        if paper.min() < 150:  # noqa: PLR2004 - darker is no paper
            raise MarkPictureUnfit(
                "no white paper", "Nền không phải giấy trắng; hãy quét lại.", "The ground is not white; scan it anew."
            )
        # what the ink takes away from the paper's light, in the colour where it takes most
        alpha = np.clip(1 - (colour / paper).min(axis=2), 0, 1)
        colour = np.clip((colour - (1 - alpha[..., None]) * paper) / np.maximum(alpha[..., None], 1e-6), 0, 255)
    alpha = np.where(alpha < _FAINT, 0, alpha)
    return colour, alpha


def _cut(colour: Any, ink: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays of numpy
    """The part that holds the ink; single specks at the margin do not count."""
    strong = ink > _FULL
    rows, columns = np.where(strong.sum(axis=1) > 1)[0], np.where(strong.sum(axis=0) > 1)[0]
    if not rows.size or not columns.size:
        raise MarkPictureUnfit("no ink", "Hình không có nét mực rõ nào.", "There is no clear ink in the picture.")
    part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    return colour[part], ink[part]


def _squared(colour: Any, ink: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays of numpy
    """A scanned circle is never quite as wide as high: clear margins make the picture square, nothing is stretched."""
    height, width = ink.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    around = ((top, side - height - top), (left, side - width - left))
    if not _RATIOS["seal"][0] <= width / height <= _RATIOS["seal"][1]:
        return colour, ink  # refused by its shape
    return np.pad(colour, (*around, (0, 0))), np.pad(ink, around)


def _require_shape(ink: Any, kind: MarkPictureKind) -> None:  # noqa: ANN401 - an array of numpy
    height, width = ink.shape
    if height < _LEAST[kind]:
        raise MarkPictureUnfit(
            "too small",
            f"Hình quá nhỏ: nét mực cao {height} điểm ảnh, cần ít nhất {_LEAST[kind]}; hãy quét 300 dpi trở lên.",
            f"Too small: the ink is {height} pixels high, {_LEAST[kind]} are needed; scan at 300 dpi or more.",
        )
    low, high = _RATIOS[kind]
    if not low <= width / height <= high:
        raise MarkPictureUnfit(
            "wrong shape",
            "Con dấu phải tròn và không bị che khuất." if kind is MarkPictureKind.SEAL else "Hình chữ ký quá hẹp.",
            "A seal is round, and whole." if kind is MarkPictureKind.SEAL else "The signature is too narrow.",
        )
    share = float((ink > _FULL).mean())
    if not _INK_SHARES[0] <= share <= _INK_SHARES[1]:
        raise MarkPictureUnfit(
            "ink share",
            "Hình không giống nét chữ ký hoặc con dấu: quá ít hoặc quá nhiều mực.",
            "It does not look like a signature or seal: too little or too much ink.",
        )


def _require_colour(colour: Any, ink: Any, kind: MarkPictureKind) -> None:  # noqa: ANN401 - arrays of numpy
    hue, chroma = _hues(colour[ink > _FULL])
    low, high = _HUES[kind]
    right = (hue >= low) & (hue <= high) if low < high else (hue >= low) | (hue <= high)
    if float((right & (chroma > _LEAST_CHROMA)).mean()) < _COLOURED_SHARE:
        raise MarkPictureUnfit(
            "wrong colour",
            "Chữ ký phải màu xanh." if kind is MarkPictureKind.SIGNATURE else "Con dấu phải màu đỏ.",
            "A signature is blue." if kind is MarkPictureKind.SIGNATURE else "A seal is red.",
        )


def _hues(pixels: Any) -> tuple[Any, Any]:  # noqa: ANN401 - arrays of numpy
    """Hue in degrees and chroma, 0 to 255, of colours."""
    red, green, blue = (pixels[:, n] for n in range(3))
    most, least = pixels.max(axis=1), pixels.min(axis=1)
    spread = np.maximum(most - least, 1e-6)
    hue = np.where(
        most == red, ((green - blue) / spread) % 6,
        np.where(most == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )  # fmt: skip
    return hue * 60, most - least


def _image(colour: Any, ink: Any) -> Image.Image:  # noqa: ANN401 - arrays of numpy
    mean = colour[ink > _FULL].mean(axis=0)  # also under clear pixels: scaling mixes neighbours
    near = np.linalg.norm(colour - mean, axis=2) < _GRAIN
    single = np.where((near | (ink < _FULL))[..., None], mean, colour)
    even = np.ceil(ink * _INK_STEPS) / _INK_STEPS
    pixels = np.concatenate([single, even[..., None] * 255], axis=2)
    return Image.fromarray(pixels.round().astype(np.uint8), "RGBA")
