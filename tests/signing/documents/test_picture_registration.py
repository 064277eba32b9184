"""What becomes a registered picture of a mark: paper taken away, colour and shape checked, hostile files refused."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from signing.pades.refusals import MarkPictureUnfit, MarkUnreadable
from signing.pades.registering import MAX_UPLOAD_BYTES, clean_picture

BLUE, RED, BLACK = (20, 60, 160), (200, 20, 30), (20, 20, 20)


def png(image: Image.Image, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, how.pop("kind", "PNG"), **how)
    return out.getvalue()


def handwriting(
    colour: tuple[int, int, int] = BLUE,
    ground: tuple[int, int, int] = (252, 252, 248),
    size: tuple[int, int] = (700, 300),
) -> Image.Image:
    image = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(image)
    points = [(size[0] * (0.1 + 0.008 * n), size[1] * (0.5 + 0.3 * np.sin(n / 4))) for n in range(100)]
    draw.line(points, fill=colour, width=max(3, size[1] // 40))
    return image


def ring(colour: tuple[int, int, int] = RED, size: int = 600, squeeze: float = 1.0) -> Image.Image:
    image = Image.new("RGB", (size + 80, size + 80), (250, 250, 250))
    draw = ImageDraw.Draw(image)
    for inset in (0, size // 10, size // 4):
        box = (40 + inset, 40 + inset * squeeze, 40 + size - inset, 40 + (size - inset) * squeeze)
        draw.ellipse(box, outline=colour, width=max(3, size // 60))
    return image


def test_a_scan_on_paper_becomes_transparent_ink_cut_to_its_edges() -> None:
    clean = clean_picture(png(handwriting()), "signature")
    image = np.asarray(Image.open(io.BytesIO(clean.png)))
    alpha = image[..., 3]
    assert (alpha == 0).mean() > 0.5
    assert alpha[0].max() > 0
    assert alpha[:, 0].max() > 0
    ink = image[alpha > 200]
    assert np.abs(ink[:, :3].astype(int) - BLUE).max() < 40
    # back on white it looks as it was scanned
    paper = Image.new("RGBA", (clean.width, clean.height), (255, 255, 255, 255))
    paper.alpha_composite(Image.open(io.BytesIO(clean.png)))
    assert np.asarray(paper.convert("L")).max() == 255


def test_a_picture_that_is_transparent_already_keeps_its_edges() -> None:
    drawn = handwriting(ground=(255, 255, 255)).convert("RGBA")
    pixels = np.array(drawn)
    pixels[..., 3] = np.where(pixels[..., :3].min(axis=2) > 200, 0, 255)
    clean = clean_picture(png(Image.fromarray(pixels)), "signature")
    assert clean.height == pytest.approx(clean_picture(png(drawn.convert("RGB")), "signature").height, abs=3)


def test_a_seal_stays_square_and_is_never_stretched() -> None:
    clean = clean_picture(png(ring(squeeze=0.97)), "seal")
    assert clean.width == clean.height
    image = np.asarray(Image.open(io.BytesIO(clean.png)))
    assert image[0, :, 3].max() == 0  # the missing three hundredths are clear, above and below


def test_large_scans_are_brought_to_the_resolution_of_print() -> None:
    clean = clean_picture(png(ring(size=1300)), "seal")
    assert clean.width == clean.height == 1000
    assert clean_picture(png(handwriting(size=(1800, 800))), "signature").height == 375


def test_nothing_of_the_uploaded_file_goes_on_but_its_pixels() -> None:
    note = PngInfo()
    note.add_text("Comment", "079204000001")
    clean = clean_picture(png(handwriting(), pnginfo=note), "signature")
    assert b"079204" not in clean.png
    photograph = png(handwriting(), kind="JPEG", quality=95, exif=Image.Exif())
    assert clean_picture(photograph, "signature").png[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("upload", "kind", "words"),
    [
        (b"", "signature", "rỗng"),
        (bytes(MAX_UPLOAD_BYTES + 1), "signature", "5 MB"),
        (b"GIF89a", "signature", "PNG hoặc JPEG"),
        (b"\x89PNG\r\n\x1a\n broken", "signature", "PNG hoặc JPEG"),
        (png(Image.new("1", (4000, 4000))), "signature", "12 triệu"),
        (png(handwriting(), kind="GIF"), "signature", "PNG hoặc JPEG"),
        (png(handwriting(), save_all=True, append_images=[handwriting(BLACK)]), "signature", "động"),
        (png(handwriting(BLACK)), "signature", "xanh"),
        (png(handwriting(RED)), "signature", "xanh"),
        (png(ring(BLUE)), "seal", "đỏ"),
        (png(ring(squeeze=0.7)), "seal", "tròn"),
        (png(ring(size=120)), "seal", "quá nhỏ"),
        (png(handwriting(size=(120, 50))), "signature", "quá nhỏ"),
        (png(Image.new("RGB", (400, 300), (255, 255, 255))), "signature", "nét mực"),
        (png(handwriting(ground=(90, 90, 90))), "signature", "giấy trắng"),
        (png(Image.new("RGBA", (300, 300), (*BLUE, 255)).resize((300, 300))), "signature", "giấy"),
    ],
)
def test_what_is_no_signature_or_seal_is_refused_with_its_reason(upload: bytes, kind: str, words: str) -> None:
    with pytest.raises(MarkPictureUnfit) as caught:
        clean_picture(upload, kind)
    assert isinstance(caught.value, MarkUnreadable)
    assert caught.value.code == "MARK_PICTURE_UNFIT"
    assert words in caught.value.detail_vi
    assert caught.value.detail_en


def test_a_blot_is_no_signature() -> None:
    image = Image.new("RGB", (500, 400), (255, 255, 255))
    ImageDraw.Draw(image).rectangle((100, 100, 380, 300), fill=BLUE)
    with pytest.raises(MarkPictureUnfit, match="ink share"):
        clean_picture(png(image), "signature")


def test_a_stroke_that_is_too_narrow_is_no_signature() -> None:
    image = Image.new("RGB", (200, 400), (255, 255, 255))
    ImageDraw.Draw(image).line((100, 50, 104, 350), fill=BLUE, width=8)
    with pytest.raises(MarkPictureUnfit, match="wrong shape"):
        clean_picture(png(image), "signature")
