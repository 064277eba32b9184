"""Our DER agrees with a general ASN.1 library, and reading never goes further than the bytes say."""

from datetime import UTC, datetime

import pytest
from asn1crypto import algos, core
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from signing.keys import KeyKind, SignatureAlgorithm
from signing.keys.der import (
    ALGORITHM_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    DerReader,
    generalized_time,
    integer,
    oid,
    time,
    tlv,
)
from signing.keys.software import new_throwaway_key


@given(st.integers(min_value=-(2**200), max_value=2**200))
@example(-128)
@example(-(2**127))
def test_integers_are_written_and_read_as_asn1crypto_does(number: int) -> None:
    encoded = integer(number)
    assert encoded == core.Integer(number).dump()
    assert DerReader(encoded).integer() == number


@given(st.tuples(st.integers(0, 1), st.integers(0, 39)), st.lists(st.integers(0, 2**40), max_size=8))
def test_object_identifiers_are_written_as_asn1crypto_does(head: tuple[int, int], rest: list[int]) -> None:
    dotted = ".".join(str(number) for number in (*head, *rest))
    assert oid(dotted) == core.ObjectIdentifier(dotted).dump()


@given(st.binary(max_size=400))
def test_elements_are_read_back_whole(content: bytes) -> None:
    encoded = tlv(OCTET_STRING, content)
    assert encoded == core.OctetString(content).dump()
    reader = DerReader(encoded)
    assert reader.content(OCTET_STRING) == content
    reader.end()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_but_never_crash(data: bytes) -> None:
    for tag in (SEQUENCE, OCTET_STRING, 0x02):
        reader = DerReader(data)
        try:
            content = reader.content(tag)
        except DerError:
            continue
        assert tlv(tag, content) == data[: len(data) - len(data) + len(tlv(tag, content))]


@given(st.binary(max_size=60), st.integers(min_value=0, max_value=64))
def test_every_truncation_is_refused(content: bytes, keep: int) -> None:
    whole = tlv(SEQUENCE, tlv(OCTET_STRING, content))
    cut = whole[: min(keep, len(whole) - 1)]
    with pytest.raises(DerError):
        DerReader(cut).content(SEQUENCE)


@pytest.mark.parametrize(
    "data",
    [
        b"\x30\x80\x00\x00",  # indefinite length
        b"\x30\x81\x01\x00",  # long form where the short one fits
        b"\x30\x82\x00\x81" + b"\x00" * 0x81,  # leading zero
        b"\x30\x85\x00\x00\x00\x00\x01\x00",  # five length bytes
        b"\x30\x84\xff\xff\xff\xff",  # four gigabytes
        b"\x30",
        b"",
        b"\x1f\x81\x01\x00",  # tag of several bytes
    ],
)
def test_lengths_and_tags_that_are_not_der_are_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        DerReader(data).content(data[0] if data else SEQUENCE)


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"\xff\x80", b"\x01" * 65])
def test_integers_that_are_not_minimal_are_refused(content: bytes) -> None:
    with pytest.raises(DerError):
        DerReader(tlv(0x02, content)).integer()


@pytest.mark.parametrize("content", [b"\x01", b"", b"\xff\xff"])
def test_booleans_are_00_or_ff(content: bytes) -> None:
    with pytest.raises(DerError):
        DerReader(tlv(0x01, content)).boolean()
    assert DerReader(b"\x01\x01\xff").boolean()
    assert not DerReader(b"\x01\x01\x00").boolean()


def test_what_is_left_over_is_refused() -> None:
    with pytest.raises(DerError):
        DerReader(b"\x05\x00").end()


def test_times_change_their_form_in_2050() -> None:
    assert time(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)) == b"\x17\x0d491231235959Z"
    assert time(datetime(2050, 1, 1, tzinfo=UTC)) == b"\x18\x0f20500101000000Z"
    assert generalized_time(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == b"\x18\x0f20260102030405Z"


def test_algorithm_identifiers_are_the_ones_other_libraries_read() -> None:
    names = {
        name.value: algos.SignedDigestAlgorithm.load(identifier).signature_algo
        for name, identifier in ALGORITHM_IDENTIFIER.items()
        if name is not SignatureAlgorithm.ML_DSA_65  # asn1crypto does not know it: compared below
    }
    assert names == {"ecdsa_sha256": "ecdsa", "ecdsa_sha384": "ecdsa", "rsassa_pss_sha256": "rsassa_pss"}
    spki = (
        new_throwaway_key(KeyKind.ML_DSA_65).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    # RFC 9881 §2: the same identifier stands in the key and in the signature
    assert DerReader(spki).inside(SEQUENCE).element(SEQUENCE) == ALGORITHM_IDENTIFIER[SignatureAlgorithm.ML_DSA_65]
