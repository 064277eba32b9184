"""Vietnamese letters: one normal form, tone marks in place, folding."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitize.vietnamese import fold, is_in_capitals, mend_phrases, mend_surname, nfc, place_tones, repair, title_case

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyAĂÂĐÊÔƠƯ áàảãạếềểễệốồổỗộớờởỡợứừửữựýỳỷỹỵ0123456789-/.,"
texts = st.text(alphabet=LETTERS, max_size=40)


@pytest.mark.parametrize(
    ("written", "spelt"),
    [
        ("hoà", "hòa"), ("Thuý", "Thúy"), ("qúy", "quý"), ("Quý", "Quý"), ("khoẻ", "khỏe"), ("giừơng", "giường"),
        ("gìa", "già"), ("Hoàng", "Hoàng"), ("Nguyễn", "Nguyễn"), ("mùa", "mùa"), ("khuỷu", "khuỷu"), ("TỔ", "TỔ"),
        ("HOÀ BÌNH", "HÒA BÌNH"), ("Oái", "Oái"), ("gì", "gì"), ("ngoại", "ngoại"), ("của", "của"), ("tuỳ", "tùy"),
    ],
)  # fmt: skip
def test_a_tone_mark_stands_where_the_school_spelling_puts_it(written: str, spelt: str) -> None:
    assert place_tones(written) == spelt


@given(texts)
def test_placing_tones_twice_changes_nothing_more(text: str) -> None:
    once = place_tones(text)
    assert place_tones(once) == once


@given(texts)
def test_placing_tones_keeps_every_letter_and_every_digit(text: str) -> None:
    assert fold(place_tones(text)) == fold(text)


@given(texts)
def test_composed_and_decomposed_spelling_are_the_same_text(text: str) -> None:
    assert nfc(unicodedata.normalize("NFD", text)) == nfc(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


@given(texts)
def test_repair_never_touches_a_digit(text: str) -> None:
    assert [char for char in repair(text) if char.isdigit()] == [char for char in nfc(text) if char.isdigit()]


@given(st.text(max_size=60))
def test_normal_text_has_no_control_characters_and_single_spaces(text: str) -> None:
    normal = nfc(text)
    assert normal == normal.strip()
    assert "  " not in normal
    assert all(char == " " or char.isprintable() for char in normal)


def test_the_square_of_an_area_is_mended_only_behind_a_number() -> None:
    assert repair("132,2 m? đất") == "132,2 m² đất"
    assert repair("342 mê,") == "342 m²,"
    assert repair("say mê,") == "say mê,"


@pytest.mark.parametrize(
    ("read", "mended"),
    [
        ("Nguyên Thị Hoa", "Nguyễn Thị Hoa"),
        ("Đỉnh Minh Hùng", "Đinh Minh Hùng"),
        ("Lò Văn Lả", "Lò Văn Lả"),
        ("Nguyên", "Nguyên"),
        ("Xyz Văn A", "Xyz Văn A"),
        ("La Văn B", "La Văn B"),
    ],
)
def test_a_surname_is_mended_only_when_one_surname_has_its_letters(read: str, mended: str) -> None:
    assert mend_surname(read) == mended


def test_names_are_written_with_capital_beginnings() -> None:
    assert title_case("  TRẦN  KHÁNH AN ") == "Trần Khánh An"


def test_capitals_are_recognised_with_a_misread_letter() -> None:
    assert is_in_capitals("GIẤY KHAi SINH")
    assert not is_in_capitals("Giấy khai sinh")
    assert not is_in_capitals("123/45")


@pytest.mark.parametrize(
    ("read", "mended"),
    [
        ("CẤP LẠI GIÃY CHỨNG NHẬN", "CẤP LẠI GIẤY CHỨNG NHẬN"),
        ("Luật TỔ chức chính quyên địa phường", "Luật Tổ chức chính quyền địa phương"),
        ("(Ủy bạn nhân đân), tỉnh Quang Ninh.", "(Ủy ban nhân dân), tỉnh Quảng Ninh."),
        ("Ông Quang Ninh", "Ông Quang Ninh"),
        ("phường Đức Chính", "phường Đức Chính"),
        ("Sửa đối, bố sung một sô điêu", "Sửa đổi, bổ sung một số điều"),
    ],
)
def test_a_fixed_phrase_gets_its_marks_and_nothing_else_does(read: str, mended: str) -> None:
    assert " ".join(mend_phrases(read.split(" "))) == mended


@given(st.lists(texts.filter(lambda text: " " not in text and text != ""), max_size=12))
def test_mending_phrases_keeps_every_letter_and_settles_at_once(words: list[str]) -> None:
    mended = mend_phrases(words)
    assert [fold(word) for word in mended] == [fold(word) for word in words]
    assert mend_phrases(mended) == mended
