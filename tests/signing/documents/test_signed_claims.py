"""What a caller wants signed besides has one form, or is refused."""

import pytest
from asn1crypto import cms
from hypothesis import given
from hypothesis import strategies as st

from signing.keys.der import DerError, oid, tlv
from signing.pades import claimed_attribute
from signing.pades.claims import COMMITMENT_TYPE, MEDIA_TYPE

APPROVAL = tlv(0x30, oid("1.2.840.113549.1.9.16.6.5"))
MEDIA = tlv(0x0C, b"application/pdf")
NAMES = {COMMITMENT_TYPE: "1.2.840.113549.1.9.16.2.16", MEDIA_TYPE: "0.4.0.1733.2.1"}


@pytest.mark.parametrize(("name", "value"), [(COMMITMENT_TYPE, APPROVAL), (MEDIA_TYPE, MEDIA)])
def test_the_value_and_the_whole_attribute_make_the_same_attribute(name: str, value: bytes) -> None:
    whole = tlv(0x30, oid(NAMES[name]), tlv(0x31, value))
    assert claimed_attribute(name, value) == claimed_attribute(name, whole) == whole
    read = cms.CMSAttribute.load(whole)
    assert (read["type"].dotted, len(read["values"])) == (NAMES[name], 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("signer-attributes-v2", tlv(0x30)),
        (COMMITMENT_TYPE, b""),
        (COMMITMENT_TYPE, MEDIA),
        (COMMITMENT_TYPE, APPROVAL + b"\0"),
        (COMMITMENT_TYPE, tlv(0x30, oid("1.2.840.113549.1.9.16.6.7"))),
        (COMMITMENT_TYPE, tlv(0x30, oid("1.2.840.113549.1.9.16.6.5"), tlv(0x30, tlv(0x30, oid("1.2.3"))))),
        (COMMITMENT_TYPE, tlv(0x30, oid(NAMES[COMMITMENT_TYPE]), tlv(0x31, APPROVAL, APPROVAL))),
        (COMMITMENT_TYPE, tlv(0x30, oid(NAMES[COMMITMENT_TYPE]), tlv(0x31, APPROVAL)) + b"\0"),
        (COMMITMENT_TYPE, tlv(0x30, oid(NAMES[COMMITMENT_TYPE]), tlv(0x31, APPROVAL), b"\5\0")),
        (COMMITMENT_TYPE, tlv(0x30, oid(NAMES[MEDIA_TYPE]), tlv(0x31, APPROVAL))),
        (MEDIA_TYPE, APPROVAL),
        (MEDIA_TYPE, MEDIA + b"\0"),
        (MEDIA_TYPE, tlv(0x0C, b"pdf")),
        (MEDIA_TYPE, tlv(0x0C, b"text/html; charset=utf-8")),
        (MEDIA_TYPE, tlv(0x0C, b"a/" + b"b" * 600)),
    ],
)
def test_everything_else_is_refused(name: str, value: bytes) -> None:
    with pytest.raises(DerError):
        claimed_attribute(name, value)


@given(st.binary(max_size=80), st.sampled_from([COMMITMENT_TYPE, MEDIA_TYPE]))
def test_whatever_comes_in_what_goes_out_is_one_attribute_of_that_name(value: bytes, name: str) -> None:
    try:
        made = claimed_attribute(name, value)
    except DerError:
        return
    assert cms.CMSAttribute.load(made, strict=True)["type"].dotted == NAMES[name]
