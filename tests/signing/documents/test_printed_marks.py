"""Marks that are printed into a page before its first signature: nothing of the page is lost or covered."""

import io
from types import ModuleType
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import pdfa

from signing.pades import TextMark, print_mark, with_room
from signing.pades.refusals import DocumentClosed
from signing.pades.widget import place_mark

LINES = ("CHUYỂN ĐỔI TỪ BẢN GIẤY", "Ủy ban nhân dân phường Yên Giang", "2026-11-23T09:30:05+07:00")


def shown(pdf: bytes, page: int = 0) -> Any:
    document = pdfium.PdfDocument(pdf)
    picture = np.asarray(document[page].render(scale=1).to_pil().convert("L"), np.int16)
    document.close()
    return picture


def scan(*, rotation: int = 0, shared: bool = False) -> bytes:
    """Pages with a picture over the whole of them, and text over the whole picture, as scans have it."""
    pdf = pikepdf.new()
    grey = pikepdf.Stream(pdf, bytes(range(256)))
    grey.Type, grey.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    grey.Width, grey.Height, grey.BitsPerComponent, grey.ColorSpace = 16, 16, 8, pikepdf.Name.DeviceGray
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Picture=grey), Font=pikepdf.Dictionary(F=font))
    if shared:
        resources = pdf.make_indirect(resources)
    words = b"".join(b"1 0 0 1 20 %d Tm (%s) Tj " % (y, b"word " * 18) for y in range(20, 390, 14))
    for _ in range(2):
        pdf.add_blank_page(page_size=(400, 400))
        page = pdf.pages[-1].obj
        page.Resources, page.Rotate = resources, rotation
        # unbalanced on purpose: what comes behind must not inherit it
        page.Contents = pikepdf.Stream(pdf, b"0.5 g q 400 0 0 400 0 0 cm /Picture Do Q BT /F 9 Tf " + words + b"ET q")
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def mark(font: bytes) -> TextMark:
    return TextMark(lines=LINES, font=font)


def test_everything_that_was_on_the_page_is_still_there(sample_pdf: ModuleType, mark: TextMark) -> None:
    before = sample_pdf.page()
    after = print_mark(before, mark)
    assert after.startswith(before)
    difference = shown(before) != shown(after)
    rows, columns = np.nonzero(difference)
    assert difference.any()
    height, width = difference.shape
    assert rows.max() < height * 0.2
    assert columns.min() > width - 180


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_full_page_grows_at_the_top_and_loses_nothing(mark: TextMark, rotation: int, shared: bool) -> None:  # noqa: FBT001 - pytest gives it
    before = scan(rotation=rotation, shared=shared)
    after = print_mark(before, mark, then=TextMark(lines=("BẢN SỐ HÓA", "12:00"), font=mark.font))
    assert after.startswith(before)
    old, new = shown(before), shown(after)
    grown = new.shape[0] - old.shape[0]
    assert grown > 50
    assert new.shape[1] == old.shape[1]
    assert np.abs(new[grown:] - old).max() <= 1
    assert new[:grown].min() < 100  # the mark, in the room above
    assert (shown(before, 1) == shown(after, 1)).all()  # shared resources: the other page is as it was


def test_the_text_of_a_printed_mark_can_be_read(sample_pdf: ModuleType, mark: TextMark) -> None:
    document = pdfium.PdfDocument(print_mark(sample_pdf.page(), mark))
    text = document[0].get_textpage().get_text_bounded()
    document.close()
    for line in LINES:
        assert line in text


def test_a_mark_can_be_printed_twice(sample_pdf: ModuleType, mark: TextMark) -> None:
    once = print_mark(sample_pdf.page(), mark)
    twice = print_mark(once, mark)
    assert (shown(once) != shown(twice)).any()


def test_a_signed_page_is_fixed(small_signed: bytes, mark: TextMark) -> None:
    with pytest.raises(DocumentClosed):
        print_mark(small_signed, mark)


def test_room_is_made_only_where_there_is_none(sample_pdf: ModuleType, mark: TextMark) -> None:
    page = sample_pdf.page()
    assert with_room(page, mark) == page
    full = scan()
    grown = with_room(full, mark)
    assert grown.startswith(full)
    assert place_mark(grown, mark).box.bottom > 400


def test_a_grown_and_printed_pdf_a_stays_one(mark: TextMark) -> None:
    with pikepdf.open(io.BytesIO(scan())) as document:
        for page in document.pages:
            page.obj.Contents = pikepdf.Stream(document, b"q 400 0 0 400 0 0 cm /Picture Do Q")
            del page.obj.Resources["/Font"]
        out = io.BytesIO()
        pdfa.save(document, out, "2b")
    with pikepdf.open(io.BytesIO(print_mark(out.getvalue(), mark))) as document:
        assert not pdfa.check(document, "2b").violations
