"""Time-stamps: what is granted is read and verified by another implementation; what is not is refused in its words."""

import hashlib
import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.ca import TIMESTAMP, service_credential
from signing.identity import DEFAULT_ARC
from signing.keys.der import DerReader, integer, oid, tlv
from signing.tsa import TimestampAuthority, build_timestamp_request
from tests.signing.certificates.hierarchy import AT, Samples

DIGEST = hashlib.sha256(b"van ban").digest()


@pytest.fixture(scope="module")
def authority(samples: Samples) -> TimestampAuthority:
    numbers = itertools.count(1)
    return TimestampAuthority(
        credential=service_credential(TIMESTAMP, samples.hierarchy.registry, at=AT),
        keys=samples.hierarchy.room.keys,
        policy=DEFAULT_ARC.timestamp_policy,
        next_serial=lambda: next(numbers),
        accuracy=timedelta(seconds=1, milliseconds=500),
    )


def token(authority: TimestampAuthority, request: bytes, at: datetime = AT) -> tuple[tsp.TSTInfo, cms.SignedData]:
    response = tsp.TimeStampResp.load(authority.respond(request, at=at), strict=True)
    assert response["status"]["status"].native == "granted"
    signed = response["time_stamp_token"]["content"]
    return signed["encap_content_info"]["content"].parsed, signed


def refused(authority: TimestampAuthority, request: bytes, at: datetime = AT) -> set[str]:
    status = status_of(authority.respond(request, at=at))
    assert status["status"].native == "rejection"
    return set(status["fail_info"].native)


def status_of(response: bytes) -> tsp.PKIStatusInfo:
    """The status alone: asn1crypto takes the token for mandatory, RFC 3161 §2.4.2 does not."""
    inside = DerReader(response).inside(0x30)
    status = tsp.PKIStatusInfo.load(inside.element(0x30), strict=True)
    if status["status"].native == "rejection":
        inside.end()
    return status


def test_a_token_says_what_when_and_by_which_policy(authority: TimestampAuthority) -> None:
    at = AT + timedelta(microseconds=120_000)
    info, _ = token(authority, build_timestamp_request(DIGEST, nonce=0x1234), at)
    assert info["message_imprint"]["hashed_message"].native == DIGEST
    assert info["gen_time"].native == at
    assert info["policy"].native == DEFAULT_ARC.timestamp_policy
    assert info["nonce"].native == 0x1234
    assert (info["accuracy"]["seconds"].native, info["accuracy"]["millis"].native) == (1, 500)


def test_serials_rise(authority: TimestampAuthority) -> None:
    serials = [token(authority, build_timestamp_request(DIGEST))[0]["serial_number"].native for _ in range(4)]
    assert serials == sorted(set(serials))


def test_the_signature_covers_the_attributes_and_names_the_certificate(
    samples: Samples, authority: TimestampAuthority
) -> None:
    info, signed = token(authority, build_timestamp_request(DIGEST))
    signer = signed["signer_infos"][0]
    attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
    assert attributes["message_digest"].native == hashlib.sha256(info.dump()).digest()
    bound = attributes["signing_certificate_v2"]["certs"][0]["cert_hash"].native
    assert bound == hashlib.sha256(samples.records["tsa"].der).digest()
    certificate = x509.load_der_x509_certificate(samples.records["tsa"].der)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
    assert signer["signed_attrs"].untag().dump(force=True) == signer["signed_attrs"].untag().dump()
    assert signer["sid"].chosen["serial_number"].native == certificate.serial_number


def test_certificates_come_only_when_asked_for(samples: Samples, authority: TimestampAuthority) -> None:
    _, signed = token(authority, build_timestamp_request(DIGEST))
    assert [one.chosen.dump() for one in signed["certificates"]] == [samples.records["tsa"].der]
    without = tlv(0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32))
    _, signed = token(authority, without)
    assert signed["certificates"].native is None


def imprint(algorithm: str, size: int, parameters: bytes = b"\x05\x00") -> bytes:
    return tlv(0x30, tlv(0x30, oid(algorithm), parameters), tlv(0x04, b"d" * size))


