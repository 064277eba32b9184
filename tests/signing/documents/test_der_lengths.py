"""X.690 §10.1: in DER a length is counted, and in its shortest form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.keys.der import OCTET_STRING, tlv
from signing.validation.ber import der_fault, read_element

LONGER = "a length that is longer than it must be"
SIZES = st.sampled_from([0, 1, 127, 128, 255, 256, 65_535, 65_536]) | st.integers(0, 70_000)


def written(tag: bytes, content: bytes, digits: int) -> bytes:
    """An element whose length has so many digits (base 256); 0: the short form."""
    size = len(content)
    return tag + (bytes([0x80 | digits]) + size.to_bytes(digits, "big") if digits else bytes([size])) + content


@given(SIZES)
def test_what_our_own_writer_writes_has_the_shortest_length(size: int) -> None:
    assert not der_fault(read_element(tlv(OCTET_STRING, bytes(size))))


@given(SIZES, st.sampled_from([b"\x04", b"\x1f\x81\x01"]))
def test_one_digit_more_is_a_fault(size: int, tag: bytes) -> None:
    needed = 0 if size < 0x80 else (size.bit_length() + 7) // 8
    assert not der_fault(read_element(written(tag, bytes(size), needed)))
    if needed < 3:  # longer lengths are read as no length at all
        assert der_fault(read_element(written(tag, bytes(size), needed + 1))) == LONGER


@pytest.mark.parametrize("inner", [b"\x04\x81\x01x", b"\x30\x80\x00\x00"])
def test_an_inner_element_is_looked_at_too(inner: bytes) -> None:
    assert der_fault(read_element(tlv(0x30, inner)))
