"""OCSP: reading requests and writing answers (RFC 6960, RFC 5019, nonces by RFC 9654).

A request is a stranger's bytes: strict DER, at most 8 KB, at most 16 certificates. Answers are signed by
a delegated responder. Knows no registry: the status of a serial comes from a function handed in, and a
serial it does not know is ``unknown``, never ``good``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.keys import Credential, KeyStore
from signing.keys.der import (
    ENUMERATED,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    DerReader,
    extension,
    generalized_time,
    integer,
    oid,
    signed,
    tlv,
)

MAX_REQUEST_BYTES: Final = 8 * 1024
MAX_CERTIFICATES: Final = 16
MAX_NONCE: Final = 128  # RFC 9654 §2.1: 1 to 128 octets

_OID_BASIC: Final = oid("1.3.6.1.5.5.7.48.1.1")
_OID_NONCE: Final = "1.3.6.1.5.5.7.48.1.2"
_NONCE_OID_ELEMENT: Final = oid(_OID_NONCE)
_HASHES: Final = {
    oid("1.3.14.3.2.26"): "sha1",  # identifies, does not protect: RFC 6960 §4.3 makes every client know it
    oid("2.16.840.1.101.3.4.2.1"): "sha256",
    oid("2.16.840.1.101.3.4.2.2"): "sha384",
    oid("2.16.840.1.101.3.4.2.3"): "sha512",
}


class OcspError(IntEnum):
    """OCSPResponseStatus of an answer without content (RFC 6960 §4.2.1)."""

    MALFORMED_REQUEST = 1
    INTERNAL_ERROR = 2
    TRY_LATER = 3
    UNAUTHORIZED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """The certificate is revoked or on hold."""

    at: datetime
    reason: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """The certificate was issued and is neither revoked nor on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """No certificate with this serial was ever issued here."""


