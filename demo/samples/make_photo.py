"""Makes the demo's phone photo: a made-up birth certificate, typeset, stamped, and photographed on a table.

Run it with `python demo/samples/make_photo.py`; it writes `giay-khai-sinh.jpg` and, beside it, what stands on the paper
(`giay-khai-sinh.json`: fields and lines). All persons, numbers and signatures are invented; the number's structure is
that of a citizen number, so that the checks have something to check. The same seed gives the same picture.
"""

import json
import math
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

HERE = Path(__file__).parent
FONTS = Path("/usr/share/fonts/truetype/croscore")
SEED = 20_260
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dpi
PHOTO = (2240, 2980)
INK, RED, BLUE = (28, 28, 32), (196, 30, 42), (30, 44, 150)
STAMP_TEXT = "ỦY BAN NHÂN DÂN PHƯỜNG YÊN GIANG"

PERSON = {
    "document_type": "giay_khai_sinh",
    "number": "57/2020",
    "person_name": "Trần Minh Khôi",
    "dob": "2020-06-01",
    "sex": "Nam",
    "place_of_birth": "Bệnh viện Sản Nhi tỉnh Quảng Ninh",
    "id_number": "022220900014",
    "mother": "Nguyễn Thị Thu Trang",
    "father": "Trần Quang Huy",
    "agency": "Ủy ban nhân dân phường Yên Giang, thị xã Quảng Yên",
    "date": "2020-06-17",
    "signer": "Đoàn Trọng Nghĩa",
    "signer_title": "CHỦ TỊCH",
}
"""The values that a reader should find, in their normal forms."""

LINES = (
    ("Họ, chữ đệm, tên: ", "TRẦN MINH KHÔI"),
    ("Ngày, tháng, năm sinh: ", "01/06/2020"),
    ("Giới tính: Nam     Dân tộc: Kinh     Quốc tịch: Việt Nam", ""),
    ("Nơi sinh: ", "Bệnh viện Sản Nhi tỉnh Quảng Ninh"),
    ("Quê quán: ", "phường Yên Giang, thị xã Quảng Yên, tỉnh Quảng Ninh"),
    ("Số định danh cá nhân: ", "022220900014"),
    ("Họ, chữ đệm, tên người mẹ: ", "Nguyễn Thị Thu Trang"),
    ("Năm sinh: 1993     Dân tộc: Kinh     Quốc tịch: Việt Nam", ""),
    ("Nơi cư trú: Số 12, phố Đình Cốc, phường Yên Giang, thị xã Quảng Yên", ""),
    ("Họ, chữ đệm, tên người cha: ", "Trần Quang Huy"),
    ("Năm sinh: 1991     Dân tộc: Kinh     Quốc tịch: Việt Nam", ""),
    ("Nơi cư trú: Số 12, phố Đình Cốc, phường Yên Giang, thị xã Quảng Yên", ""),
    ("Họ, chữ đệm, tên người đi khai sinh: ", "Trần Quang Huy"),
    ("Nơi đăng ký khai sinh: ", "Ủy ban nhân dân phường Yên Giang, thị xã Quảng Yên"),
    ("Ngày, tháng, năm đăng ký: ", "17/06/2020"),
)


def font(style: str, size: int) -> ImageFont.FreeTypeFont:
    """A face of Tinos, the Debian font with the metrics of Times."""
    return ImageFont.truetype(str(FONTS / f"Tinos-{style}.ttf"), size)


