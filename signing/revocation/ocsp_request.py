"""OCSP requests: reading a stranger's, and making our own (RFC 6960 §4.1, nonces by RFC 9654).

Strict DER, at most 8 KB, at most 16 certificates. Who signed a request does not change its answer, so a signature must
have its form and is not checked. Knows no registry and no answer.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.keys.der import BIT_STRING, NULL, OCTET_STRING, OID, SEQUENCE, DerError, DerReader, integer, oid, tlv

MAX_REQUEST_BYTES: Final = 8 * 1024
MAX_CERTIFICATES: Final = 16
MAX_NONCE: Final = 128  # RFC 9654 §2.1: 1 to 128 octets

OID_NONCE: Final = "1.3.6.1.5.5.7.48.1.2"
_NONCE: Final = oid(OID_NONCE)
_VERSION_1: Final = integer(0)
_HASHES: Final = {
    oid("1.3.14.3.2.26"): "sha1",  # identifies, does not protect: RFC 6960 §4.3 makes every client know it
    oid("2.16.840.1.101.3.4.2.1"): "sha256",
    oid("2.16.840.1.101.3.4.2.2"): "sha384",
    oid("2.16.840.1.101.3.4.2.3"): "sha512",
}
_OID_OF_HASH: Final = {name: encoded for encoded, name in _HASHES.items()}
_CONTEXT: Final = (0xA0, 0xA1, 0xA2)


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

    def is_of(self, authority: "AuthorityId") -> bool:
        """Say whether the certificate is that authority's."""
        return self.hash_name is not None and authority.hashes(self.hash_name) == (self.name_hash, self.key_hash)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityId:
    """What a CertID hashes of an authority."""

    name: bytes
    """Subject, DER."""
    key_bits: bytes
    """The key's BIT STRING without its tag, length and count of unused bits."""

    @classmethod
    def of(cls, certificate: bytes) -> "AuthorityId":
        """Read it from the authority's certificate (DER)."""
        loaded = x509.load_der_x509_certificate(certificate)
        key = loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        spki = DerReader(key).inside(SEQUENCE)
        spki.content(SEQUENCE)
        return cls(name=loaded.subject.public_bytes(), key_bits=spki.content(BIT_STRING)[1:])

    def hashes(self, hash_name: str) -> tuple[bytes, bytes]:
        """Return the hashes of name and key."""
        return hashlib.new(hash_name, self.name).digest(), hashlib.new(hash_name, self.key_bits).digest()


