"""A byte range is everything but one hexadecimal string, exactly, or it is a fault with a code."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.validation.coverage import signature_coverage
from signing.validation.document import open_document
from signing.validation.geometry import (
    Coverage,
    GeometryFaultError,
    checked_coverage,
    digested_anyway,
    only_blank,
    require_contents_of,
)

CONTAINER = bytes(range(256)) * 2
HEXADECIMAL = CONTAINER.hex().upper().encode()


def file_with(
    gap: bytes, before: bytes = b"%PDF-1.7 << /Contents ", after: bytes = b" >>\n%%EOF\n"
) -> tuple[bytes, Any]:
    return before + gap + after, (0, len(before), len(before) + len(gap), len(after))


def fault_of(pdf: bytes, numbers: Any) -> str:
    with pytest.raises(GeometryFaultError) as caught:
        checked_coverage(pdf, numbers)
    return caught.value.code


@pytest.mark.parametrize(
    ("gap", "contents"),
    [
        (b"<" + HEXADECIMAL + b">", CONTAINER),
        (b"<" + HEXADECIMAL.lower() + b">", CONTAINER),
        (b"<" + b"\r\n".join(HEXADECIMAL[n : n + 64] for n in range(0, 1024, 64)) + b"\r\n>", CONTAINER),
        (b"< " + HEXADECIMAL + b"\t\0\f>", CONTAINER),
        (b"<" + HEXADECIMAL + b"3>", CONTAINER + b"0"),
        (b"<" + (CONTAINER + CONTAINER).hex().encode()[:1024] + HEXADECIMAL + b">", CONTAINER + CONTAINER),
        (b"<>", b""),
    ],
    ids=["upper", "lower", "lines", "blanks", "half a byte", "both cases in bulk", "empty"],
)
def test_a_hexadecimal_string_in_the_gap_is_decoded_however_it_is_written(gap: bytes, contents: bytes):
    coverage = checked_coverage(*file_with(gap))
    assert coverage.contents == contents
    assert (coverage.gap_start, coverage.gap_end - coverage.gap_start) == (22, len(gap))


def test_a_gap_without_the_brackets_is_the_same_string():
    pdf, (_, first, second, length) = file_with(b"<" + HEXADECIMAL + b">")
    assert checked_coverage(pdf, (0, first + 1, second - 1, length + 1)).contents == CONTAINER
    assert fault_of(pdf, (0, first + 1, second, length)) == "SIGNATURE_COVERAGE"
    assert fault_of(pdf, (0, first, second - 1, length + 1)) == "SIGNATURE_COVERAGE"


@pytest.mark.parametrize(
    ("gap", "code"),
    [
        (b"(" + b"text" * 20 + b")", "SIGNATURE_MALFORMED"),
        (b"<" + HEXADECIMAL[:40] + b" " + HEXADECIMAL[41:] + b">", "SIGNATURE_MALFORMED"),
        (b"<" + HEXADECIMAL.replace(b"A", b"a", 1) + b">", "SIGNATURE_MALFORMED"),
        (b"<" + HEXADECIMAL + b"> /Evil <00>", "SIGNATURE_COVERAGE"),
        (b"<" + HEXADECIMAL + b"> ", "SIGNATURE_COVERAGE"),
        (b" <" + HEXADECIMAL + b">", "SIGNATURE_COVERAGE"),
        (b"<" + HEXADECIMAL + b"g0>", "SIGNATURE_COVERAGE"),
        (b"<<" + HEXADECIMAL + b">>", "SIGNATURE_COVERAGE"),
        (b"<" + b"0" * (4 * 1024 * 1024 + 2) + b">", "SIGNATURE_COVERAGE"),
        (b"<" + b" " * (10 * 1024 * 1024) + b">", "SIGNATURE_COVERAGE"),
    ],
)
def test_anything_else_in_the_gap_is_a_fault_by_its_name(gap: bytes, code: str):
    assert fault_of(*file_with(gap)) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda *numbers: numbers[1:], "SIGNATURE_COVERAGE"),
        (lambda a, b, c, d: (a, b, c, d - 4, c + d, 0), "SIGNATURE_COVERAGE"),
        (lambda _, b, c, d: (1, b - 1, c, d), "SIGNATURE_COVERAGE"),
        (lambda a, b, c, d: (a, -b, c, d), "SIGNATURE_COVERAGE"),
        (lambda a, b, c, d: (a, c, b, d), "SIGNATURE_COVERAGE"),
        (lambda a, b, _, d: (a, b, b, d), "SIGNATURE_COVERAGE"),
        (lambda a, b, c, d: (a, b, c, d + 1), "DOCUMENT_ALTERED"),
        (lambda a, b, c, d: (a, b, c + 10**6, d), "SIGNATURE_COVERAGE"),
        (lambda a, b, c, _: (a, b, c, None), "SIGNATURE_COVERAGE"),
        (lambda a, b, _, d: (a, b, True, d), "SIGNATURE_COVERAGE"),
        (lambda *_: (0, 10**30, 10**31, 1), "SIGNATURE_COVERAGE"),
        (lambda *_: (), "FORGED_SIGNATURE"),
    ],
)
def test_numbers_that_are_not_the_range_of_the_file_are_a_fault_by_name(change: Any, code: str):
    pdf, numbers = file_with(b"<" + HEXADECIMAL + b">")
    assert fault_of(pdf, change(*numbers)) == code


@given(numbers=st.lists(st.integers(-5, 1300), min_size=0, max_size=8))
@settings(max_examples=300, deadline=None)
def test_random_numbers_are_never_taken_for_the_range(numbers: list[int]):
    pdf, (_, first, second, length) = file_with(b"<" + HEXADECIMAL + b">")
    try:
        coverage = checked_coverage(pdf, numbers)
    except GeometryFaultError:
        return
    assert tuple(numbers[:3]) in {(0, first, second), (0, first + 1, second - 1)}
    assert coverage.end <= second + length


@given(shift=st.tuples(*[st.integers(-3, 3)] * 4))
@settings(max_examples=200, deadline=None)
def test_a_range_a_few_bytes_off_is_taken_only_with_or_without_brackets(shift: tuple[int, ...]):
    pdf, numbers = file_with(b"<" + HEXADECIMAL + b">")
    moved = tuple(number + by for number, by in zip(numbers, shift, strict=True))
    try:
        checked_coverage(pdf, moved)
    except GeometryFaultError:
        return
    assert shift[:3] in {(0, 0, 0), (0, 1, -1)}
    assert sum(shift[2:]) <= 0


@given(numbers=st.lists(st.one_of(st.none(), st.booleans(), st.integers(-2, 80)), max_size=70))
def test_what_a_digest_is_made_of_lies_in_the_file_or_is_nothing(numbers: list[Any]):
    pdf = bytes(64)
    parts = digested_anyway(pdf, numbers)
    assert parts is None or (2 * len(parts) == len(numbers) and sum(map(len, parts)) <= len(pdf))


def test_what_a_wrong_range_covers_can_still_be_digested():
    assert [bytes(p) for p in digested_anyway(b"abcdefgh", (1, 2, 5, 3)) or ()] == [b"bc", b"fgh"]
    assert digested_anyway(b"abc", (0, 2, 1, 3)) is None
    assert digested_anyway(b"abc", (0, 3, 0, 3)) is None
    assert digested_anyway(b"abc", (0, 3, 1)) is None


def coverage_of(pdf: bytes) -> Coverage:
    (numbers,) = re.findall(rb"/ByteRange \[([\d ]+)\]", pdf)
    return checked_coverage(pdf, [int(n) for n in numbers.split()])


def test_the_container_has_to_be_the_one_that_the_reader_sees_at_that_place(small_signed: bytes):
    coverage = coverage_of(small_signed)
    start = small_signed.rindex(b" 0 obj", 0, coverage.gap_start) - 1
    span = (start, len(small_signed))
    require_contents_of(small_signed, coverage, coverage.contents, span)
    for contents, where in (
        (coverage.contents[:-1], span), (None, span), (coverage.contents, None),
        (coverage.contents, (coverage.gap_start, len(small_signed))),
        (coverage.contents, (start, coverage.gap_end - 1)),
    ):  # fmt: skip
        with pytest.raises(GeometryFaultError) as caught:
            require_contents_of(small_signed, coverage, contents, where)
        assert caught.value.code == "SIGNATURE_COVERAGE"
    renamed = small_signed.replace(b"/Contents <", b"/Content2 <")
    with pytest.raises(GeometryFaultError):
        require_contents_of(renamed, coverage, coverage.contents, span)


def test_a_container_of_another_dictionary_is_signature_wrapping(small_signed: bytes):
    """The field shows a copy of the signature dictionary that lies elsewhere; range and container are the old ones."""
    coverage = coverage_of(small_signed)
    start = small_signed.rindex(b"\n8 0 obj", 0, coverage.gap_start) + 1
    body = small_signed[start : small_signed.index(b"endobj", coverage.gap_end) + 7]
    at = len(small_signed)
    last = int(small_signed[small_signed.rfind(b"startxref") + 9 :].split()[0])
    copied = small_signed + body + b"xref\n8 1\n%010d 00000 n \n" % at
    copied += b"trailer\n<< /Size 9 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (last, at + len(body))
    document = open_document(copied)
    (field,) = document.fields
    with pytest.raises(GeometryFaultError) as caught:
        signature_coverage(document, field)
    assert caught.value.code == "SIGNATURE_COVERAGE"


def test_a_cut_off_end_is_an_altered_document(small_signed: bytes):
    (numbers,) = re.findall(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)", small_signed)
    assert fault_of(small_signed[:-3], [int(number) for number in numbers]) == "DOCUMENT_ALTERED"


def test_only_blanks_are_blank_in_files_of_any_size():
    assert only_blank(b"")
    assert only_blank(b" \r\n\0\t\f" * 30_000)
    assert not only_blank(memoryview(b" " * 100_000 + b"x"))