def typeset() -> tuple[Image.Image, list[str]]:
    """The paper as it left the office, and its lines of text."""
    page = Image.new("RGB", (WIDTH, HEIGHT), (246, 243, 233))
    pen = ImageDraw.Draw(page)
    _guilloche(pen)
    lines: list[str] = []

    def centred(
        text: str, y: int, face: ImageFont.FreeTypeFont, colour: tuple[int, int, int] = INK, x: int = WIDTH // 2
    ) -> None:
        pen.text((x, y), text, font=face, fill=colour, anchor="ma")
        lines.append(text)

    centred("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 150, font("Bold", 40))
    centred("Độc lập - Tự do - Hạnh phúc", 205, font("Bold", 38))
    pen.line((WIDTH // 2 - 130, 262, WIDTH // 2 + 130, 262), fill=INK, width=2)
    centred("GIẤY KHAI SINH", 330, font("Bold", 74), RED)
    centred("(BẢN SAO)", 430, font("Bold", 32))
    centred("Số: 57/2020", 484, font("Regular", 34))
    y = 575
    for label, value in LINES:
        pen.text((190, y), label, font=font("Regular", 38), fill=INK)
        pen.text((190 + pen.textlength(label, font=font("Regular", 38)), y), value, font=font("Bold", 38), fill=INK)
        lines.append(" ".join((label + value).split()))
        y += 72
    centred("NGƯỜI KÝ GIẤY KHAI SINH", y + 30, font("Bold", 36), x=1180)
    centred("CHỦ TỊCH", y + 80, font("Bold", 36), x=1180)
    _stamp(page, 1010, y + 210)
    _signature(pen, 1130, y + 190)
    centred("Đoàn Trọng Nghĩa", y + 350, font("Bold", 38), x=1180)
    return page, lines


def _guilloche(pen: ImageDraw.ImageDraw) -> None:
    """Faint waves, as security paper has them."""
    for row in range(0, HEIGHT + 120, 22):
        points = [
            (x, row + 26 * math.sin(x / 87 + row / 61) + 9 * math.sin(x / 23 + row / 40)) for x in range(0, WIDTH, 8)
        ]
        pen.line(points, fill=(226, 232, 222) if row % 44 else (238, 226, 214), width=2)


def _stamp(page: Image.Image, x: int, y: int) -> None:
    """A round red stamp over the signer's title, its letters on a circle."""
    radius = 150
    ink = Image.new("RGBA", page.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(ink)
    for size, width in ((radius, 6), (radius - 14, 2), (62, 2)):
        pen.ellipse((x - size, y - size, x + size, y + size), outline=(*RED, 225), width=width)
    face = font("Bold", 27)
    for index, letter in enumerate(STAMP_TEXT):
        angle = -210 + 240 * index / (len(STAMP_TEXT) - 1)
        tile = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
        ImageDraw.Draw(tile).text((30, 30), letter, font=face, fill=(*RED, 225), anchor="mm")
        turned = tile.rotate(-angle - 90, resample=Image.Resampling.BICUBIC)
        at = (x + (radius - 38) * math.cos(math.radians(angle)), y + (radius - 38) * math.sin(math.radians(angle)))
        ink.alpha_composite(turned, (round(at[0]) - 30, round(at[1]) - 30))
    # ink on ink darkens: a stamp never hides the black print under it
    coloured = Image.alpha_composite(Image.new("RGBA", page.size, "white"), ink).convert("RGB")
    page.paste(ImageChops.multiply(page, coloured))


def _signature(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    points = [
        (x + 2.6 * step, y + 70 * math.sin(step / 9) * math.exp(-step / 90) + 16 * math.sin(step / 3.1))
        for step in range(110)
    ]
    pen.line(points, fill=BLUE, width=5, joint="curve")


def photograph(page: Image.Image) -> np.ndarray:
    """The paper on a wooden table, seen at an angle in uneven light by a phone."""
    chance = np.random.default_rng(SEED)
    width, height = PHOTO
    table = _wood(width, height, chance)
    corners = np.array([[230, 168], [2038, 240], [1973, 2793], [132, 2708]], np.float32)
    flat = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    view = cv2.getPerspectiveTransform(flat, corners)
    sheet = cv2.warpPerspective(np.asarray(page, np.float32), view, PHOTO, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.ones((HEIGHT, WIDTH), np.float32), view, PHOTO, flags=cv2.INTER_AREA)[..., None]
    shade = cv2.GaussianBlur(mask[..., 0], (0, 0), 22)
    table *= (1 - 0.45 * np.roll(shade, (18, 14), (0, 1)))[..., None]  # the sheet's own shadow
    scene = table * (1 - mask) + sheet * mask
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    light = 1.02 - 0.38 * across - 0.12 * down
    light *= 1 - 0.34 / (1 + np.exp((0.42 - across - 0.35 * (down - 0.5)) * 26))  # a hand's shadow from the right
    scene *= light[..., None] * np.array([1.0, 0.965, 0.90])  # warm lamp
    scene = cv2.GaussianBlur(scene, (0, 0), 0.9)
    scene += cv2.GaussianBlur(chance.normal(0, 9, scene.shape).astype(np.float32), (0, 0), 0.6)
    return np.clip(scene, 0, 255).astype(np.uint8)


def _wood(width: int, height: int, chance: np.random.Generator) -> np.ndarray:
    grain = cv2.GaussianBlur(chance.normal(0, 1, (height, width)).astype(np.float32), (0, 0), sigmaX=60, sigmaY=1.6)
    grain = 14 * grain / grain.std()
    return np.array([104, 76, 52], np.float32) + grain[..., None]


def main() -> None:
    """Write the photo and the truth beside it."""
    page, lines = typeset()
    photo = photograph(page)
    picture = HERE / "giay-khai-sinh.jpg"
    Image.fromarray(photo).save(picture, quality=70, optimize=True, subsampling=2)
    truth = {"file": picture.name, "fields": PERSON, "lines": lines}
    text = json.dumps(truth, ensure_ascii=False, indent=2)
    (HERE / "giay-khai-sinh.json").write_text(text + "\n", encoding="utf-8")
    print(f"{picture.name}: {picture.stat().st_size} bytes")


if __name__ == "__main__":
    main()
