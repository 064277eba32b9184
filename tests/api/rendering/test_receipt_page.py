"""The page of a receipt slip: every letter, long names, many papers, nothing that could mislead."""

import io
import re
import unicodedata
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import pdfa

from api.errors import ContentNotPrintable
from api.rendering.page import render_receipt
from api.rendering.printable import printable, printable_letters
from api.rendering.receipt_content import MOST_COMPONENTS, receipt_content
from signing.pades.pages import opened_pages
from tests.api.slip_desk import said

# every letter of Vietnamese: vowels with each quality and tone, and the consonants
_QUALITIES = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
LETTERS = (
    "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in _QUALITIES for tone in _TONES) + "bcdđghklmnpqrstvx"
)


def paper(number: int, **changes: str) -> dict[str, str]:
    counts = {"originals": "1", "copies": "0", "electronic": "0", "reused": "0"}
    return {"name": f"Giấy tờ thứ {number}", **counts, **changes}


def content(**changes: Any) -> dict[str, Any]:
    papers = changes.setdefault("components", [paper(1)])
    return {
        "agency": "Ủy ban nhân dân phường Yên Giang",
        "desk": "Trung tâm Phục vụ hành chính công thị xã Quảng Yên",
        "dossier_code": "H49.61.07-261123-0001",
        "replaces": None,
        "issued_on": "2026-11-23",
        "applicant": "Nguyễn Thị Thu Trang",
        "procedure": "Cấp bản sao trích lục khai sinh",
        "procedure_code": "9.000001",
        "channel": "Nộp trực tiếp",
        "totals": {"originals": str(len(papers)), "copies": "0", "electronic": "0", "reused": "0"},
        "fee": None,
        "deadline": "3 ngày làm việc",
        "received_at": "09 giờ 00 phút, ngày 23 tháng 11 năm 2026",
        "due_at": "ngày 26 tháng 11 năm 2026, trong giờ làm việc",
        "officer": {"name": "Phạm Đức Hưng", "title": "Công chức tiếp nhận hồ sơ"},
        "verification_url": "https://anso.example.vn/v/k3v7q2m9t4x8b6n1c5z0w3y7ra",
        **changes,
    }


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_every_letter_of_a_vietnamese_name_stands_on_the_page() -> None:
    names = [LETTERS.upper()[:70], LETTERS.upper()[70:], LETTERS]
    for name in names:
        assert squeezed(name) in squeezed(said(render_receipt(content(applicant=name))))


def test_a_name_typed_in_parts_is_printed_composed() -> None:
    parted = unicodedata.normalize("NFD", "Nguyễn Thị Ánh")
    assert receipt_content(content(applicant=parted))["applicant"] == "Nguyễn Thị Ánh"


def test_the_same_content_gives_the_same_archival_bytes() -> None:
    first, second = render_receipt(content()), render_receipt(content())
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as document:
        assert not pdfa.check(document, "2b").violations


def inked(pdf: bytes, page: int = 0) -> tuple[int, int, int, int]:
    """The box around everything that is drawn on a page, in points from the top left."""
    with opened_pages(pdf) as document:
        box = document[page].render(scale=1).to_pil().convert("L").point(lambda ink: 255 if ink < 200 else 0).getbbox()
    assert box is not None
    return box


def test_long_names_wrap_inside_the_margins_and_push_nothing_off_the_page() -> None:
    long = content(
        agency="Ủy ban nhân dân " * 15,
        desk="Trung tâm " * 25,
        applicant="Nguyễn" * 42,  # one word, longer than a line
        procedure="Cấp bản sao trích lục " * 45,
        components=[paper(1, name="Giấytờ" * 160)],
        officer={"name": "Ỹ" * 240, "title": "ỵ" * 240},
    )
    pdf = render_receipt(long)
    with opened_pages(pdf) as document:
        count = len(document)
    for page in range(count):
        left, _, right, bottom = inked(pdf, page)
        assert left >= 60
        assert right <= 595 - 45
        assert bottom <= 842 - 20
    text = squeezed(said(pdf))
    for value in (long["applicant"], long["procedure"]):
        assert squeezed(value) in text
    assert (text.count("Ỹ"), text.count("ỵ")) == (240, 240)  # beside them stands the address of the QR code


def test_the_room_for_the_mark_is_free() -> None:
    assert inked(render_receipt(content()))[1] >= 60  # 22 mm


def test_five_hundred_papers_stand_in_order_on_as_many_pages_as_they_need() -> None:
    pdf = render_receipt(content(components=[paper(number) for number in range(1, MOST_COMPONENTS + 1)]))
    with opened_pages(pdf) as document:
        pages = len(document)
    assert pages > 5
    text = said(pdf)
    rows = [int(number) for number in re.findall(r"(\d+) Giấy tờ thứ \1 1 0 0 0", text)]
    assert rows == list(range(1, MOST_COMPONENTS + 1))
    assert text.count("Tên giấy tờ") >= pages - 1  # the heading of the table on every page of it
    assert f"{pages}/{pages}" in text
    assert "Cộng 500 0 0 0" in text
    assert "NGƯỜI TIẾP NHẬN HỒ SƠ" in said(pdf, page=pages)


@pytest.mark.parametrize("field", ["applicant", "agency", "desk", "procedure", "replaces"])
@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200f", "\x00", "\n", "\ufeff", "\ue000", "王"])
def test_what_would_mislead_or_cannot_be_drawn_is_refused_by_name(field: str, character: str) -> None:
    with pytest.raises(ContentNotPrintable) as refused:
        receipt_content(content(**{field: f"Nguyễn{character}An"}))
    assert refused.value.code == "CONTENT_NOT_PRINTABLE"
    assert f"{field}:" in str(refused.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"personal_id": "022193900013"},
        {"components": [paper(1)] * (MOST_COMPONENTS + 1)},
        {"components": [paper(1, copies="-1")]},
        {"verification_url": "javascript:alert(1)"},
        {"issued_on": "2026-02-30"},
        {"applicant": None},
    ],
)
def test_what_a_slip_does_not_carry_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ContentNotPrintable):
        receipt_content(content(**wrong))


_TYPED = st.text(
    st.sampled_from(sorted(set(LETTERS + LETTERS.upper() + " -'#*_$@\\<>[]{}()\"`~=/"))), min_size=1, max_size=60
)


@settings(max_examples=3, deadline=None)
@given(names=st.lists(_TYPED.filter(str.strip), min_size=10, max_size=30))
def test_a_name_is_shown_as_text_whatever_it_looks_like(names: list[str]) -> None:
    assert printable_letters() >= set("".join(names))
    text = squeezed(said(render_receipt(content(components=[paper(1, name=name) for name in names]))))
    for number, name in enumerate(names, start=1):
        assert squeezed(f"{number}{printable(name, 'name', limit=255)}1000") in text
