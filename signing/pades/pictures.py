"""Draws stand-in pictures for marks A and B, for the development profile and for tests.

A real deployment uses scanned signatures and the agency's registered seal. What is drawn here is plainly a stand-in:
a flowing line with the name below, a double ring with the agency's name around a star.
"""

import io
import math
import unicodedata

from PIL import Image, ImageDraw, ImageFont

BLUE = (0, 51, 153, 255)
RED = (204, 0, 0, 255)
_CLEAR = (255, 255, 255, 0)


def drawn_signature(name: str, font: bytes) -> bytes:
    """A blue signature-like PNG (600 x 225 px, transparent) with the given name."""
    image = Image.new("RGBA", (600, 225), _CLEAR)
    draw = ImageDraw.Draw(image)
    seed = sum(ord(c) for c in name)
    wave = [
        (40 + 5 * x, 110 + 55 * math.sin(x / 5 + seed % 7) * math.cos(x / (9 + seed % 5)) - x / 4) for x in range(104)
    ]
    draw.line(wave, fill=BLUE, width=6, joint="curve")
    draw.line([(60, 185), (560, 165)], fill=BLUE, width=3)
    letters = _fitted(name, font, width=520, size=44)
    draw.text((300, 215), unicodedata.normalize("NFC", name), font=letters, fill=BLUE, anchor="ms")
    return _png(image)


def drawn_seal(agency: str, font: bytes) -> bytes:
    """A red round seal-like PNG (600 x 600 px, transparent) with the agency's name on the ring."""
    size, middle = 600, 300
    image = Image.new("RGBA", (size, size), _CLEAR)
    draw = ImageDraw.Draw(image)
    draw.ellipse((4, 4, size - 4, size - 4), outline=RED, width=12)
    draw.ellipse((30, 30, size - 30, size - 30), outline=RED, width=4)
    draw.ellipse((150, 150, size - 150, size - 150), outline=RED, width=4)
    star = [
        (middle + r * math.sin(k * math.pi / 5), middle - r * math.cos(k * math.pi / 5))
        for k, r in ((k, 120 if k % 2 == 0 else 48) for k in range(10))
    ]
    draw.polygon(star, fill=RED)
    _around(image, unicodedata.normalize("NFC", agency).upper(), font, radius=212.0)
    _across(image, "THỬ NGHIỆM", font)
    return _png(image)


def _across(image: Image.Image, text: str, font: bytes) -> None:
    """A band inside the inner ring that says what this is: a drawn seal must never pass for a registered one."""
    draw = ImageDraw.Draw(image)
    middle = image.width // 2
    draw.rectangle((middle - 138, middle - 34, middle + 138, middle + 34), fill=_CLEAR, outline=RED, width=4)
    draw.text((middle, middle), text, font=_fitted(text, font, width=250, size=60), fill=RED, anchor="mm")


def _around(image: Image.Image, text: str, font: bytes, *, radius: float) -> None:
    letters = ImageFont.truetype(io.BytesIO(font), 58 if len(text) <= 28 else 40)  # noqa: PLR2004 - fits the ring
    widths = [letters.getlength(c) for c in text]
    step = [w / radius for w in widths]
    angle = -min(sum(step), 5.6) / 2
    squeeze = min(1.0, 5.6 / max(sum(step), 0.01))
    for char, turn in zip(text, step, strict=True):
        angle += turn * squeeze / 2
        glyph = Image.new("RGBA", (120, 120), _CLEAR)
        ImageDraw.Draw(glyph).text((60, 60), char, font=letters, fill=RED, anchor="mm")
        glyph = glyph.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        x = image.width / 2 + radius * math.sin(angle) - 60
        y = image.height / 2 - radius * math.cos(angle) - 60
        image.alpha_composite(glyph, (round(x), round(y)))
        angle += turn * squeeze / 2


def _fitted(text: str, font: bytes, *, width: int, size: int) -> ImageFont.FreeTypeFont:
    letters = ImageFont.truetype(io.BytesIO(font), size)
    length = letters.getlength(text)
    return letters if length <= width else ImageFont.truetype(io.BytesIO(font), max(8, int(size * width / length)))


def _png(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()
