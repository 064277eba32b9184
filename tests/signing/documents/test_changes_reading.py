"""What the comparison reads out of texts and contents: references, ends of objects, amounts, faces."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.validation.changes.amounts import is_same_amount
from signing.validation.changes.contents import MAX_OPERATIONS, OddContentError, lightness, numbers, operations
from signing.validation.changes.framing import dictionary_end


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1000", "1,000"), ("1000.5", "1.000,50"), ("1234567.00", "1 234 567"), ("-100", "(100)"), ("-5", "5-"),
        ("100", "$100.00"), ("2026-01-02", "2026/01/02"), ("1'000", "1000"), ("-5", "\N{MINUS SIGN}5"),
    ],
)  # fmt: skip
def test_a_format_groups_and_punctuates(one: str, other: str) -> None:
    assert is_same_amount(one, other)
    assert is_same_amount(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"), ("1.5", "1.05"), ("-100", "100"), ("1000.00", "10.0000"), ("2026-01-02", "2026-10-2"),
        ("", ""), ("a1", "a1"), ("1-2", "12"), ("1.2.3", "12.3"), ("9" * 61, "9" * 61), ("10,00,000", "1000"),
    ],
)  # fmt: skip
def test_a_format_does_not_change_an_amount(one: str, other: str) -> None:
    assert not is_same_amount(one, other)


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_an_amount_is_the_same_in_every_country_and_no_other(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    elsewhere = english.translate(str.maketrans(",.", ".,"))
    assert is_same_amount(str(amount), english)
    assert is_same_amount(english, elsewhere)
    assert not is_same_amount(str(amount), f"{amount + 1:,.2f}")
    assert not is_same_amount(f"-{amount}", english)


@pytest.mark.parametrize(
    "value",
    [
        b"1 0 obj << /A 1 >> endobj", b"1 0 obj << /A (\\)) >> endobj", b"1 0 obj % a comment\n<< >> endobj",
        b"1 0 obj [(endobj \\( 2 0 obj)] endobj", b"1 0 obj << /endobj <656E> >> endobj", b"1 0 obj (a(b(c)))\nendobj",
        b"1 0 obj << /Length 3 >> stream\n(((\nendstream endobj", b"1 0 obj << /A (stream) >> endobj",
    ],
)  # fmt: skip
def test_an_object_that_ends_is_seen_to_end(value: bytes) -> None:
    assert dictionary_end(value + b"\n", 0, len(value) + 1) is not None


@pytest.mark.parametrize(
    "cut",
    [
        b"1 0 obj << /A 1 % ", b"1 0 obj << /A (", b"1 0 obj << /A (\\) endobj ", b"1 0 obj << % endobj ",
        b"1 0 obj << /endobj ", b"1 0 obj << /A (stream\n", b"1 0 obj << /B << /A (x) >>", b"1 0 obj [ 2 ",
    ],
)  # fmt: skip
def test_an_object_in_which_another_begins_does_not_end(cut: bytes) -> None:
    text = cut + b"2 0 obj << >> endobj"
    assert dictionary_end(text, 0, len(cut)) is None


def test_operators_come_with_their_operands() -> None:
    content = b"q % 1 0 0 rg\n1 .5 0 rg /F1 12 Tf [(a)-20(b)] TJ <61> ' f*"
    assert [operator for operator, _ in operations(content)] == [b"q", b"rg", b"Tf", b"TJ", b"'", b"f*"]
    assert next(o for op, o in operations(content) if op == b"TJ") == [b"[", b"(a)", b"-20", b"(b)", b"]"]


def test_content_without_end_or_numbers_is_odd() -> None:
    with pytest.raises(OddContentError):
        list(operations(b"q " * (MAX_OPERATIONS + 2)))
    for operands in ([b"1"], [b"/x", b"1"]):
        with pytest.raises(OddContentError):
            numbers(operands, 2)


def test_white_is_light_in_every_colour_space() -> None:
    assert [lightness(c) for c in ([1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])] == [pytest.approx(1.0)] * 3
    assert [lightness(c) for c in ([0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 1.0])] == [0.0] * 4
