"""Signature containers made octet by octet with keys of our own, right or wrong as wished."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import new as new_hash
from typing import Any

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

DATA, SIGNED_DATA = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = (f"1.2.840.113549.1.9.{n}" for n in (3, 4, 5))
CERTIFICATE_V2, TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.16.2.14"
HASHES = {
    "sha1": "1.3.14.3.2.26", "md5": "1.2.840.113549.2.5", "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3", "sha3_256": "2.16.840.1.101.3.4.2.8",
}  # fmt: skip
_RSA = {"sha1": 5, "sha256": 11, "sha384": 12, "sha512": 13}
_ECDSA = {"sha256": "4.3.2", "sha384": "4.3.3", "sha512": "4.3.4"}
_PYCA = {
    "sha1": hashes.SHA1(),  # noqa: S303 - what is forbidden must be shown to be refused
    "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
    "sha3_256": hashes.SHA3_256(),
}  # fmt: skip


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def oid(dotted: str) -> bytes:
    return core.ObjectIdentifier(dotted).dump()


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return der(0x31, *sorted(parts))


def octets(data: bytes) -> bytes:
    return der(0x04, data)


def integer(number: int) -> bytes:
    return core.Integer(number).dump()


def attribute(kind: str, *values: bytes) -> bytes:
    return sequence(oid(kind), set_of(*values))


def digest(data: bytes, algorithm: str) -> bytes:
    return new_hash(algorithm, data).digest()


@dataclass(frozen=True)
class Signer:
    """A key with its certificate and how it signs."""

    key: Any
    certificate: bytes
    chain: tuple[bytes, ...]
    pss: bool = False

    def sign(self, message: bytes, algorithm: str) -> bytes:
        chosen = _PYCA[algorithm]
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(message, ec.ECDSA(chosen))
        if isinstance(self.key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey):
            return self.key.sign(message)
        assert isinstance(self.key, rsa.RSAPrivateKey)
        if self.pss:
            scheme: Any = padding.PSS(padding.MGF1(chosen), chosen.digest_size)
            return self.key.sign(message, scheme, chosen)
        return self.key.sign(digest(message, algorithm), padding.PKCS1v15(), Prehashed(chosen))

    def algorithm(self, algorithm: str) -> bytes:
        """The AlgorithmIdentifier of the signature value."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            if algorithm == "sha3_256":
                return sequence(oid("2.16.840.1.101.3.4.3.10"))
            return sequence(oid("1.2.840.10045." + _ECDSA[algorithm]))
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return sequence(oid("1.3.101.112"))
        if isinstance(self.key, ed448.Ed448PrivateKey):
            return sequence(oid("1.3.101.113"))
        if self.pss:
            chosen = sequence(oid(HASHES[algorithm]), b"\x05\x00")
            mask = sequence(oid("1.2.840.113549.1.1.8"), chosen)
            length = integer(_PYCA[algorithm].digest_size)
            inside = sequence(der(0xA0, chosen), der(0xA1, mask), der(0xA2, length))
            return sequence(oid("1.2.840.113549.1.1.10"), inside)
        if algorithm == "sha3_256":
            return sequence(oid("2.16.840.1.101.3.4.3.14"), b"\x05\x00")
        return sequence(oid(f"1.2.840.113549.1.1.{_RSA[algorithm]}"), b"\x05\x00")


@dataclass(frozen=True, kw_only=True)
class Cms:
    """What a container says; every field can be made wrong."""

    signer: Signer
    algorithm: str = "sha256"
    bound: bool = True
    """signing-certificate-v2 among the signed attributes."""

    time: datetime | None = None
    stamp: Callable[[bytes], bytes] | None = None
    """From the digest of the value to a time-stamp token."""

    message_digest: bytes | None = None
    with_attributes: bool = True
    attributes: tuple[bytes, ...] = ()
    ordered: bool = True
    """Signed attributes in the order of DER; False: reversed, and signed as they stand."""

    value: Callable[[bytes], bytes] = lambda value: value
    shown: bytes | None = None
    """The certificate that is shown as the signer's instead of the right one."""

    certificates: tuple[bytes, ...] | None = None
    infos: int = 1
    content: bytes | None = None
    """Content inside the container."""

    content_type: str = DATA
    ber: bool = False

    def __call__(self, covered: bytes) -> bytes:
        """The container over these octets."""
        info, certificates = self._info(covered), self.certificates
        if certificates is None:
            certificates = (self.shown or self.signer.certificate, *self.signer.chain)
        inside = b"" if self.content is None else der(0xA0, octets(self.content))
        parts = (
            integer(1 if self.content_type == DATA else 3),
            set_of(sequence(oid(HASHES[self.algorithm]), b"\x05\x00")),
            sequence(oid(self.content_type), inside),
            der(0xA0, *certificates),
            der(0x31, *[info] * self.infos),
        )
        if self.ber:  # indefinite lengths outside, as some signing programs write
            return (
                b"\x30\x80" + oid(SIGNED_DATA) + b"\xa0\x80\x30\x80" + b"".join(parts) + b"\0\0" * 3
            )  # fmt: skip
        return sequence(oid(SIGNED_DATA), der(0xA0, sequence(*parts)))

    def _info(self, covered: bytes) -> bytes:
        signed = self._attributes(covered)
        body = b"".join(signed)
        message = der(0x31, body) if self.with_attributes else covered
        value = self.value(self.signer.sign(message, self.algorithm))
        certificate = x509.load_der_x509_certificate(self.shown or self.signer.certificate)
        unsigned = b""
        if self.stamp is not None:
            unsigned = der(0xA1, attribute(TIMESTAMP_TOKEN, self.stamp(value)))
        return sequence(
            integer(1),
            sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number)),
            sequence(oid(HASHES[self.algorithm]), b"\x05\x00"),
            der(0xA0, body) if self.with_attributes else b"",
            self.signer.algorithm(self.algorithm),
            octets(value),
            unsigned,
        )

    def _attributes(self, covered: bytes) -> list[bytes]:
        found = [
            attribute(CONTENT_TYPE, oid(self.content_type)),
            attribute(MESSAGE_DIGEST, octets(self.message_digest or digest(covered, self.algorithm))),
            *self.attributes,
        ]
        if self.bound:
            hashed = sequence(octets(digest(self.signer.certificate, "sha256")))
            found.append(attribute(CERTIFICATE_V2, sequence(sequence(hashed))))
        if self.time:
            found.append(attribute(SIGNING_TIME, core.UTCTime(self.time).dump()))
        return sorted(found, reverse=not self.ordered)

    def but(self, **other: Any) -> "Cms":
        """The same with something else."""
        return replace(self, **other)


def certificate_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
