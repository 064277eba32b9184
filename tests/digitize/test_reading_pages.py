"""Pages read from pictures: scans, photos, turned pages, several pages, secret and empty ones."""

import io
import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pikepdf.pdfa
import pytest
from PIL import Image

from digitize import ocr
from digitize.errors import EngineMissing, SecretPaper
from digitize.model import DigitisedPages, DocumentType, Finding, to_document
from digitize.ocr import detector, tesseract
from digitize.pipeline import Digitiser, child, story
from digitize.pipeline.apart import LENGTH
from digitize.quality import page_findings, sharpness
from digitize.tools import ToolLimits
from tests.digitize.papers import AT, LETTER, drawn, encoded, line, read

pytestmark = pytest.mark.service
HEIC = Path(__file__).resolve().parents[1] / "vectors" / "heic" / "giay-xac-nhan.heic"
FIELDS = {
    "number": "27/QĐ-UBND",
    "date": "2026-08-05",
    "agency": "ỦY BAN NHÂN DÂN TỈNH QUẢNG NINH",
    "subject": "Về việc công nhận kết quả số hóa giấy tờ",
    "person_name": "Đỗ Thị Thanh Mai",
    "id_number": "022185004321",
    "signer": "Lương Văn Khải",
    "signer_title": "PHÓ CHỦ TỊCH",
}
TITLE = (("THÔNG BÁO", 300, 60, "Bold"), ("Ngày mai nghỉ lễ theo quy định của Nhà nước.", 80, 140, "Regular"))


def texts(result: DigitisedPages) -> list[str]:
    return [one.text for page in result.pages for one in page.lines]


def test_a_scan_gives_text_fields_and_a_valid_copy(letter: bytes, letter_read: DigitisedPages) -> None:
    assert letter_read.document_type is DocumentType.QUYET_DINH
    assert {name: field.value for name, field in letter_read.fields.items()} == FIELDS
    assert texts(letter_read)[:4] == ["ỦY BAN NHÂN DÂN", "TỈNH QUẢNG NINH", "Số: 27/QĐ-UBND", LETTER[2][0]]
    assert pikepdf.pdfa.validate_written(io.BytesIO(letter_read.pdf), "2b").passed
    assert letter in letter_read.pdf  # the scanner's picture, byte for byte
    assert "tesseract" in letter_read.engine


def test_words_lie_on_the_ink_they_were_read_from(letter_read: DigitisedPages) -> None:
    page = np.asarray(drawn(LETTER).convert("L"))
    for one in letter_read.pages[0].lines:
        for word in one.words:
            left, top, right, bottom = word.quad.box.rounded()
            assert page[max(top, 0) : bottom, max(left, 0) : right].min() < 100, word.text


def test_a_photo_is_straightened_and_read_like_a_scan(photo_read: DigitisedPages) -> None:
    assert photo_read.pages[0].is_rectified
    assert abs(photo_read.pages[0].width / photo_read.pages[0].height - 1240 / 780) < 0.05
    assert set(photo_read.fields) == set(FIELDS)
    wrong = {name for name, field in photo_read.fields.items() if field.value != FIELDS[name]}
    assert len(wrong) <= 1
    assert all(photo_read.fields[name].needs_review for name in wrong)  # never wrong in silence


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_page_on_its_side_or_head_is_turned_upright(turns: int) -> None:
    lying = Image.fromarray(np.ascontiguousarray(np.rot90(np.asarray(drawn(TITLE, size=(900, 300))), turns)))
    result = read(encoded(lying))
    assert texts(result) == [text for text, _, _, _ in TITLE]
    assert (result.pages[0].width, result.pages[0].height) == (900, 300)


def test_a_black_and_white_scan_is_read() -> None:
    scan = drawn(TITLE, size=(900, 300)).convert("1", dither=Image.Dither.NONE)
    assert texts(read(encoded(scan, "TIFF", compression="group4"))) == [text for text, _, _, _ in TITLE]


def test_a_very_large_picture_is_read_at_a_smaller_scale_and_its_boxes_are_its_own() -> None:
    page = drawn(TITLE, size=(900, 300))
    result = read(encoded(page.resize((6300, 2100), Image.Resampling.BICUBIC), "PNG", dpi=(600, 600)))
    assert texts(result) == [text for text, _, _, _ in TITLE]
    assert result.pages[0].width == 6300
    assert 1900 < result.pages[0].lines[0].box.left < 2200


def test_a_heic_photo_from_a_phone_is_read() -> None:
    result = read(HEIC.read_bytes())
    assert result.document_type is DocumentType.GIAY_XAC_NHAN
    assert result.fields["number"].value == "14/GXN-UBND"


def test_every_page_of_a_file_is_read_in_order_and_progress_is_told() -> None:
    pages = [drawn(((f"Trang số {n}", 100, 100, "Bold"),), size=(600, 300)) for n in (1, 2)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], dpi=(200, 200))
    told: list[tuple[int, int, str]] = []
    result = story.digitise(out.getvalue(), limits=story.Limits(), at=AT, progress=lambda *step: told.append(step))
    assert [page.text for page in result.pages] == ["Trang số 1", "Trang số 2"]
    assert [page.number for page in result.pages] == [1, 2]
    assert told == [(0, 3, "reading"), (1, 3, "reading"), (2, 3, "writing"), (3, 3, "done")]


