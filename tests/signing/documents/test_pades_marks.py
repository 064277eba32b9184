"""Visible marks: where the law wants them, every Vietnamese letter proved by rendering, nothing else covered."""

import io
import unicodedata
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from signing.errors import MalformedDocument
from signing.pades import (
    Box,
    PersonMark,
    SealMark,
    TextMark,
    drawn_seal,
    drawn_signature,
    find_signer_block,
    shown_time,
)
from signing.pades.covering import Kind, Thing
from signing.pades.geometry import POINTS_PER_MM, Frame
from signing.pades.pages import frame_of, opened_pages, signature_widgets
from signing.pades.placing import free_text_box, person_box, seal_box
from signing.pades.refusals import MarkHasNoPlace, MarkUnreadable
from signing.pades.typeface import require_letters, scaled_font, text_width
from signing.pades.widget import place_mark

SCALE = 3
VOWELS = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"]
LETTERS = sorted(
    {unicodedata.normalize("NFC", v + t) for v in VOWELS for t in TONES} | {"đ"},
) + sorted({unicodedata.normalize("NFC", v + t).upper() for v in VOWELS for t in TONES} | {"Đ"})


class Full:
    """A page with text everywhere."""

    def under(self, box: Any):
        return (Thing(kind=Kind.TEXT, box=box),)


def shown(pdf: Any, page: Any = 0, scale: Any = SCALE):
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    image = document[page].render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    document.close()
    return image


def part(image: Any, box: Any, scale: Any = SCALE):
    top = image.height - box.top * scale
    return image.crop(
        (round(box.left * scale), round(top), round(box.right * scale), round(image.height - box.bottom * scale))
    )


def widget(pdf: Any, name: Any):
    return next(w.box for w in signature_widgets(pdf) if w.field_name == name)


def changed_box(before: Any, after: Any):
    """Bounding box, in pixels, of everything that looks different."""
    difference = np.abs(np.asarray(before, dtype=int) - np.asarray(after, dtype=int)).sum(axis=2) > 30
    rows, columns = np.where(difference.any(axis=1))[0], np.where(difference.any(axis=0))[0]
    return columns[0], rows[0], columns[-1], rows[-1]


def test_mark_a_is_blue_at_most_45_points_high_and_centred_between_title_and_name(sample_pdf: Any, signed_page: Any):
    block = find_signer_block(sample_pdf.page())
    box = widget(signed_page.pdf, "Person")
    assert box.height <= 45 + 0.01
    assert (box.left + box.right) / 2 == pytest.approx((block.left + block.right) / 2, abs=0.1)
    assert block.bottom - 0.1 <= box.bottom < box.top <= block.top + 0.1
    pixels = np.asarray(part(shown(signed_page.pdf), box), dtype=int).reshape(-1, 3)
    ink = pixels[pixels.sum(axis=1) < 600]
    assert len(ink) > 200
    assert (ink[:, 2] > ink[:, 0]).mean() > 0.95


