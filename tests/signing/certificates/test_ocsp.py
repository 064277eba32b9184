"""OCSP requests are made by `cryptography`, answers are read by it: two implementations must agree."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.ca import responder_of
from signing.keys.der import DerError, DerReader, integer, oid, tlv
from signing.profiles import AuthorityName
from signing.revocation import (
    AuthorityId,
    Good,
    OcspError,
    OcspRequest,
    Responder,
    Revoked,
    Status,
    Unknown,
    build_cert_id,
    build_ocsp_error,
    build_ocsp_request,
    build_ocsp_response,
    parse_cert_id,
    parse_ocsp_request,
)
from tests.signing.certificates.hierarchy import AT, Samples

SHA1 = hashes.SHA1()  # noqa: S303 - what openssl and most clients put into a CertID


@pytest.fixture
def responder(samples: Samples) -> Responder:
    return responder_of(AuthorityName.PERSONAL, samples.hierarchy.registry, at=AT)


def load(samples: Samples, kind: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(samples.records[kind].der)


def ask(
    samples: Samples,
    kind: str = "personal",
    issuer: str = "ca:personal",
    digest: hashes.HashAlgorithm | None = None,
    nonce: bytes | None = None,
) -> bytes:
    builder = ocsp.OCSPRequestBuilder().add_certificate(load(samples, kind), load(samples, issuer), digest or SHA1)
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def answer(samples: Samples, responder: Responder, request: bytes, status: Status) -> ocsp.OCSPResponse:
    der = build_ocsp_response(
        parse_ocsp_request(request),
        responder,
        samples.hierarchy.room.keys,
        lambda _serial: status,
        produced_at=AT,
        next_update=AT + timedelta(hours=1),
    )
    return ocsp.load_der_ocsp_response(der)


@pytest.mark.parametrize("digest", [SHA1, hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_a_good_certificate_is_good_under_every_known_hash(
    samples: Samples, responder: Responder, digest: hashes.HashAlgorithm
) -> None:
    got = answer(samples, responder, ask(samples, digest=digest), Good())
    assert got.certificate_status is ocsp.OCSPCertStatus.GOOD
    assert got.hash_algorithm.name == digest.name
    assert got.serial_number == samples.records["personal"].serial
    assert (got.this_update_utc, got.next_update_utc) == (AT, AT + timedelta(hours=1))


def test_the_answer_is_signed_by_the_delegated_signer_and_brings_it_along(
    samples: Samples, responder: Responder
) -> None:
    got = answer(samples, responder, ask(samples), Good())
    signer = got.certificates[0]
    assert signer.public_bytes(Encoding.DER) == responder.signer.certificate
    signer.verify_directly_issued_by(load(samples, "ca:personal"))
    signer.public_key().verify(got.signature, got.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    key_id = signer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert got.responder_key_hash == key_id


@pytest.mark.parametrize(
    ("reason", "flag"),
    [(1, x509.ReasonFlags.key_compromise), (6, x509.ReasonFlags.certificate_hold), (None, None)],
)
def test_a_revoked_certificate_says_since_when_and_why(
    samples: Samples, responder: Responder, reason: int | None, flag: x509.ReasonFlags | None
) -> None:
    got = answer(samples, responder, ask(samples), Revoked(at=AT - timedelta(days=1), reason=reason))
    assert got.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert (got.revocation_time_utc, got.revocation_reason) == (AT - timedelta(days=1), flag)


def test_a_serial_that_was_never_issued_is_unknown(samples: Samples, responder: Responder) -> None:
    got = answer(samples, responder, ask(samples), Unknown())
    assert got.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize("size", [1, 16, 32, 128])
def test_the_nonce_comes_back(samples: Samples, responder: Responder, size: int) -> None:
    got = answer(samples, responder, ask(samples, nonce=b"n" * size), Good())
    assert got.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * size


def test_without_a_nonce_the_answer_has_none(samples: Samples, responder: Responder) -> None:
    assert len(answer(samples, responder, ask(samples), Good()).extensions) == 0


@pytest.mark.parametrize("size", [0, 129, 1000])
def test_a_nonce_of_a_wrong_size_is_refused(samples: Samples, size: int) -> None:
    with pytest.raises(DerError):
        parse_ocsp_request(ask(samples, nonce=b"n" * size))


def test_nobody_else_is_answered_for(samples: Samples, responder: Responder) -> None:
    request = ask(samples, kind="org_seal_secondary", issuer="ca:secondary")
    der = build_ocsp_response(
        parse_ocsp_request(request),
        responder,
        samples.hierarchy.room.keys,
        lambda _serial: Good(),
        produced_at=AT,
        next_update=AT,
    )
    assert ocsp.load_der_ocsp_response(der).response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


def cert_id(samples: Samples, serial: int, algorithm: bytes) -> bytes:
    request = build_ocsp_request((serial,), samples.records["ca:personal"].der)
    one = request.certificates[0]
    return tlv(0x30, algorithm, tlv(0x04, one.name_hash), tlv(0x04, one.key_hash), integer(serial))


def request_of(*requests: bytes, more: bytes = b"") -> bytes:
    return tlv(0x30, tlv(0x30, tlv(0x30, *(tlv(0x30, one) for one in requests)), more))


SHA256 = tlv(0x30, oid("2.16.840.1.101.3.4.2.1"))


def test_several_certificates_are_answered_in_one_answer_and_a_strangers_is_unknown(
    samples: Samples, responder: Responder
) -> None:
    serials = (samples.records["personal"].serial, samples.records["org_seal"].serial)
    stranger = tlv(0x30, SHA256, tlv(0x04, b"x" * 32), tlv(0x04, b"y" * 32), integer(5))
    parsed = parse_ocsp_request(request_of(*(cert_id(samples, serial, SHA256) for serial in serials), stranger))
    revoked = Revoked(at=AT, reason=1)
    der = build_ocsp_response(
        parsed,
        responder,
        samples.hierarchy.room.keys,
        lambda serial: Good() if serial == serials[0] else revoked,
        produced_at=AT,
        next_update=AT + timedelta(hours=1),
    )
    got = list(ocsp.load_der_ocsp_response(der).responses)
    assert [one.certificate_status.name for one in got] == ["GOOD", "REVOKED", "UNKNOWN"]
    assert [one.serial_number for one in got] == [*serials, 5]


def test_more_than_sixteen_certificates_are_refused(samples: Samples) -> None:
    one = cert_id(samples, 5, SHA256)
    assert len(parse_ocsp_request(request_of(*[one] * 16)).certificates) == 16
    with pytest.raises(DerError):
        parse_ocsp_request(request_of(*[one] * 17))


def test_an_unknown_hash_is_answered_with_unauthorized(samples: Samples, responder: Responder) -> None:
    md5 = tlv(0x30, oid("1.2.840.113549.2.5"), b"\x05\x00")
    got = answer(samples, responder, request_of(cert_id(samples, 5, md5)), Good())
    assert got.response_status is ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30\x00",
        b"GET / HTTP/1.1",
        b"\x30" * 9000,
        request_of(),
        request_of(tlv(0x30, SHA256, tlv(0x04, b"x" * 32), tlv(0x04, b"y" * 32), integer(5), b"\x05\x00")),
        tlv(0x30, tlv(0x30, tlv(0x30)), b"\x05\x00"),
    ],
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        parse_ocsp_request(data)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_request_cut_or_changed_anywhere_is_read_or_refused_but_never_crashes(
    samples: Samples, data: st.DataObject
) -> None:
    good = ask(samples, nonce=b"n" * 16)
    position = data.draw(st.integers(min_value=0, max_value=len(good) - 1))
    mutate: Callable[[bytes], bytes] = data.draw(
        st.sampled_from(
            [
                lambda whole: whole[:position],
                lambda whole: whole[:position] + bytes((whole[position] ^ 0x01,)) + whole[position + 1 :],
                lambda whole: whole[:position] + b"\xff" + whole[position:],
                lambda whole: whole + whole[:position],
            ]
        )
    )
    try:
        parsed = parse_ocsp_request(mutate(good))
    except DerError:
        return
    assert isinstance(parsed, OcspRequest)
    assert all(DerReader(one.encoded).element(0x30) == one.encoded for one in parsed.certificates)


SIGNATURE = tlv(0x30, tlv(0x30, oid("1.2.840.10045.4.3.2")), tlv(0x03, b"\x00sig"))


def test_signed_requests_and_names_of_askers_are_read_and_ignored(samples: Samples) -> None:
    one = tlv(0x30, tlv(0x30, cert_id(samples, 5, SHA256), tlv(0xA0, tlv(0x30))))
    asker = tlv(0xA1, b"\x86\x01a")
    request = tlv(0x30, tlv(0x30, b"\xa0\x03\x02\x01\x00", asker, one), tlv(0xA0, SIGNATURE))
    assert parse_ocsp_request(request).certificates[0].serial == 5
    with_chain = tlv(0x30, SIGNATURE[2:], tlv(0xA0, tlv(0x30)))
    assert parse_ocsp_request(tlv(0x30, tlv(0x30, asker, one), tlv(0xA0, with_chain))).certificates[0].serial == 5


@pytest.mark.parametrize(
    "signature", [tlv(0x30), tlv(0x30, tlv(0x30)), SIGNATURE + b"\x05\x00", tlv(0x30, SIGNATURE[2:], b"\x05\x00")]
)
def test_a_signature_without_its_form_is_refused(samples: Samples, signature: bytes) -> None:
    one = tlv(0x30, tlv(0x30, cert_id(samples, 5, SHA256)))
    with pytest.raises(DerError):
        parse_ocsp_request(tlv(0x30, tlv(0x30, one), tlv(0xA0, signature)))


def test_another_version_of_the_protocol_is_refused(samples: Samples) -> None:
    one = tlv(0x30, tlv(0x30, cert_id(samples, 5, SHA256)))
    with pytest.raises(DerError):
        parse_ocsp_request(tlv(0x30, tlv(0x30, b"\xa0\x03\x02\x01\x01", one)))


UNKNOWN = tlv(0x30, oid("1.2.3.4"), tlv(0x04, b"x"))
CRITICAL = tlv(0x30, oid("1.2.3.4"), b"\x01\x01\xff", tlv(0x04, b"x"))


def test_unknown_extensions_are_ignored_and_critical_ones_stop_the_request(samples: Samples) -> None:
    one = cert_id(samples, 5, SHA256)
    assert parse_ocsp_request(request_of(one, more=tlv(0xA2, tlv(0x30, UNKNOWN)))).nonce is None
    single = tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, one, tlv(0xA0, tlv(0x30, CRITICAL))))))
    for request in (request_of(one, more=tlv(0xA2, tlv(0x30, CRITICAL))), single):
        with pytest.raises(DerError):
            parse_ocsp_request(request)


def test_a_critical_nonce_is_understood_and_two_are_refused(samples: Samples) -> None:
    nonce = tlv(0x30, oid("1.3.6.1.5.5.7.48.1.2"), b"\x01\x01\xff", tlv(0x04, tlv(0x04, b"n" * 16)))
    one = cert_id(samples, 5, SHA256)
    parsed = parse_ocsp_request(request_of(one, more=tlv(0xA2, tlv(0x30, nonce))))
    assert parsed.nonce == tlv(0x04, b"n" * 16)
    with pytest.raises(DerError):
        parse_ocsp_request(request_of(one, more=tlv(0xA2, tlv(0x30, nonce, nonce))))


@pytest.mark.parametrize("name", ["sha1", "sha256"])
def test_we_spell_a_question_as_another_library_does(samples: Samples, name: str) -> None:
    certificate, issuer = load(samples, "personal"), load(samples, "ca:personal")
    digest = SHA1 if name == "sha1" else hashes.SHA256()
    theirs = ask(samples, digest=digest)
    ours = build_cert_id(certificate.serial_number, AuthorityId.of(issuer.public_bytes(Encoding.DER)), hash_name=name)
    assert parse_ocsp_request(theirs).certificates == (ours,)
    assert parse_cert_id(ours.encoded) == ours


@pytest.mark.parametrize("status", [Good(archive_cutoff=AT), Revoked(at=AT, reason=4, archive_cutoff=AT)])
def test_an_answer_about_an_expired_certificate_says_how_far_back_it_goes(
    samples: Samples, responder: Responder, status: Status
) -> None:
    der = build_ocsp_response(
        parse_ocsp_request(ask(samples)),
        responder,
        samples.hierarchy.room.keys,
        lambda _serial: status,
        produced_at=AT,
        next_update=AT + timedelta(hours=1),
    )
    single = asn1_ocsp.OCSPResponse.load(der).response_data["responses"][0]
    assert [(one["extn_id"].native, one["extn_value"].native) for one in single["single_extensions"]] == [
        ("archive_cutoff", AT)
    ]


def test_errors_have_the_protocols_own_form() -> None:
    got = ocsp.load_der_ocsp_response(build_ocsp_error(OcspError.TRY_LATER))
    assert got.response_status is ocsp.OCSPResponseStatus.TRY_LATER