def test_a_secret_paper_is_refused_whatever_the_colour_of_its_mark() -> None:
    page = drawn(TITLE, size=(900, 300))
    stamp = drawn((("MẬT", 700, 20, "Bold"),), size=(900, 300), points=44)
    ink = np.asarray(stamp.convert("L")) < 150
    marked = np.asarray(page).copy()
    marked[ink] = (200, 30, 45)
    with pytest.raises(SecretPaper) as caught:
        read(encoded(Image.fromarray(marked)))
    assert caught.value.code == "COMP_SECRET"
    assert "THÔNG" not in str(caught.value)


def test_a_blank_page_is_reported() -> None:
    result = read(encoded(Image.new("RGB", (900, 1200), (246, 244, 238))))
    assert result.pages[0].findings == (Finding.BLANK,)
    assert result.quality.needs_human
    assert result.quality.confidence == 0.0


def test_a_child_process_reads_the_same(letter: bytes, letter_read: DigitisedPages) -> None:
    digitiser = Digitiser(tool_limits=ToolLimits(wall_s=120))
    told: list[str] = []
    answer = digitiser.digitise(letter, at=AT, progress=lambda _done, _total, label: told.append(label))
    assert answer.document == to_document(letter_read)
    assert pikepdf.pdfa.validate_written(io.BytesIO(answer.pdf), "2b").passed
    assert told == ["reading", "writing", "done"]
    assert digitiser.inspect(letter) == ("image/jpeg", 1)
    assert digitiser.page_picture(answer.pdf, 1).startswith(b"\xff\xd8")


def test_without_the_detectors_model_tesseract_reads_the_page_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str = "") -> Path:
        raise EngineMissing("no model")

    monkeypatch.setattr(ocr, "model_path", missing)
    result = read(encoded(drawn(TITLE, size=(900, 300))))
    assert texts(result) == [text for text, _, _, _ in TITLE]
    assert "its own" in result.engine


def test_a_missing_model_or_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineMissing):
        detector.model_path("no-such-model.onnx")
    monkeypatch.setattr(detector, "find_spec", lambda _name: None)
    with pytest.raises(EngineMissing):
        detector.model_path()
    monkeypatch.setattr(tesseract.pytesseract.pytesseract, "tesseract_cmd", "no-such-program")
    with pytest.raises(EngineMissing) as caught:
        tesseract.read_lines([np.full((48, 200), 255, np.uint8)], timeout_s=5)
    assert caught.value.code == "OCR_ENGINE_MISSING"


def test_a_missing_language_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "LANGUAGE", "xyz")
    with pytest.raises(EngineMissing):
        tesseract.read_page(np.full((48, 200), 255, np.uint8), timeout_s=30)


def test_no_lines_are_read_from_nothing() -> None:
    assert tesseract.read_lines([], timeout_s=1) == ()


def test_a_blurred_page_is_less_sharp_than_any_that_can_be_read() -> None:
    page = np.asarray(drawn(LETTER), np.uint8)
    blurred = np.asarray(cv2.GaussianBlur(page, (0, 0), 5), np.uint8)
    lines = [line("Có chữ trên trang này", 10)]
    assert sharpness(page) > 0.019
    assert Finding.BLUR in page_findings(blurred, lines, dpi=300)
    assert page_findings(page, lines, dpi=300) == ()


def test_low_resolution_low_confidence_and_other_languages_are_reported() -> None:
    page = np.asarray(drawn(LETTER), np.uint8)
    assert page_findings(page, [line("chữ", 10)], dpi=150) == (Finding.LOW_DPI,)
    assert page_findings(page, [line("chữ", 10, confidence=0.5)], dpi=None) == (Finding.LOW_CONFIDENCE,)
    english = [line("this page was written in another language " * 8, 10)]
    assert page_findings(page, english, dpi=300) == (Finding.WRONG_LANGUAGE,)
    assert page_findings(page, [], dpi=300) == (Finding.LOW_CONFIDENCE,)  # there is ink, but no line was read


def test_the_document_on_the_wire_has_the_fixed_names(letter_read: DigitisedPages) -> None:
    document = to_document(letter_read)
    assert set(document) >= {"text", "pages", "fields", "document_type"}
    pages = document["pages"]
    assert isinstance(pages, list)
    assert set(pages[0]["lines"][0]) >= {"text", "confidence", "box"}
    fields = document["fields"]
    assert isinstance(fields, dict)
    assert set(fields["number"]) >= {"value", "confidence", "box", "needs_review"}
    assert replace(letter_read, pages=()).text == ""


def test_the_childs_side_packs_its_answers_in_bytes(letter: bytes) -> None:
    options = {"max_bytes": "9000000", "max_pixels": "9000000", "max_pages": "2", "at": AT.isoformat(), "number": "1"}
    small = encoded(Image.new("RGB", (300, 200), "white"))
    told: list[str] = []

    def progress(_done: int, _total: int, label: str) -> None:
        told.append(label)

    answer = child.digitise(small, options, progress)
    (length,) = LENGTH.unpack_from(answer)
    assert json.loads(answer[LENGTH.size : LENGTH.size + length])["quality"]["findings"] == ["SCAN_BLANK"]
    assert child.inspect(letter, options, progress) == b"image/jpeg 1"
    assert child.page_picture(answer[LENGTH.size + length :], options, progress).startswith(b"\xff\xd8")
    assert told == ["reading", "writing", "done"]
