"""Two readings of a line: agreement is trusted, difference is shown; a name's own repetition decides its marks."""

from collections.abc import Callable

import pytest

from digitize.extract import Reading, extract
from digitize.model import DocumentType, Finding, Line
from digitize.ocr.lines import UNSURE, agreed
from tests.digitize.papers import line, page_of

Make = Callable[..., Reading]


def confidences(found: Line) -> list[float]:
    return [word.confidence for word in found.words]


def test_what_both_looks_read_alike_stays_sure() -> None:
    first = line("Số: 022068619829", 0, confidence=0.9)
    assert agreed(first, line("Số: 022068619829", 0, confidence=0.8)) == first


def test_a_digit_that_the_looks_read_differently_makes_its_word_unsure() -> None:
    kept = agreed(line("Số: 022068619829", 0, confidence=0.9), line("Số: 022068619629", 0, confidence=0.95))
    assert kept.text == "Số: 022068619629"
    assert confidences(kept) == [0.95, UNSURE]


def test_looks_that_part_words_differently_are_compared_word_by_word() -> None:
    kept = agreed(line("ngày 12 tháng 9", 0, confidence=0.9), line("ngày 12tháng 9", 0, confidence=0.7))
    assert kept.text == "ngày 12 tháng 9"
    assert confidences(kept) == [0.9, UNSURE, UNSURE, 0.9]


def test_a_second_look_that_sees_nothing_changes_nothing() -> None:
    first = line("Số: 1", 0, confidence=0.4)
    assert agreed(first, Line(words=(), quad=first.quad)) == first


def test_the_surer_spelling_of_a_name_that_stands_twice_counts_and_is_shown() -> None:
    lines = (
        line("ĐƠN ĐỀ NGHỊ", 0),
        line("1. Tôi tên là: Đặng Phượng Nhài", 50, confidence=0.6),
        line("NGƯỜI LÀM ĐƠN", 100),
        line("Đặng Phương Nhài", 150, confidence=0.95),
    )
    name = extract(Reading.of([page_of(*lines)]), DocumentType.DON)["person_name"]
    assert name.value == "Đặng Phương Nhài"
    assert name.findings == (Finding.FIELD_UNSURE,)


@pytest.mark.parametrize("name", ["Fạ Thúy Nhài", "Bấi Thúy Yến", "0Đinh Văn A"])
def test_a_name_without_a_known_surname_is_looked_at(reading_of: Make, name: str) -> None:
    fields = extract(reading_of("GIẤY KHAI SINH", f"Họ, chữ đệm, tên: {name}"), DocumentType.GIAY_KHAI_SINH)
    assert fields["person_name"].needs_review


@pytest.mark.parametrize(("title", "value"), [("CHÚ TỊCH", "CHỦ TỊCH"), ("3 CHỦ TỊCH", "3 CHỦ TỊCH")])
def test_a_title_that_is_not_spelt_like_an_office_is_looked_at(reading_of: Make, title: str, value: str) -> None:
    fields = extract(reading_of("QUYẾT ĐỊNH", (title, 900.0), ("Vi Thị Mến", 900.0)), DocumentType.QUYET_DINH)
    assert fields["signer_title"].value == value
    assert fields["signer_title"].needs_review


def test_of_two_readings_of_a_number_the_one_whose_abbreviation_exists_is_kept_and_shown() -> None:
    kept = agreed(line("Số: 27/QĐĐ-UBND", 0, confidence=0.9), line("Số: 27/QĐ-UBND", 0, confidence=0.7))
    assert kept.text == "Số: 27/QĐ-UBND"
    assert confidences(kept)[1] == UNSURE
