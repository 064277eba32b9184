from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import InvalidId
from api.ids import fixed_id, new_id, parse_id

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@given(st.integers(min_value=0, max_value=29_000_000_000))
def test_every_new_id_has_the_structure_that_parsing_wants(moment: int) -> None:
    at = datetime.fromtimestamp(moment, UTC)
    made = new_id("doc", at)
    assert parse_id("doc", made) == made
    assert len(made) == len("doc_") + 26


def test_ids_sort_by_the_time_they_were_made() -> None:
    made = [new_id("evt", AT + timedelta(milliseconds=n)) for n in range(50)]
    assert made == sorted(made)


def test_ids_made_in_the_same_moment_differ() -> None:
    assert len({new_id("job", AT) for _ in range(500)}) == 500


def test_a_fixed_id_is_the_same_for_the_same_name_only() -> None:
    assert fixed_id("sub", "mother", AT) == fixed_id("sub", "mother", AT)
    assert fixed_id("sub", "mother", AT) != fixed_id("sub", "child", AT)
    assert parse_id("sub", fixed_id("sub", "mother", AT))


def test_an_id_is_a_version_7_uuid() -> None:
    body = new_id("key", AT).removeprefix("key_")
    value = 0
    for digit in body:
        value = value * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(digit)
    assert value >> 76 & 0xF == 7
    assert value >> 62 & 0b11 == 0b10
    assert value >> 80 == int(AT.timestamp() * 1000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "doc_",
        "dos_01m8323b80femrsq851hcp7xy7",
        "doc_01m8323b80femrsq851hcp7xy",
        "doc_01m8323b80femrsq851hcp7xy77",
        "doc_01M8323B80FEMRSQ851HCP7XY7",
        "doc_81m8323b80femrsq851hcp7xy7",
        "doc_01m8323b80femrsq851hcp7xyi",
        "doc_01m8323b80femrsq851hcp7xy\x00",
        "doc_01m8323b80femrsq851hcp7xy7\n",
        "doc_../../../../etc/passwd0000",
        "doc_٠١m8323b80femrsq851hcp7xy7",
        "doc_" + "0" * 5000,
    ],
)
def test_an_id_of_a_wrong_structure_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidId) as caught:
        parse_id("doc", text)
    assert caught.value.code == "ID_INVALID"
    assert len(text) < 5 or text not in caught.value.detail_en


@given(st.text(max_size=60))
def test_parsing_accepts_nothing_but_the_alphabet(text: str) -> None:
    try:
        parsed = parse_id("doc", "doc_" + text)
    except InvalidId:
        return
    assert set(parsed.removeprefix("doc_")) <= set("0123456789abcdefghjkmnpqrstvwxyz")
