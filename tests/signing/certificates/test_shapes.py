"""Bytes are told apart by what they are: certificates, lists, answers, attributes; anything else has no shape."""

import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from signing.keys.der import SEQUENCE, SET, DerReader, integer, oid, tlv
from signing.keys.recorded import KeyUseKind, kind_of
from signing.keys.shapes import (
    DATA,
    OCSP_SIGNING,
    OcspAnswer,
    RequestInfo,
    SignedAttributes,
    TbsCertificate,
    TbsCertList,
    shape_of,
)

AT = datetime(2026, 11, 23, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DEV")])
SPKI = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate(*extensions: x509.ExtensionType) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(KEY.public_key())
        .serial_number(77)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(KEY, hashes.SHA256())


def crl() -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(NAME).last_update(AT)
    return builder.next_update(AT + timedelta(days=1)).sign(KEY, hashes.SHA256()).tbs_certlist_bytes


def answer(encoding: ocsp.OCSPResponderEncoding) -> bytes:
    one = certificate()
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=one, issuer=one, algorithm=hashes.SHA256(), cert_status=ocsp.OCSPCertStatus.GOOD, this_update=AT,
        next_update=None, revocation_time=None, revocation_reason=None,
    )  # fmt: skip
    return builder.responder_id(encoding, one).sign(KEY, hashes.SHA256()).tbs_response_bytes


def attributes(kind: str = "data", **more: Any) -> bytes:
    values = [
        cms.CMSAttribute({"type": "content_type", "values": [kind]}),
        cms.CMSAttribute({"type": "message_digest", "values": [b"d" * 32]}),
        cms.CMSAttribute(
            {
                "type": "signing_certificate_v2",
                "values": [tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2({"cert_hash": b"c" * 32} | more)]})],
            }
        ),
    ]
    return bytes(cms.CMSAttributes(values).dump())


def test_a_certificate_says_who_signs_for_whom_and_what_it_may() -> None:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
    policy = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)])
    shape = shape_of(certificate(x509.BasicConstraints(ca=True, path_length=0), usage, policy).tbs_certificate_bytes)
    assert isinstance(shape, TbsCertificate)
    assert (shape.issuer, shape.subject, shape.spki) == (NAME.public_bytes(), NAME.public_bytes(), SPKI)
    assert (shape.is_ca, shape.path_length) == (True, 0)
    assert shape.extended_key_usage == (OCSP_SIGNING,)
    assert shape.policies == (bytes.fromhex("06022a03"),)
    plain = shape_of(certificate().tbs_certificate_bytes)
    assert isinstance(plain, TbsCertificate)
    assert (plain.is_ca, plain.path_length, plain.policies) == (False, None, ())


def test_lists_answers_requests_and_attributes_are_told_apart() -> None:
    assert shape_of(crl()) == TbsCertList(issuer=NAME.public_bytes())
    by_name, by_key = (shape_of(answer(each)) for each in ocsp.OCSPResponderEncoding)
    found = {type(by_name), type(by_key)}
    assert found == {OcspAnswer}
    identifiers = [(one.responder_name, one.responder_key_sha1) for one in (by_name, by_key)]  # type: ignore[union-attr] # told above
    digest = x509.SubjectKeyIdentifier.from_public_key(KEY.public_key()).digest
    assert sorted(identifiers, key=str) == sorted([(NAME.public_bytes(), None), (None, digest)], key=str)
    request = x509.CertificateSigningRequestBuilder().subject_name(NAME).sign(KEY, hashes.SHA256())
    assert shape_of(request.tbs_certrequest_bytes) == RequestInfo(spki=SPKI)
    shape = shape_of(attributes())
    assert isinstance(shape, SignedAttributes)
    assert (shape.content_type, shape.message_digest) == (DATA, b"d" * 32)
    assert shape.certificate_hashes == (("sha256", b"c" * 32),)
    longer = shape_of(attributes(hash_algorithm={"algorithm": "sha512"}, cert_hash=b"e" * 64))
    assert isinstance(longer, SignedAttributes)
    assert longer.certificate_hashes == (("sha512", b"e" * 64),)


def test_the_record_of_a_use_says_what_was_signed() -> None:
    kinds = {
        KeyUseKind.CERTIFICATE: certificate().tbs_certificate_bytes,
        KeyUseKind.CRL: crl(),
        KeyUseKind.OCSP: answer(ocsp.OCSPResponderEncoding.HASH),
        KeyUseKind.TST: attributes("tst_info"),
        KeyUseKind.DOCUMENT: attributes(),
        KeyUseKind.OTHER: b"anything",
    }
    assert {kind: kind_of(data) for kind, data in kinds.items()} == {kind: kind for kind in kinds}


