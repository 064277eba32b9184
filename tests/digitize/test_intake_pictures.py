"""Pictures at the door: by content, within limits, upright."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitize.errors import (
    DamagedInput,
    EmptyInput,
    TooManyBytes,
    TooManyPages,
    TooManyPixels,
    UnsupportedInput,
)
from digitize.intake import Kind, Limits, sniff
from digitize.intake.door import open_source
from tests.digitize.papers import encoded

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "heic"
LIMITS = Limits(max_bytes=5_000_000, max_pixels=2_000_000, max_pages=3)


def corner_marked(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """White, with a black upper-left quarter."""
    picture = Image.new("RGB", size, "white")
    picture.paste((0, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    return picture


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that declares this many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("kind", "name"), [(Kind.JPEG, "JPEG"), (Kind.PNG, "PNG"), (Kind.TIFF, "TIFF")])
def test_a_file_is_what_its_bytes_say(kind: Kind, name: str) -> None:
    assert sniff(encoded(corner_marked(), name)) is kind


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 a zip named .pdf",
        b"GIF89a",
        b"<html>",
        b"\0" * 64,
        b"RIFF\0\0\0\0WEBPVP8 ",
        b" %PDF-1.7",
        b"....ftypavif",
    ],
)
def test_other_kinds_are_refused(data: bytes) -> None:
    with pytest.raises(UnsupportedInput) as caught:
        open_source(data, LIMITS)
    assert caught.value.code == "SCAN_UNSUPPORTED"


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(EmptyInput) as caught:
        open_source(b"", LIMITS)
    assert caught.value.code == "SCAN_EMPTY"


def test_a_file_over_the_limit_is_not_looked_at() -> None:
    with pytest.raises(TooManyBytes):
        open_source(b"\xff\xd8\xff" + b"\0" * 5_000_000, LIMITS)


@pytest.mark.parametrize("size", [(40_000, 40_000), (2_000, 2_000), (12_000, 9_000)])
def test_a_picture_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(TooManyPixels) as caught:
        open_source(bomb(*size), LIMITS)
    assert caught.value.code == "SCAN_TOO_MANY_PIXELS"


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_picture_that_is_cut_off_is_damaged(name: str, share: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    data = encoded(noise, name)
    with pytest.raises(DamagedInput) as caught:
        open_source(data[: int(len(data) * share)], LIMITS).page(0)
    assert caught.value.code == "SCAN_DAMAGED"


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0", b"II*\0\x08\0\0\0", b"\x89PNG\r\n\x1a\n", b"\0\0\0\x18ftypheic\0\0\0\0"]
)
def test_a_header_alone_is_damaged(data: bytes) -> None:
    with pytest.raises(DamagedInput):
        open_source(data, LIMITS)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_however_the_phone_was_held(orientation: int) -> None:
    upright = corner_marked()
    # what a camera stores: the inverse of what the tag tells a viewer to do
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = upright if orientation == 1 else upright.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = open_source(encoded(stored, exif=exif, quality=95), LIMITS).page(0)
    assert page.image.shape == (40, 60, 3)
    assert (page.picture.width, page.picture.height) == (60, 40)
    assert page.image[5:15, 5:25].max() < 60
    assert page.image[25:35, 35:55].min() > 200
    assert page.picture.encoding == "jpeg"  # the file itself goes into the copy


def test_every_page_of_a_tiff_is_given_and_too_many_are_refused() -> None:
    pages = [corner_marked((60 + n, 40)) for n in range(4)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:3])
    source = open_source(out.getvalue(), LIMITS)
    assert source.page_count == 3
    assert [source.page(n).image.shape[1] for n in range(3)] == [60, 61, 62]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    with pytest.raises(TooManyPages) as caught:
        open_source(out.getvalue(), LIMITS)
    assert caught.value.code == "SCAN_TOO_MANY_PAGES"


def test_a_large_page_behind_a_small_one_is_refused() -> None:
    out = io.BytesIO()
    corner_marked().save(out, "TIFF", save_all=True, append_images=[Image.new("1", (2_000, 2_000))])
    with pytest.raises(TooManyPixels):
        open_source(out.getvalue(), LIMITS)


@pytest.mark.parametrize(
    ("mode", "encoding"),
    [
        ("1", "g4"),
        ("L", "png"),
        ("RGB", "png"),
        ("RGBA", "png"),
        ("P", "png"),
        ("LA", "png"),
        ("CMYK", "png"),
        ("I;16", "png"),
    ],
)
def test_a_tiff_of_any_colour_becomes_rgb_and_is_kept_without_loss(mode: str, encoding: str) -> None:
    grey = corner_marked().convert("L")
    picture = (
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257) if mode == "I;16" else corner_marked().convert(mode)
    )
    page = open_source(encoded(picture, "TIFF"), LIMITS).page(0)
    assert page.picture.encoding == encoding
    assert page.image[5:15, 5:25].max() < 10
    assert page.image[25:35, 35:55].min() > 245


def test_transparent_paper_is_white() -> None:
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    page = open_source(encoded(picture, "PNG"), LIMITS).page(0)
    assert page.image.min() == 255


def test_the_declared_resolution_counts_when_a_scanner_can_have_made_it() -> None:
    assert open_source(encoded(corner_marked(), dpi=(300, 300)), LIMITS).page(0).dpi == 300
    assert open_source(encoded(corner_marked(), dpi=(72, 72)), LIMITS).page(0).dpi is None


def test_a_heic_photo_is_opened_and_kept_as_a_jpeg() -> None:
    source = open_source((VECTORS / "giay-xac-nhan.heic").read_bytes(), LIMITS)
    page = source.page(0)
    assert (source.kind, source.page_count) == (Kind.HEIC, 1)
    assert page.image.shape == (300, 900, 3)
    assert page.picture.encoding == "jpeg"
    assert page.dpi is None


def test_a_heic_photo_that_is_cut_off_or_too_large_is_refused() -> None:
    data = (VECTORS / "giay-xac-nhan.heic").read_bytes()
    with pytest.raises(DamagedInput):
        open_source(data[:4000], LIMITS).page(0)
    with pytest.raises(TooManyPixels):
        open_source(data, Limits(max_pixels=1000))
