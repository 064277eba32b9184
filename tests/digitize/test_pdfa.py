"""The searchable copy: valid PDF/A-2b, the picture passed through, words where they stand."""

import io
import math

import numpy as np
import pikepdf
import pikepdf.pdfa
import pypdfium2 as pdfium
import pytest
from PIL import Image

from digitize import pdfa
from digitize.errors import NotArchivable
from digitize.intake import Limits
from digitize.intake.door import open_source
from digitize.intake.pictures import group4
from digitize.model import Line, Page, PageImage, Quad, Word
from digitize.preprocess import turn
from tests.digitize.papers import AT, encoded, quad

SIZE = (240, 160)


def picture_of(image: Image.Image, encoding: str) -> bytes:
    if encoding == "g4":
        return group4(image.convert("1"))
    return encoded(image, {"jpeg": "JPEG", "png": "PNG"}[encoding])


def marked() -> Image.Image:
    image = Image.new("RGB", SIZE, "white")
    image.paste((0, 0, 0), (0, 0, SIZE[0] // 2, SIZE[1] // 2))
    return image


def page(words: list[tuple[str, Quad]], width: int = SIZE[0], height: int = SIZE[1]) -> Page:
    lines = tuple(Line(words=(Word(text=text, confidence=0.9, quad=place),), quad=place) for text, place in words)
    return Page(number=1, width=width, height=height, dpi=72, lines=lines)


def written(stored: PageImage, words: list[tuple[str, Quad]] | None = None) -> bytes:
    return pdfa.write_pdfa([(page(words or [], stored.width, stored.height), stored)], title="Thử", at=AT)


def stored(encoding: str, **changes: object) -> PageImage:
    values = {
        "width": SIZE[0],
        "height": SIZE[1],
        "dpi": 72,
        "encoding": encoding,
        "data": picture_of(marked(), encoding),
    }
    return PageImage(**(values | changes))  # type: ignore[arg-type] # the fields of a picture


def shown(pdf: bytes) -> np.ndarray:
    return np.asarray(pdfium.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("L"))


@pytest.mark.parametrize("encoding", ["jpeg", "png", "g4"])
def test_the_written_copy_is_pdfa_2b_and_shows_the_picture(encoding: str) -> None:
    pdf = written(stored(encoding), [("Quảng", quad(10, 100, 60, 120))])
    assert pikepdf.pdfa.validate_written(io.BytesIO(pdf), "2b").passed
    image = shown(pdf)
    assert image.shape == (SIZE[1], SIZE[0])
    assert image[10:70, 10:110].max() < 80
    assert image[90:150, 130:230].min() > 180


def test_a_grey_jpeg_is_grey_in_the_copy() -> None:
    pdf = written(stored("jpeg", data=encoded(marked().convert("L"))))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.pages[0].get_images()["/Picture"].ColorSpace == pikepdf.Name.DeviceGray


def test_a_scanners_jpeg_goes_in_byte_for_byte() -> None:
    jpeg = picture_of(marked(), "jpeg")
    assert jpeg in written(stored("jpeg"))


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_picture_that_lies_on_its_side_is_shown_upright(turns: int, mirrored: bool) -> None:  # noqa: FBT001 - a parameter of the test
    upright = np.asarray(marked())
    lying = turn(upright, -turns)  # what has to be turned so often to be upright
    if mirrored:
        lying = lying[:, ::-1]
    data = encoded(Image.fromarray(lying), "PNG")
    pdf = written(stored("png", data=data, quarter_turns=turns, is_mirrored=mirrored))
    image = shown(pdf)
    assert image.shape == (SIZE[1], SIZE[0])
    assert image[10:70, 10:110].max() < 80
    assert image[90:150, 130:230].min() > 180


def test_words_are_found_where_they_stand() -> None:
    words = [("Cộng", quad(20, 90, 70, 110)), ("hòa", quad(80, 90, 120, 110)), ("𝔸b", quad(20, 120, 60, 140))]
    text = pdfium.PdfDocument(written(stored("jpeg"), words))[0].get_textpage()
    assert text.get_text_range().split() == ["Cộng", "hòa", "b"]  # a letter beyond the font's codes is left out
    assert text.count_rects() >= 2
    left, bottom, right, top = text.get_rect(0)
    assert abs(left - 20) < 3
    assert abs(right - 70) < 16  # with the space behind the word
    assert abs((SIZE[1] - top) - 90) < 8
    assert abs((SIZE[1] - bottom) - 110) < 8


def test_words_of_a_slanted_line_are_slanted() -> None:
    angle = math.radians(8)
    along, down = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))
    start = (30.0, 40.0)

    def corner(x: float, y: float) -> tuple[float, float]:
        return (start[0] + x * along[0] + y * down[0], start[1] + x * along[1] + y * down[1])

    place = Quad(corners=(corner(0, 0), corner(150, 0), corner(150, 20), corner(0, 20)))
    pdf = written(stored("jpeg"), [("nghiêng", place)])
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        matrix = next(
            operands for operands, operator in pikepdf.parse_content_stream(opened.pages[0]) if str(operator) == "Tm"
        )
    assert float(matrix[0]) == pytest.approx(math.cos(angle), abs=0.01)
    assert float(matrix[1]) == pytest.approx(-math.sin(angle), abs=0.01)  # the PDF's y axis runs upwards


@pytest.mark.parametrize("place", [quad(10, 10, 10, 20), quad(10, 10, 40, 10)])
def test_a_word_without_width_or_height_is_left_out(place: Quad) -> None:
    text = pdfium.PdfDocument(written(stored("jpeg"), [("x", place)]))[0].get_textpage()
    assert text.get_text_range().strip() == ""


def test_the_same_pages_give_the_same_content_on_every_day() -> None:
    first, second = written(stored("jpeg")), written(stored("jpeg"))
    with pikepdf.open(io.BytesIO(first)) as a, pikepdf.open(io.BytesIO(second)) as b:
        assert a.pages[0].Contents.read_bytes() == b.pages[0].Contents.read_bytes()


def test_a_copy_that_is_not_pdfa_is_never_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise pikepdf.pdfa.PdfaError(report)

    report = pikepdf.pdfa.validate_written(io.BytesIO(written(stored("jpeg"))), "2b")
    monkeypatch.setattr(pikepdf.pdfa, "save", refuse)
    with pytest.raises(NotArchivable) as caught:
        written(stored("jpeg"))
    assert caught.value.code == "SCAN_NOT_PDFA"


def test_a_two_tone_scan_stays_small() -> None:
    noise = np.random.default_rng(2).integers(0, 255, (400, 300), np.uint8)
    source = encoded(Image.fromarray(noise).convert("1"), "TIFF", compression="group4")
    opened = open_source(source, Limits()).page(0)
    assert opened.picture.encoding == "g4"
    assert len(opened.picture.data) < 1.05 * len(source)