@pytest.mark.parametrize(
    ("algorithm", "size"),
    [
        ("2.16.840.1.101.3.4.2.1", 32),
        ("2.16.840.1.101.3.4.2.2", 48),
        ("2.16.840.1.101.3.4.2.3", 64),
        ("2.16.840.1.101.3.4.2.8", 32),
        ("2.16.840.1.101.3.4.2.10", 64),
    ],
)
def test_every_digest_of_the_closed_list_is_stamped_as_it_came(
    authority: TimestampAuthority, algorithm: str, size: int
) -> None:
    for parameters in (b"\x05\x00", b""):
        wanted = imprint(algorithm, size, parameters)
        info, _ = token(authority, tlv(0x30, integer(1), wanted))
        assert info["message_imprint"].dump() == wanted


@pytest.mark.parametrize(
    ("request_", "failure"),
    [
        (b"", "bad_data_format"),
        (b"no request", "bad_data_format"),
        (b"\x30" * 5000, "bad_data_format"),
        (build_timestamp_request(DIGEST)[:-1], "bad_data_format"),
        (build_timestamp_request(DIGEST) + b"\x00", "bad_data_format"),
        (build_timestamp_request(DIGEST[:31]), "bad_data_format"),
        (tlv(0x30, integer(1), imprint("1.3.14.3.2.26", 20)), "bad_alg"),
        (tlv(0x30, integer(1), imprint("1.2.840.113549.2.5", 16)), "bad_alg"),
        (tlv(0x30, integer(2), imprint("2.16.840.1.101.3.4.2.1", 32)), "bad_request"),
        (tlv(0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32), oid("1.2.3.4")), "unaccepted_policy"),
        (
            tlv(0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32), tlv(0xA0, tlv(0x30))),
            "unaccepted_extensions",
        ),
        (tlv(0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32), tlv(0x02, b"\x00\x01")), "bad_data_format"),
        (tlv(0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32), tlv(0x02)), "bad_data_format"),
        (tlv(0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32), tlv(0x02, b"\x01" * 65)), "bad_data_format"),
        (tlv(0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32), b"\x01\x01\x01"), "bad_data_format"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)}-octets",
)
def test_what_cannot_be_granted_is_refused_in_the_protocols_words(
    authority: TimestampAuthority, request_: bytes, failure: str
) -> None:
    assert refused(authority, request_) == {failure}


def test_our_own_policy_may_be_asked_for(authority: TimestampAuthority) -> None:
    request = tlv(
        0x30, integer(1), imprint("2.16.840.1.101.3.4.2.1", 32), oid(DEFAULT_ARC.timestamp_policy), integer(77)
    )
    assert token(authority, request)[0]["nonce"].native == 77


def test_a_refusal_counts_no_serial(authority: TimestampAuthority) -> None:
    first = token(authority, build_timestamp_request(DIGEST))[0]["serial_number"].native
    refused(authority, b"x")
    assert token(authority, build_timestamp_request(DIGEST))[0]["serial_number"].native == first + 1


@pytest.mark.parametrize("days", [-1, 366, 366 * 5])
def test_outside_the_keys_own_time_nothing_is_stamped(authority: TimestampAuthority, days: int) -> None:
    assert refused(authority, build_timestamp_request(DIGEST), AT + timedelta(days=days)) == {"time_not_available"}


def test_a_certificate_without_a_key_period_stamps_as_long_as_it_lives(
    samples: Samples, authority: TimestampAuthority
) -> None:
    seal = service_credential("seal", samples.hierarchy.registry, at=AT)
    other = replace(authority, credential=seal, accuracy=timedelta(milliseconds=20))
    info, _ = token(other, build_timestamp_request(DIGEST), AT + timedelta(days=700))
    assert (info["accuracy"]["seconds"].native, info["accuracy"]["millis"].native) == (None, 20)


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=999_999))
def test_every_microsecond_is_written_as_der_wants_it(authority: TimestampAuthority, micros: int) -> None:
    at = AT.replace(microsecond=micros)
    info, _ = token(authority, build_timestamp_request(DIGEST), at)
    assert info["gen_time"].native == at
    text = info["gen_time"].contents.decode()
    assert not text.endswith((".Z", "0Z")) or "." not in text


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_request_cut_or_changed_anywhere_gets_an_answer(authority: TimestampAuthority, data: st.DataObject) -> None:
    good = build_timestamp_request(DIGEST, nonce=99)
    position = data.draw(st.integers(min_value=0, max_value=len(good) - 1))
    flip = data.draw(st.integers(min_value=1, max_value=255))
    changed = good[:position] + bytes((good[position] ^ flip,)) + good[position + 1 :]
    for request in (good[:position], changed):
        assert status_of(authority.respond(request, at=AT))["status"].native in {"granted", "rejection"}
