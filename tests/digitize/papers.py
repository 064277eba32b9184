"""Small pages made on the spot, and lines as a reader gives them."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digitize.intake import Limits
from digitize.model import DigitisedPages, Line, Page, Quad, Word
from digitize.pipeline import story

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
FONT = "/usr/share/fonts/truetype/croscore/Tinos-{}.ttf"
LETTER = (
    ("ỦY BAN NHÂN DÂN", 90, 60, "Regular"),
    ("TỈNH QUẢNG NINH", 96, 100, "Bold"),
    ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 520, 60, "Bold"),
    ("Độc lập - Tự do - Hạnh phúc", 620, 100, "Bold"),
    ("Số: 27/QĐ-UBND", 100, 170, "Regular"),
    ("Quảng Ninh, ngày 05 tháng 8 năm 2026", 600, 170, "Italic"),
    ("QUYẾT ĐỊNH", 500, 260, "Bold"),
    ("Về việc công nhận kết quả số hóa giấy tờ", 320, 310, "Bold"),
    ("Điều 1. Công nhận ông (bà) Đỗ Thị Thanh Mai, số định danh cá nhân 022185004321.", 90, 400, "Regular"),
    ("KT. CHỦ TỊCH", 760, 500, "Bold"),
    ("PHÓ CHỦ TỊCH", 752, 540, "Bold"),
    ("Lương Văn Khải", 752, 660, "Bold"),
)
"""Text, left, top, style: a made-up decision on a page of 1240 x 780 pixels."""

RGB = NDArray[np.uint8]


def drawn(
    lines: Sequence[tuple[str, int, int, str]], size: tuple[int, int] = (1240, 780), points: int = 28
) -> Image.Image:
    """A page with these lines of text."""
    page = Image.new("RGB", size, (250, 249, 245))
    pen = ImageDraw.Draw(page)
    for text, left, top, style in lines:
        pen.text((left, top), text, font=ImageFont.truetype(FONT.format(style), points), fill=(25, 25, 30))
    return page


def encoded(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **{"dpi": (200, 200), **options})  # type: ignore[arg-type] # options of the format
    return out.getvalue()


def photographed(page: Image.Image) -> RGB:
    """The page lying on a dark table, seen at an angle, half in shadow."""
    width, height = page.size
    scene = (width + 260, height + 240)
    corners = np.array([[120, 90], [width + 160, 130], [width + 110, height + 150], [70, height + 110]], np.float32)
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    view = cv2.getPerspectiveTransform(flat, corners)
    sheet = cv2.warpPerspective(np.asarray(page, np.float32), view, scene)
    mask = cv2.warpPerspective(np.ones((height, width), np.float32), view, scene)[..., None]
    table = np.full((scene[1], scene[0], 3), (74.0, 60.0, 48.0), np.float32)
    light = np.linspace(1.0, 0.6, scene[0])[None, :, None]
    return np.clip((table * (1 - mask) + sheet * mask) * light, 0, 255).astype(np.uint8)


def read(source: bytes) -> DigitisedPages:
    return story.digitise(source, limits=Limits(), at=AT, progress=lambda _done, _total, _label: None)


def quad(left: float, top: float, right: float, bottom: float) -> Quad:
    return Quad(corners=((left, top), (right, top), (right, bottom), (left, bottom)))


def line(text: str, top: float, *, left: float = 100, letter: float = 14, confidence: float = 0.96) -> Line:
    """A line as a reader gives it, 30 pixels high, its words spread by their letters."""
    words, at = [], left
    for word in text.split(" "):
        right = at + letter * max(len(word), 1)
        words.append(Word(text=word, confidence=confidence, quad=quad(at, top, right, top + 30)))
        at = right + letter
    return Line(words=tuple(words), quad=quad(left, top, at - letter, top + 30))


def page_of(*lines: Line) -> Page:
    return Page(number=1, width=1654, height=2339, dpi=200, lines=lines)