def test_mark_b_is_red_in_its_real_size_over_the_left_third_of_a(signed_page: Any, sealed_page: Any):
    a, b = widget(sealed_page.pdf, "Person"), widget(sealed_page.pdf, "Seal")
    assert b.width == pytest.approx(36 * POINTS_PER_MM, abs=0.01)
    assert b.height == pytest.approx(b.width, abs=0.01)
    assert b.right == pytest.approx(a.left + a.width / 3, abs=0.01)
    assert (b.bottom + b.top) / 2 == pytest.approx((a.bottom + a.top) / 2, abs=0.01)
    pixels = np.asarray(part(shown(sealed_page.pdf), b), dtype=int)
    left_half = pixels[:, : pixels.shape[1] // 2].reshape(-1, 3)
    ink = left_half[left_half.sum(axis=1) < 600]
    assert len(ink) > 500
    assert (ink[:, 0] > ink[:, 2] + 50).mean() > 0.9


def test_nothing_outside_the_mark_changes(sample_pdf: Any, signed_page: Any, sealed_page: Any):
    for before, after, name in (
        (sample_pdf.page(), signed_page.pdf, "Person"),
        (signed_page.pdf, sealed_page.pdf, "Seal"),
    ):
        box, image = widget(after, name), shown(after)
        left, top, right, bottom = changed_box(shown(before), image)
        assert left >= box.left * SCALE - 2
        assert right <= box.right * SCALE + 2
        assert top >= image.height - box.top * SCALE - 2
        assert bottom <= image.height - box.bottom * SCALE + 2


def ink_profile(image: Any):
    """Share of dark pixels a column, over the inked part, stretched to 400 columns."""
    dark = (255 - np.asarray(image.convert("L"), dtype=float)) / 255
    columns = np.where(dark.sum(axis=0) > 0.3)[0]
    inked = dark[:, columns[0] : columns[-1] + 1].sum(axis=0)
    return np.interp(np.linspace(0, len(inked) - 1, 400), np.arange(len(inked)), inked), len(inked)


@pytest.mark.parametrize("letters", [LETTERS[n : n + 18] for n in range(0, len(LETTERS), 18)])
def test_every_vietnamese_letter_of_a_text_mark_looks_as_the_font_draws_it(
    sign: Any, sample_pdf: Any, font: Any, letters: Any
):
    text = "".join(letters)
    signed = sign(sample_pdf.page(top="6cm"), level="B-B", mark=TextMark(lines=(text,), font=font))
    box, scale = widget(signed.pdf, "Signature1"), 8
    rendered = part(shown(signed.pdf, scale=scale), box, scale)
    expected = Image.new("L", rendered.size, 255)
    ImageDraw.Draw(expected).text((3 * scale, 4), text, font=ImageFont.truetype(io.BytesIO(font), 10 * scale))
    mine, my_width = ink_profile(rendered)
    theirs, their_width = ink_profile(expected)
    assert my_width == pytest.approx(their_width, rel=0.02)  # the widths trap: text spread over twice its length
    assert np.corrcoef(mine, theirs)[0, 1] > 0.9


def test_marks_c_and_e_are_black_text_at_the_top_right(pki: Any, sign: Any, sample_pdf: Any, font: Any):
    mark = TextMark.for_annex(document_number="165/2025/QĐ-UBND", at=pki.at, font=font)
    assert mark.lines == ("165/2025/QĐ-UBND", "2026-08-05T09:00:00+07:00")
    signed = sign(sample_pdf.page(top="4cm"), level="B-B", mark=mark)
    box = widget(signed.pdf, "Signature1")
    with opened_pages(signed.pdf) as document:
        frame = frame_of(document, 0)
    assert (box.width, box.height) == (pytest.approx(170, abs=0.01), pytest.approx(30, abs=0.01))
    assert frame.width - box.right == pytest.approx(8, abs=0.01)
    assert frame.height - box.top == pytest.approx(8, abs=0.01)
    pixels = np.asarray(part(shown(signed.pdf), box), dtype=int).reshape(-1, 3)
    ink = pixels[pixels.sum(axis=1) < 300]
    assert len(ink) > 100
    means = ink.mean(axis=0)  # single pixels carry the renderer's colour fringes
    assert means.max() - means.min() < 10


def test_a_long_copy_text_wraps_into_a_taller_box_and_moves_below_what_stands_there(
    pki: Any, sign: Any, sample_pdf: Any, font: Any
):
    agency = "Ủy ban nhân dân phường Yên Giang, thành phố Hạ Long, tỉnh Quảng Ninh"
    mark = TextMark.for_copy(agency=agency, at=pki.at, font=font)
    first = sign(sample_pdf.page(top="6cm"), level="B-B", mark=mark, field_name="First")
    second = sign(first.pdf, level="B-B", mark=mark, field_name="Second")
    one, two = widget(second.pdf, "First"), widget(second.pdf, "Second")
    assert one.height > 30
    assert two.top <= one.bottom


def test_a_full_margin_has_no_place_for_a_text_mark():
    frame = Frame(page=0, crop=(0, 0, 595, 842), rotation=0)
    with pytest.raises(MarkHasNoPlace) as caught:
        free_text_box(frame, Full(), 30)
    assert caught.value.code == "MARK_PLACE"
    assert "dòng chữ" in caught.value.detail_vi
    assert "line of text" in caught.value.detail_en


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_on_a_rotated_page_the_mark_stands_upright_at_the_shown_top_right(
    sign: Any, sample_pdf: Any, font: Any, angle: Any
):
    body = '#set page(paper: "a4")\n#v(20cm) x'
    mark = TextMark(lines=("ẤN SỐ", "2026"), font=font)
    pdf = sample_pdf.rotated(sample_pdf.page(body=body), angle)
    signed = sign(pdf, level="B-B", mark=mark)
    box = widget(signed.pdf, "Signature1")
    with opened_pages(signed.pdf) as document:
        frame = frame_of(document, 0)
    assert frame.width - box.right == pytest.approx(8, abs=0.01)
    assert frame.height - box.top == pytest.approx(8, abs=0.01)
    upright = sign(sample_pdf.page(body=body), level="B-B", mark=mark)
    mine = np.asarray(part(shown(signed.pdf), box).resize((170, 30)).convert("L"), dtype=float)
    reference = part(shown(upright.pdf), widget(upright.pdf, "Signature1"))
    theirs = np.asarray(reference.resize((170, 30)).convert("L"), dtype=float)
    assert np.corrcoef(mine.ravel(), theirs.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_shown_and_user_space_are_inverse(rotation: Any):
    frame = Frame(page=2, crop=(10, 20, 500, 700), rotation=rotation)
    box = Box(page=2, left=30, bottom=40, right=90, top=140)
    again = frame.to_shown(*frame.to_user(box))
    assert (again.left, again.bottom, again.right, again.top) == (30, 40, 90, 140)


def test_a_cropped_page_keeps_the_mark_inside_what_is_shown(sign: Any, sample_pdf: Any, font: Any):
    signed = sign(sample_pdf.cropped(sample_pdf.page(top="5cm")), level="B-B", mark=TextMark(lines=("x",), font=font))
    box = widget(signed.pdf, "Signature1")
    assert 555 - box.right == pytest.approx(8, abs=0.01)
    assert 770 - box.top == pytest.approx(8, abs=0.01)


@pytest.mark.parametrize(("paper", "landscape"), [("a4", False), ("a3", True), ("a5", False)])
def test_the_signers_block_is_found_on_several_layouts(sample_pdf: Any, paper: Any, landscape: Any):
    block = find_signer_block(sample_pdf.page(paper=paper, landscape=landscape))
    assert block is not None
    assert 50 < block.height < 90
    assert block.width > 60


def test_the_block_of_the_last_signer_on_the_page_is_taken_and_a_page_without_one_has_none(sample_pdf: Any):
    two = """#set page(paper: "a4")
#set text(font: "Tinos", size: 13pt)
#grid(columns: (1fr, 1fr), align(center)[*NGƯỜI LẬP* #v(2cm) *Trần Văn Bình*],
  align(center)[*GIÁM ĐỐC* #v(2cm) *Lê Thị Hoà*])"""
    block = find_signer_block(sample_pdf.page(body=two))
    assert block.left > 300
    assert find_signer_block(sample_pdf.page(body='#set page(paper: "a4")\nKhông có người ký ở đây.')) is None
    with pytest.raises(MalformedDocument):
        find_signer_block(b"no pdf")


def test_a_person_mark_without_a_block_says_so(sample_pdf: Any, signature_picture: Any):
    pdf = sample_pdf.page(body='#set page(paper: "a4")\nKhông có người ký.')
    with pytest.raises(MarkHasNoPlace):
        place_mark(pdf, PersonMark(picture=signature_picture))
    block = Box(page=0, left=100, bottom=100, right=200, top=130)
    assert place_mark(pdf, PersonMark(picture=signature_picture, block=block)).box.height == pytest.approx(30)
    assert place_mark(pdf, SealMark(picture=signature_picture, block=block)).box.width > 100


def test_a_seal_that_would_leave_the_page_and_a_block_without_room_are_refused():
    frame = Frame(page=0, crop=(0, 0, 595, 842), rotation=0)
    with pytest.raises(MarkHasNoPlace):
        seal_box(Box(page=0, left=10, bottom=400, right=60, top=440), frame, 36)
    with pytest.raises(MarkHasNoPlace):
        person_box(Box(page=0, left=10, bottom=400, right=60, top=400), 2.5)


@pytest.mark.parametrize("picture", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n broken"])
def test_a_picture_that_cannot_be_read_is_refused(picture: Any, sample_pdf: Any):
    with pytest.raises(MarkUnreadable) as caught:
        place_mark(sample_pdf.page(), PersonMark(picture=picture))
    assert caught.value.code == "MARK_UNREADABLE"


def test_a_picture_bomb_is_refused(sample_pdf: Any):
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    with pytest.raises(MarkUnreadable):
        place_mark(sample_pdf.page(), PersonMark(picture=out.getvalue()))


def test_a_font_without_a_letter_or_no_font_is_refused(font: Any, sample_pdf: Any):
    with pytest.raises(MarkUnreadable, match="U\\+4E2D"):
        require_letters(font, "中")
    for bad in (b"", b"no font", bytes(17 * 1024 * 1024)):
        with pytest.raises(MarkUnreadable):
            scaled_font(bad)


def test_a_font_that_has_a_thousand_units_is_not_touched(font: Any):
    once = scaled_font(font)
    assert scaled_font(once) == once
    assert text_width(font, "Ấn số", 10) == pytest.approx(text_width(once, "Ấn số", 10), rel=0.01)


def test_stand_in_pictures_are_transparent_pngs_in_the_legal_colours(font: Any):
    for picture, channel in (
        (drawn_signature("Đỗ Thị Ỷ", font), 2),
        (drawn_seal("Sở Tư pháp tỉnh Quảng Ninh", font), 0),
    ):
        image = np.asarray(Image.open(io.BytesIO(picture)))
        ink = image[image[..., 3] > 200]
        assert (image[..., 3] == 0).mean() > 0.5
        assert (ink[:, channel] > 120).all()
    long_name = drawn_seal("Trung tâm Phục vụ hành chính công và Văn phòng Ủy ban nhân dân", font)
    assert Image.open(io.BytesIO(long_name)).size == (600, 600)


def test_times_on_marks_are_iso_8601_in_vietnamese_time(pki: Any):
    assert shown_time(pki.at) == "2026-08-05T09:00:00+07:00"