@pytest.mark.parametrize(
    "make",
    [
        lambda: certificate().tbs_certificate_bytes,
        crl,
        lambda: answer(ocsp.OCSPResponderEncoding.HASH),
        attributes,
    ],
)
def test_one_byte_more_or_less_has_no_shape(make: Any) -> None:
    data = make()
    assert shape_of(data + b"\x00") is None
    for size in range(len(data)):
        assert shape_of(data[:size]) is None


def test_attributes_that_contradict_themselves_have_no_shape() -> None:
    content = cms.CMSAttribute({"type": "content_type", "values": ["data"]}).dump()
    digest = cms.CMSAttribute({"type": "message_digest", "values": [b"d" * 32]}).dump()
    both = cms.CMSAttribute({"type": "message_digest", "values": [b"d" * 32, b"e" * 32]}).dump()
    unknown = attributes(hash_algorithm={"algorithm": "md5"})
    for data in (tlv(SET, content, digest, digest), tlv(SET, content), tlv(SET, content, both), unknown):
        assert shape_of(data) is None
    assert shape_of(tlv(SET, content, digest)) == SignedAttributes(
        content_type=DATA, message_digest=b"d" * 32, certificate_hashes=()
    )


def test_an_extension_that_stands_twice_has_no_shape() -> None:
    tbs = certificate(x509.BasicConstraints(ca=False, path_length=None)).tbs_certificate_bytes
    at = tbs.rindex(bytes.fromhex("a3"))
    extension = tbs[at + 4 :]
    twice = tlv(0xA3, tlv(0x30, extension, extension))
    inner = tbs[:at][2:] if tbs[1] < 0x80 else tbs[:at][3:] if tbs[1] == 0x81 else tbs[:at][4:]
    assert shape_of(tlv(0x30, inner, tlv(0xA3, tlv(0x30, extension)))) is not None
    assert shape_of(tlv(0x30, inner, twice)) is None


@given(st.binary(max_size=200))
def test_no_bytes_of_a_stranger_break_the_reading(raw: bytes) -> None:
    shape_of(raw)
    shape_of(b"\x30" + raw)
    shape_of(b"\x31" + raw)


def test_the_digest_of_a_named_certificate_decides() -> None:
    shape = shape_of(attributes(cert_hash=hashlib.sha256(b"mine").digest()))
    assert isinstance(shape, SignedAttributes)
    assert shape.names(b"mine")
    assert not shape.names(b"another")


def bloated(*extensions: bytes) -> bytes:
    """A to-be-signed certificate whose extensions are these, with nothing in its other fields."""
    empty = tlv(SEQUENCE)
    listed = tlv(0xA3, tlv(SEQUENCE, *extensions))
    return tlv(SEQUENCE, tlv(0xA0, integer(2)), integer(1), *[empty] * 5, listed)


def test_a_certificate_of_millions_of_parts_has_no_shape_and_costs_nothing() -> None:
    usages = tlv(SEQUENCE, b"\x06\x01\x00" * 5_000_000)
    data = bloated(tlv(SEQUENCE, oid("2.5.29.37"), tlv(0x04, usages)))
    begun = time.process_time()
    assert shape_of(data) is None
    assert time.process_time() - begun < 3
    few = bloated(tlv(SEQUENCE, oid("2.5.29.37"), tlv(0x04, tlv(SEQUENCE, b"\x06\x01\x00" * 9))))
    assert isinstance(shape_of(few), TbsCertificate)


def test_attributes_larger_than_any_signature_of_ours_have_no_shape() -> None:
    large = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(bytes(70_000))]})
    both = [*cms.CMSAttributes.load(attributes()), large]
    assert shape_of(bytes(cms.CMSAttributes(both).dump())) is None
    assert shape_of(bytes(cms.CMSAttributes(both[:-1]).dump())) is not None


def test_a_large_revocation_list_keeps_its_shape() -> None:
    body = DerReader(crl()).content(SEQUENCE)
    assert shape_of(tlv(SEQUENCE, body, tlv(SEQUENCE, bytes(1_000_000)))) == TbsCertList(issuer=NAME.public_bytes())