Status = Good | Revoked | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class CertId:
    """One certificate that is asked about."""

    encoded: bytes
    """CertID as it came, DER; the answer repeats it."""
    hash_name: str | None
    """None for a hash that we do not know: then we cannot tell whose certificate it is."""
    name_hash: bytes
    key_hash: bytes
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspRequest:
    """A request that could be read."""

    certificates: tuple[CertId, ...]
    nonce: bytes | None
    """The nonce extension's value as it came (an OCTET STRING, DER)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Responder:
    """Who answers for one authority."""

    authority: bytes
    """Certificate of the authority whose certificates are asked about, DER."""
    signer: Credential
    """Delegated OCSP signer that this authority issued."""


def parse_ocsp_request(data: bytes) -> OcspRequest:
    """Read a request.

    Raises:
        DerError: not a request in DER, too large, too many certificates, or a nonce of a wrong size.
    """
    if len(data) > MAX_REQUEST_BYTES:
        message = "request is too large"
        raise DerError(message)
    outer = DerReader(data)
    frame = outer.inside(SEQUENCE)
    outer.end()
    tbs = frame.inside(SEQUENCE)
    if not frame.at_end:
        frame.content(0xA0)  # optionalSignature: who asks does not change the answer
    frame.end()
    for tag in (0xA0, 0xA1):  # version, requestorName
        if tbs.peek() == tag:
            tbs.content(tag)
    requests = tbs.inside(SEQUENCE)
    certificates: list[CertId] = []
    while not requests.at_end:
        if len(certificates) == MAX_CERTIFICATES:
            message = f"more than {MAX_CERTIFICATES} certificates"
            raise DerError(message)
        certificates.append(_cert_id(requests.inside(SEQUENCE)))
    if not certificates:
        message = "no certificate is asked about"
        raise DerError(message)
    nonce = _nonce(tbs.inside(0xA2).inside(SEQUENCE)) if tbs.peek() == 0xA2 else None  # noqa: PLR2004 - [2]
    tbs.end()
    return OcspRequest(certificates=tuple(certificates), nonce=nonce)


def build_ocsp_response(
    request: OcspRequest,
    responder: Responder,
    keys: KeyStore,
    status_of: Callable[[int], Status],
    *,
    produced_at: datetime,
    next_update: datetime,
) -> bytes:
    """Return the answer (DER OCSPResponse), signed, or ``unauthorized`` when nothing asked is ours.

    RFC 6960 §2.3: who cannot speak for the authority must not answer for it.
    """
    ours = [_is_of(certificate, responder.authority) for certificate in request.certificates]
    if not any(ours):
        return build_ocsp_error(OcspError.UNAUTHORIZED)
    moment = generalized_time(produced_at)
    until = tlv(0xA0, generalized_time(next_update))
    answers = [
        tlv(
            SEQUENCE,
            certificate.encoded,
            _status(status_of(certificate.serial) if own else Unknown()),
            moment,
            until,
        )
        for certificate, own in zip(request.certificates, ours, strict=True)
    ]
    nonce = b""
    if request.nonce is not None:
        nonce = tlv(0xA1, tlv(SEQUENCE, extension(_OID_NONCE, request.nonce)))
    signer = responder.signer
    # RFC 6960 §4.2.1: responder by key hash, SHA-1 of the key's bits
    key_hash = tlv(0xA2, tlv(OCTET_STRING, hashlib.sha1(_key_bits(signer.certificate)).digest()))  # noqa: S324 - names, protects nothing
    tbs = tlv(SEQUENCE, key_hash, moment, tlv(SEQUENCE, *answers), nonce)
    signature = keys.sign(signer.key_id, tbs, signer.algorithm)
    certificates = tlv(0xA0, tlv(SEQUENCE, signer.certificate))
    basic = signed(tbs, signer.algorithm, signature, certificates)
    content = tlv(SEQUENCE, _OID_BASIC, tlv(OCTET_STRING, basic))
    return tlv(SEQUENCE, tlv(ENUMERATED, b"\x00"), tlv(0xA0, content))


def build_ocsp_error(status: OcspError) -> bytes:
    """Return an answer without content; it is not signed (RFC 6960 §2.3)."""
    return tlv(SEQUENCE, tlv(ENUMERATED, bytes((status.value,))))


def build_ocsp_request(serials: tuple[int, ...], authority: bytes) -> OcspRequest:
    """Return the request that asks about serials of one authority, for answers made without a network."""
    name, bits = _names(authority)
    name_hash, key_hash = hashlib.sha256(name).digest(), hashlib.sha256(bits).digest()
    algorithm = tlv(SEQUENCE, oid("2.16.840.1.101.3.4.2.1"))
    return OcspRequest(
        certificates=tuple(
            CertId(
                encoded=tlv(
                    SEQUENCE,
                    algorithm,
                    tlv(OCTET_STRING, name_hash),
                    tlv(OCTET_STRING, key_hash),
                    integer(serial),
                ),
                hash_name="sha256",
                name_hash=name_hash,
                key_hash=key_hash,
                serial=serial,
            )
            for serial in serials
        ),
        nonce=None,
    )


def _cert_id(request: DerReader) -> CertId:
    encoded = request.element(SEQUENCE)
    if not request.at_end:
        request.content(0xA0)  # singleRequestExtensions: none of them changes an answer
    request.end()
    reader = DerReader(encoded).inside(SEQUENCE)
    algorithm = reader.inside(SEQUENCE)
    name = _HASHES.get(algorithm.element(0x06))
    if not algorithm.at_end:
        algorithm.content(0x05)  # NULL parameters, as most clients write them
    algorithm.end()
    name_hash, key_hash = reader.content(OCTET_STRING), reader.content(OCTET_STRING)
    serial = reader.integer()
    reader.end()
    return CertId(encoded=encoded, hash_name=name, name_hash=name_hash, key_hash=key_hash, serial=serial)


def _nonce(extensions: DerReader) -> bytes | None:
    found: bytes | None = None
    while not extensions.at_end:
        one = extensions.inside(SEQUENCE)
        name = one.element(0x06)
        if one.peek() == 0x01:
            one.boolean()
        value = one.content(OCTET_STRING)
        one.end()
        if name == _NONCE_OID_ELEMENT:
            inner = DerReader(value)
            size = len(inner.content(OCTET_STRING))
            inner.end()
            if not 1 <= size <= MAX_NONCE or found is not None:
                message = "a nonce has 1-128 octets and comes once"
                raise DerError(message)
            found = value
    return found


def _is_of(certificate: CertId, authority: bytes) -> bool:
    if certificate.hash_name is None:
        return False
    name, bits = _names(authority)
    return (
        hashlib.new(certificate.hash_name, name).digest() == certificate.name_hash
        and hashlib.new(certificate.hash_name, bits).digest() == certificate.key_hash
    )


def _status(status: Status) -> bytes:
    if isinstance(status, Revoked):
        reason = tlv(0xA0, tlv(ENUMERATED, bytes((status.reason,)))) if status.reason else b""
        return tlv(0xA1, generalized_time(status.at), reason)
    return b"\x80\x00" if isinstance(status, Good) else b"\x82\x00"


def _names(authority: bytes) -> tuple[bytes, bytes]:
    """Return an authority's name (DER) and the bits of its key, which a CertID hashes."""
    return x509.load_der_x509_certificate(authority).subject.public_bytes(), _key_bits(authority)


def _key_bits(certificate: bytes) -> bytes:
    key = x509.load_der_x509_certificate(certificate).public_key()
    spki = DerReader(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).inside(SEQUENCE)
    spki.content(SEQUENCE)
    return spki.content(0x03)[1:]  # without the count of unused bits
