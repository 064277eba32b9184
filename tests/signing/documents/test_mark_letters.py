"""Every letter of a text mark is the right one: two renderers draw the signed page, and each letter is recognised.

A letter without its tone, or with its neighbour's width, is extracted from the file as right and looks wrong: so the
drawn letter is compared with every Vietnamese letter that the font has, drawn by FreeType, and must be its own.
"""

import io
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from signing.pades import TextMark
from signing.pades.pages import signature_widgets
from signing.pades.typeface import font_for, text_width
from tests.fakes import marked_pages

VOWELS = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"]
LOWER = [unicodedata.normalize("NFC", v + t) for v in VOWELS for t in TONES] + ["đ"]
LETTERS = LOWER + [letter.upper() for letter in LOWER]
MARKED = [letter for letter in LETTERS if ord(letter) > 0x7F]
SCALE = 8  # pixels a point
SIZE = 10
PER_LINE = 8
LINES = 20

Renderer = Callable[[bytes], Image.Image]


def by_pdfium(pdf: bytes) -> Image.Image:
    """The first page, by the reader that also finds the places."""
    return marked_pages.shown(pdf, 0, scale=SCALE)


def by_poppler(pdf: bytes) -> Image.Image:
    """The first page, by a reader that has nothing in common with the one above."""
    drawn = subprocess.run(
        [str(shutil.which("pdftoppm")), "-png", "-r", str(72 * SCALE), "-f", "1", "-l", "1", "-"],
        input=pdf, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return Image.open(io.BytesIO(drawn.stdout)).convert("RGB")


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return [" ".join(LETTERS[n : n + PER_LINE]) for n in range(0, len(LETTERS), PER_LINE)]


@pytest.fixture(scope="module")
def signed(sign: Any, sample_pdf: Any, font: bytes, lines: list[str]) -> bytes:
    page = sample_pdf.page(body='#set page(paper: "a4")\n#set text(font: "Tinos")\n#v(24cm) x')
    return bytes(sign(page, level="B-B", mark=TextMark(lines=tuple(lines), font=font)).pdf)


@pytest.fixture(scope="module")
def known(font: bytes) -> dict[str, Any]:
    """Each letter as FreeType draws it from the font as it came, in a cell of its own."""
    face = ImageFont.truetype(io.BytesIO(font), SIZE * SCALE)
    return {letter: cell_of(letter, face, font) for letter in LETTERS}


def cell_of(letter: str, face: Any, font: bytes) -> Any:
    width = round(text_width(font, letter, SIZE) * SCALE)
    image = Image.new("L", (width, 16 * SCALE), 255)
    ImageDraw.Draw(image).text((0, 12 * SCALE), letter, font=face, fill=0, anchor="ls")
    return np.asarray(image, dtype=float)


def likeness(one: Any, other: Any) -> float:
    """How alike two cells are, wherever within two pixels: 1 is the same."""
    width = min(one.shape[1], other.shape[1])
    if abs(one.shape[1] - other.shape[1]) > SCALE // 2:
        return 0.0
    a, b = 255 - one[:, :width], 255 - other[:, :width]
    best = 0.0
    for down in (-2, -1, 0, 1, 2):
        for right in (-2, -1, 0, 1, 2):
            moved = np.roll(a, (down, right), axis=(0, 1))
            best = max(best, float((moved * b).sum() / np.sqrt((moved**2).sum() * (b**2).sum())))
    return best


def test_these_are_the_letters_of_vietnamese() -> None:
    assert len(set(MARKED)) == 134
    assert set("ĐđƠơƯưỄễỰự") <= set(MARKED)


@pytest.mark.parametrize("renderer", [by_pdfium, by_poppler])
def test_every_letter_is_drawn_as_itself_and_not_as_another(
    renderer: Renderer, signed: bytes, lines: list[str], known: dict[str, Any], font: bytes
) -> None:
    box = next(widget.box for widget in signature_widgets(signed))
    page = np.asarray(renderer(signed).convert("L"), dtype=float)
    wrong = []
    for number, line in enumerate(lines):
        base = box.top - 3 - SIZE * 0.9 - number * 12  # where text_drawing puts the line
        for at, letter in enumerate(line):
            if letter == " ":
                continue
            left = box.left + 3 + text_width(font, line[:at], SIZE)
            top = page.shape[0] - round((base + 12) * SCALE)
            width = known[letter].shape[1]
            cell = page[top : top + 16 * SCALE, round(left * SCALE) : round(left * SCALE) + width]
            # neighbours on other lines reach into the cell: only this line's height counts
            cell, own = (part[SCALE : 15 * SCALE] for part in (cell, known[letter]))
            others = {other: likeness(cell, known[other][SCALE : 15 * SCALE]) for other in rivals(letter)}
            mine = likeness(cell, own)
            if mine < 0.85 or any(mine <= likely for likely in others.values()):
                wrong.append((letter, round(mine, 2), max(others, key=others.__getitem__)))
    assert not wrong


def rivals(letter: str) -> list[str]:
    """The letters of the same base, with other tones and signs: what a lost sign would look like."""
    base = unicodedata.normalize("NFD", letter)[0]
    same = {"đ": "d", "Đ": "D"}.get(letter, base)
    return [other for other in LETTERS if other != letter and unicodedata.normalize("NFD", other)[0] == same] or ["a"]


def test_a_lost_sign_would_be_noticed(known: dict[str, Any]) -> None:
    """The comparison itself: no letter passes for another of the same base."""
    for letter in LETTERS:
        for other in rivals(letter):
            assert likeness(known[letter], known[other]) < 0.995, (letter, other)


def test_widths_in_the_file_are_those_of_the_font_in_thousandths(signed: bytes, font: bytes) -> None:
    with pikepdf.open(io.BytesIO(signed)) as document:
        fonts = [item for item in document.objects if isinstance(item, pikepdf.Dictionary) and "/W" in item]
        added = next(one for one in fonts if own(one))
        widths = sorted(float(width) for run in added.W if isinstance(run, pikepdf.Array) for width in run)
    expected = {round(1000 * text_width(font, letter, 1)) for letter in LETTERS}
    assert {round(width) for width in widths} >= {width for width in expected if width}
    assert max(widths) < 1100  # the widths trap: 2048 units in place of 1000


def own(font: Any) -> bool:
    """Whether a font has widths for most of the letters: the page's own text has few."""
    return sum(len(run) for run in font.W if hasattr(run, "__len__")) > 60


def test_the_cut_down_font_serves_vietnamese_and_the_whole_one_the_rest(font: bytes) -> None:
    common = font_for(font, "Ủy ban nhân dân – “Độc lập”")
    assert len(common) < len(font_for(font, "Ω")) / 2
    assert text_width(common, "Ấn số", 10) == pytest.approx(text_width(font, "Ấn số", 10), rel=0.01)
