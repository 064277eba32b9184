import pickle
import time
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from pikepdf import pdfa
from PIL import Image, ImageChops

from api.errors import AnsoError, ContentNotPrintable, RenderingFailed
from api.rendering import page
from api.rendering.page import render_result
from signing.pades import find_signer_block
from tests.api.rendering.result_contents import ADDRESS, birth_extract, decision

CONTENTS = pytest.mark.parametrize("content", [birth_extract(), decision()], ids=["birth_extract", "decision"])
LOWER = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"  # the whole alphabet
)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))


def words_of(pdf: bytes) -> str:
    return " ".join(text_of(pdf).split())


def image_of(pdf: bytes, scale: float = 200 / 72) -> Image.Image:
    return pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil().convert("L")


def ink_outside_the_margins(pdf: bytes) -> int:
    picture = image_of(pdf, scale=2)
    dark = picture.point(lambda value: 255 if value < 128 else 0)
    right_of_text = dark.crop((round((595 - 17 * 2.835 + 4) * 2), 0, picture.width, picture.height))
    return sum(1 for value in right_of_text.tobytes() if value)


@CONTENTS
def test_a_page_is_valid_pdfa_2b(content: dict[str, Any]) -> None:
    pdf = render_result(content)
    report = pdfa.validate_written(BytesIO(pdf), "2b")
    assert (report.passed, report.findings) == (True, [])


@CONTENTS
def test_the_same_content_gives_the_same_bytes_later(content: dict[str, Any]) -> None:
    first = render_result(content)
    time.sleep(1.1)  # past a second: the metadata of PDF count in seconds
    assert render_result(content) == first


@CONTENTS
def test_the_qr_code_on_the_printed_page_is_exactly_the_address(content: dict[str, Any]) -> None:
    found = zxingcpp.read_barcodes(image_of(render_result(content)))
    assert [code.text for code in found] == [ADDRESS]


def test_a_birth_extract_shows_frame_and_register_data() -> None:
    text = words_of(render_result(birth_extract()))
    for expected in (
        "THÀNH PHỐ HẠ LONG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 165/TLKS-BS",
        "Yết Kiêu, ngày 05 tháng 02 năm 2026",
        "TRÍCH LỤC KHAI SINH",
        "HOÀNG KHÁNH QUỲNH",
        "Ngày hai tháng mười năm hai nghìn không trăm mười chín",
        "022319674926",
        "ĐINH THỊ BÍCH PHƯỢNG",
        "Họ, chữ đệm, tên người cha: —",
        "TM. ỦY BAN NHÂN DÂN",
        "KT. CHỦ TỊCH",
        "PHÓ CHỦ TỊCH",
        "Nguyễn Thị Hồng Gấm",
        "- Lưu: VT, HT.",
    ):
        assert expected in text


def test_a_decision_shows_grounds_and_numbered_articles() -> None:
    text = words_of(render_result(decision()))
    for expected in (
        "Số: 1445/QĐ-UBND",
        "QUYẾT ĐỊNH:",
        "Điều 1. Phê duyệt mức",
        "Điều 2. Quyết định này",
        "Căn cứ Luật",
    ):
        assert expected in text


def test_what_a_register_does_not_know_is_shown_as_a_dash() -> None:
    text = words_of(render_result(birth_extract(personal_id=None, date_of_birth="1956")))
    assert "Số định danh cá nhân: —" in text
    assert "Ngày, tháng, năm sinh: 1956 Ghi bằng chữ: Năm một nghìn chín trăm năm mươi sáu" in text


def test_metadata_name_the_paper_its_agency_its_language_and_its_date() -> None:
    with pikepdf.open(BytesIO(render_result(birth_extract()))) as document:
        assert str(document.docinfo["/Title"]) == "Trích lục khai sinh số 165/TLKS-BS"
        assert str(document.docinfo["/Author"]) == "Ủy ban nhân dân phường Yết Kiêu"
        assert str(document.docinfo["/CreationDate"]).startswith("D:20260205")
        assert str(document.Root.Lang) == "vi-VN"


def test_every_vietnamese_letter_is_in_the_text_and_each_looks_different() -> None:
    pdf = render_result(decision(articles=[[" ".join(LOWER)], [" ".join(LOWER.upper())]]))
    text = words_of(pdf)
    assert " ".join(LOWER) in text
    assert " ".join(LOWER.upper()) in text


@pytest.mark.parametrize(("one", "other"), [("ế", "ề"), ("ữ", "ứ"), ("ặ", "ạ"), ("ỡ", "ở"), ("Ẵ", "Ẳ"), ("đ", "d")])
def test_a_letter_and_its_neighbour_are_drawn_differently(one: str, other: str) -> None:
    # text extraction would also "find" a letter that is drawn as an empty box: only the picture shows it
    pictures = [image_of(render_result(decision(subject=letter * 8))) for letter in (one, other)]
    assert ImageChops.difference(*pictures).getbbox() is not None


def test_a_decomposed_name_is_printed_composed() -> None:
    content = birth_extract()
    content["signer"]["name"] = "Nguye\u0302\u0303n Thi\u0323 Hồng Gấm"
    assert render_result(content) == render_result(birth_extract())