@lru_cache(maxsize=16)
def authority_id(certificate: bytes) -> AuthorityId:
    """``AuthorityId.of``, remembered: reading a certificate costs as much as a signature; a service has a few."""
    return AuthorityId.of(certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspRequest:
    """A request that could be read."""

    certificates: tuple[CertId, ...]
    nonce: bytes | None
    """The nonce extension's value as it came (an OCTET STRING, DER)."""


def parse_ocsp_request(data: bytes) -> OcspRequest:
    """Read a request.

    Raises:
        DerError: not a request in DER, too large, too many certificates, a nonce of a wrong size, or a critical
            extension that we do not know.
    """
    if len(data) > MAX_REQUEST_BYTES:
        message = "request is too large"
        raise DerError(message)
    outer = DerReader(data)
    frame = outer.inside(SEQUENCE)
    outer.end()
    tbs = frame.inside(SEQUENCE)
    if not frame.at_end:
        _check_signature(frame.inside(0xA0))
    frame.end()
    version, requestor, extensions = _CONTEXT
    if tbs.peek() == version and tbs.content(version) != _VERSION_1:
        message = "another version of the protocol"
        raise DerError(message)
    if tbs.peek() == requestor:
        tbs.content(requestor)
    certificates = _cert_ids(tbs.inside(SEQUENCE))
    nonce = _nonce(tbs.inside(extensions).inside(SEQUENCE)) if tbs.peek() == extensions else None
    tbs.end()
    return OcspRequest(certificates=certificates, nonce=nonce)


def parse_cert_id(encoded: bytes) -> CertId:
    """Read a CertID (DER), as a kept answer names it.

    Raises:
        DerError: it is none.
    """
    reader = DerReader(encoded).inside(SEQUENCE)
    algorithm = reader.inside(SEQUENCE)
    name = _HASHES.get(algorithm.element(OID))
    if not algorithm.at_end:
        _check_null(algorithm)  # as most clients write the parameters
    algorithm.end()
    name_hash, key_hash = reader.content(OCTET_STRING), reader.content(OCTET_STRING)
    serial = reader.integer()
    reader.end()
    return CertId(encoded=encoded, hash_name=name, name_hash=name_hash, key_hash=key_hash, serial=serial)


def build_cert_id(serial: int, authority: AuthorityId, *, hash_name: str = "sha256") -> CertId:
    """Return the CertID of a certificate as OpenSSL and most clients spell it: NULL parameters behind the hash."""
    name_hash, key_hash = authority.hashes(hash_name)
    algorithm = tlv(SEQUENCE, _OID_OF_HASH[hash_name], tlv(NULL))
    return CertId(
        encoded=tlv(SEQUENCE, algorithm, tlv(OCTET_STRING, name_hash), tlv(OCTET_STRING, key_hash), integer(serial)),
        hash_name=hash_name,
        name_hash=name_hash,
        key_hash=key_hash,
        serial=serial,
    )


def build_ocsp_request(serials: tuple[int, ...], authority: bytes) -> OcspRequest:
    """Return the request that asks about serials of one authority, for answers made without a network."""
    known = authority_id(authority)
    return OcspRequest(certificates=tuple(build_cert_id(serial, known) for serial in serials), nonce=None)


def _check_null(algorithm: DerReader) -> None:
    """A NULL with content would be one more spelling of the same question, and there is no end to those."""
    if algorithm.content(NULL):
        message = "a NULL has no content"
        raise DerError(message)


def _check_signature(explicit: DerReader) -> None:
    """Signature ::= SEQUENCE { signatureAlgorithm, signature BIT STRING, certs [0] OPTIONAL }."""
    signature = explicit.inside(SEQUENCE)
    explicit.end()
    signature.content(SEQUENCE)
    signature.content(BIT_STRING)
    if not signature.at_end:
        signature.content(0xA0)
    signature.end()


def _cert_ids(requests: DerReader) -> tuple[CertId, ...]:
    certificates: list[CertId] = []
    while not requests.at_end:
        if len(certificates) == MAX_CERTIFICATES:
            message = f"more than {MAX_CERTIFICATES} certificates"
            raise DerError(message)
        one = requests.inside(SEQUENCE)
        certificates.append(parse_cert_id(one.element(SEQUENCE)))
        if not one.at_end:
            _extensions(one.inside(0xA0).inside(SEQUENCE), understood=())
        one.end()
    if not certificates:
        message = "no certificate is asked about"
        raise DerError(message)
    return tuple(certificates)


def _extensions(reader: DerReader, *, understood: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    """Names (DER) and values; RFC 6960 §4.4: what is critical and not understood stops the request."""
    found: list[tuple[bytes, bytes]] = []
    while not reader.at_end:
        one = reader.inside(SEQUENCE)
        name = one.element(OID)
        critical = one.boolean() if one.peek() == 0x01 else False
        value = one.content(OCTET_STRING)
        one.end()
        if critical and name not in understood:
            message = "a critical extension is not known"
            raise DerError(message)
        found.append((name, value))
    return found


def _nonce(extensions: DerReader) -> bytes | None:
    values = [value for name, value in _extensions(extensions, understood=(_NONCE,)) if name == _NONCE]
    for value in values:
        inner = DerReader(value)
        size = len(inner.content(OCTET_STRING))
        inner.end()
        if not 1 <= size <= MAX_NONCE or len(values) > 1:
            message = f"a nonce has 1-{MAX_NONCE} octets and comes once"
            raise DerError(message)
    return values[0] if values else None
