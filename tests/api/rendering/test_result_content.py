import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import ContentNotPrintable
from api.rendering.content import ResultType, page_content
from api.rendering.dates import PartialDate
from api.rendering.printable import printable
from tests.api.rendering.result_contents import birth_extract, decision


def refused(content: Any) -> ContentNotPrintable:
    with pytest.raises(ContentNotPrintable) as caught:
        page_content(content)
    assert caught.value.code == "CONTENT_NOT_PRINTABLE"
    assert caught.value.detail_vi
    assert caught.value.detail_en
    return caught.value


def test_checked_values_keep_their_names_and_dates_gain_their_forms() -> None:
    result_type, values = page_content(birth_extract())
    assert result_type is ResultType.BIRTH_EXTRACT
    assert values["issued_on"] == {
        "iso": "2026-02-05",
        "line": "ngày 05 tháng 02 năm 2026",
        "figures": "05/02/2026",
        "words": "Ngày năm tháng hai năm hai nghìn không trăm hai mươi sáu",
    }


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x1b", "\n", "\t", "\x7f", "\u200b", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c", "\ufeff",
     "\u2028", "\u2029", "\u00ad", "\ue000", "\ud800", "\U000e0041", "\uffff"],
)  # fmt: skip
def test_control_and_bidirectional_characters_are_refused(character: str) -> None:
    error = refused(birth_extract(full_name=f"Hoàng {character}Khánh"))
    assert f"U+{ord(character):04X}" in error.detail_vi


@pytest.mark.parametrize("name", ["王小明", "😀", "กขค", "\u0600"])
def test_a_letter_that_the_typeface_cannot_draw_is_refused(name: str) -> None:
    assert "body.full_name" in refused(birth_extract(full_name=name)).detail_en


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (birth_extract(full_name=""), "body.full_name"),
        (birth_extract(full_name="   "), "body.full_name"),
        (birth_extract(full_name="A" * 5000), "body.full_name"),
        (birth_extract(full_name="A" * 121), "body.full_name"),
        (birth_extract(full_name=7), "body.full_name"),
        (birth_extract(full_name=["A"]), "body.full_name"),
        (birth_extract(personal_id="02231967492"), "body.personal_id"),
        (birth_extract(personal_id="\u0660" * 12), "body.personal_id"),
        (birth_extract(date_of_birth="2019-02-30"), "body.date_of_birth"),
        (birth_extract(date_of_birth="0019-02-03"), "body.date_of_birth"),
        (birth_extract(date_of_birth="02/10/2019"), "body.date_of_birth"),
        (birth_extract(date_of_birth="2019-00-10"), "body.date_of_birth"),
        (birth_extract(date_of_birth="2019-01-00"), "body.date_of_birth"),
        (birth_extract(date_of_birth=None), "body.date_of_birth"),
        (birth_extract(registered_on="2019"), "body.registered_on"),
        (birth_extract(mother="Đinh Thị Bích Phượng"), "body.mother"),
        (birth_extract(unknown="x"), "body"),
        (decision(articles=[]), "body.articles"),
        (decision(articles=[[]]), "body.articles.0"),
        (decision(articles=[["x"]] * 31), "body.articles"),
        (decision(grounds="Căn cứ"), "body.grounds"),
        ({**decision(), "verification_url": "javascript:alert(1)"}, "verification_url"),
        ({**decision(), "verification_url": "https://example.vn/v/short"}, "verification_url"),
        ({**decision(), "verification_url": "https://example.vn@evil.vn/v/" + "a" * 26}, "verification_url"),
        ({**decision(), "recipients": None}, "recipients"),
        ({**decision(), "signer": None}, "signer"),
        ({**decision(), "body": None}, "body"),
        ({**decision(), "result_type": "receipt"}, "result_type"),
        ({}, "result_type"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_name(content: dict[str, Any], field: str) -> None:
    assert refused(content).detail_vi.startswith(f"{field}:")


def test_what_is_no_object_is_refused() -> None:
    refused(["birth_extract"])


def test_a_refusal_repeats_no_value_and_no_unknown_name() -> None:
    for content in (birth_extract(full_name="Bí\u202eMật"), birth_extract(Bí_Mật="x")):
        error = refused(content)
        assert "Mật" not in error.detail_vi + error.detail_en + str(error)


@pytest.mark.parametrize(
    ("text", "figures", "line", "words"),
    [
        ("1956", "1956", "năm 1956", "Năm một nghìn chín trăm năm mươi sáu"),
        ("1945-09", "09/1945", "tháng 9 năm 1945", "Tháng chín năm một nghìn chín trăm bốn mươi lăm"),
        (
            "2005-04-15",
            "15/04/2005",
            "ngày 15 tháng 4 năm 2005",
            "Ngày mười lăm tháng tư năm hai nghìn không trăm linh năm",
        ),
        ("2000-12-31", "31/12/2000", "ngày 31 tháng 12 năm 2000", "Ngày ba mươi mốt tháng mười hai năm hai nghìn"),
        (
            "1921-01-20",
            "20/01/1921",
            "ngày 20 tháng 01 năm 1921",
            "Ngày hai mươi tháng một năm một nghìn chín trăm hai mươi mốt",
        ),
        (
            "2010-11-10",
            "10/11/2010",
            "ngày 10 tháng 11 năm 2010",
            "Ngày mười tháng mười một năm hai nghìn không trăm mười",
        ),
        (
            "1804-10-25",
            "25/10/1804",
            "ngày 25 tháng 10 năm 1804",
            "Ngày hai mươi lăm tháng mười năm một nghìn tám trăm linh bốn",
        ),
    ],
)
def test_dates_are_written_as_the_registers_write_them(text: str, figures: str, line: str, words: str) -> None:
    day = PartialDate.parse(text)
    assert day is not None
    assert (day.in_figures(), day.on_the_date_line(), day.in_words()) == (figures, line, words)


@given(st.dates(min_value=dt.date(1800, 1, 1)))
def test_every_day_can_be_read_back_and_said(day: dt.date) -> None:
    parsed = PartialDate.parse(day)
    assert parsed is not None
    assert parsed.iso() == day.isoformat()
    assert dt.datetime.strptime(parsed.in_figures(), "%d/%m/%Y").date() == day  # noqa: DTZ007 - a day has no zone
    assert not set(parsed.in_words()) & set("0123456789")


@given(st.text(max_size=60))
def test_a_text_is_either_refused_or_printed_composed_and_unchanged(text: str) -> None:
    try:
        printed = printable(text, "x", limit=100)
    except ContentNotPrintable:
        return
    assert printable(printed, "x", limit=100) == printed
    assert printed.isprintable()