@pytest.mark.parametrize(
    "attempt",
    [
        '#panic("x")',
        '#read("/etc/passwd")',
        "$x^2$ *đậm* _nghiêng_ = Đề mục",
        '"] #import "base.typ": *',
        "\\u{41} \\ // chú thích /* mở",
        "<nhãn> @nhãn `raw` https://example.vn",
        '{"khóa": [1]}',
        "- mục 1. mục + mục ~ --- ...",
    ],
)
def test_markup_in_a_value_stays_text(attempt: str) -> None:
    pdf = render_result(decision(subject=attempt))
    assert attempt.replace(" ", "") in words_of(pdf).replace(" ", "")
    with pikepdf.open(BytesIO(pdf)) as document:
        assert "/Annots" not in document.pages[0]


@pytest.mark.parametrize("word", ["W" * 250, "ệ" * 250, "0123456789" * 25])
def test_a_word_longer_than_the_line_is_broken_inside_the_margins(word: str) -> None:
    pdf = render_result(birth_extract(place_of_birth=word))
    assert ink_outside_the_margins(pdf) == 0
    assert word in "".join(text_of(pdf).split())


def test_the_longest_values_that_are_taken_fit_into_the_frame() -> None:
    content = decision(subject="Về việc " + "hỗ trợ " * 55)
    content["agency"] = {"parent": "Ủy ban " * 22, "name": "Sở Nội vụ " * 15}
    content["recipients"] = ["Trung tâm Phục vụ hành chính công " * 4] * 20
    content["signer"] = {"capacity": ["TM. " + "Ủy ban " * 13] * 3, "title": "Phó " * 25, "name": "Nguyễn " * 17}
    assert ink_outside_the_margins(render_result(content)) == 0


def test_a_long_decision_runs_over_several_pages_with_numbers_from_the_second() -> None:
    pdf = render_result(decision(articles=[["Điều khoản rất dài. " * 100]] * 6))
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) > 2
    assert document[1].get_textpage().get_text_range().splitlines()[0].strip() == "2"
    assert not document[0].get_textpage().get_text_range().startswith("1")


def test_there_is_room_for_the_marks_between_title_and_name() -> None:
    document = pypdfium2.PdfDocument(render_result(birth_extract()))
    text = document[0].get_textpage()
    boxes = {}
    for phrase in ("PHÓ CHỦ TỊCH", "Nguyễn Thị Hồng Gấm"):
        index, count = text.search(phrase).get_next()
        boxes[phrase] = [text.get_charbox(number) for number in range(index, index + count)]
    title, name = boxes.values()
    assert min(box[1] for box in title) - max(box[3] for box in name) >= 60  # mark A is at most 45 pt high
    centres = [(min(box[0] for box in line) + max(box[2] for box in line)) / 2 for line in (title, name)]
    assert centres[0] == pytest.approx(centres[1], abs=2)


@CONTENTS
def test_the_signer_finds_the_block_where_the_mark_goes(content: dict[str, Any]) -> None:
    block = find_signer_block(render_result(content))
    assert block is not None
    assert block.height >= 60


def test_the_left_column_is_clear_of_the_seal() -> None:
    pdf = render_result(birth_extract())
    picture = image_of(pdf, scale=2)
    document = pypdfium2.PdfDocument(pdf)
    text = document[0].get_textpage()
    index, count = text.search("Nguyễn Thị Hồng Gấm").get_next()
    left = min(text.get_charbox(number)[0] for number in range(index, index + count))
    top = picture.height / 2 - text.get_charbox(index)[3]
    # a 36 mm seal whose right edge is a third into a picture as wide as the name
    seal = (left - 70, top - 90, left - 5, top)
    strip = picture.crop(tuple(round(edge * 2) for edge in seal))
    assert min(strip.tobytes()) > 128


def test_an_error_survives_the_way_out_of_a_worker_process() -> None:
    with pytest.raises(ContentNotPrintable) as caught:
        render_result(birth_extract(gender="\u202eNữ"))
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own object
    assert isinstance(again, AnsoError)
    assert (again.code, again.detail_vi, again.detail_en) == (
        "CONTENT_NOT_PRINTABLE",
        caught.value.detail_vi,
        caught.value.detail_en,
    )


def test_a_broken_template_is_a_failed_rendering(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "decision.typ").write_text('#panic("no")')
    monkeypatch.setattr(page, "TEMPLATES", tmp_path)
    with pytest.raises(RenderingFailed) as caught:
        render_result(decision())
    assert caught.value.code == "RENDERING_FAILED"


def test_a_warning_of_the_typesetter_is_a_failed_rendering(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "decision.typ").write_text(
        '#set document(date: datetime(year: 2026, month: 1, day: 1))\n#set text(font: "No Such Face")\nx'
    )
    monkeypatch.setattr(page, "TEMPLATES", tmp_path)
    with pytest.raises(RenderingFailed) as caught:
        render_result(decision())
    assert caught.value.code == "RENDERING_FAILED"


def test_a_file_that_cannot_become_pdfa_is_a_failed_rendering() -> None:
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="1")
    out = BytesIO()
    document.save(out)
    with pytest.raises(RenderingFailed) as caught:
        page._archival(out.getvalue())
    assert caught.value.code == "RENDERING_FAILED"
