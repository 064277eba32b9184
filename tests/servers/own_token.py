"""A holder's token for tests: a key made outside and imported, its certificate beside it, as vendors deliver it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, CertificateType, KeyType, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from signing.keys.holder_token import open_token
from signing.keys.module import load_module
from tests.servers.softhsm import LIBRARY, SoftHsm

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class OwnToken:
    """A token with one key and one certificate."""

    label: str
    pin: str = field(repr=False)
    certificate: bytes = field(repr=False)
    library: Path = LIBRARY

    def value(self, data: bytes) -> bytes:
        """What the token makes of the data: ECDSA as two numbers."""
        with open_token(self.library, self.label, self.pin) as token:
            return token.sign(token.key_of(self.certificate), data)


def make_token(softhsm: SoftHsm, key: Key, certificate: bytes, *, keeps_certificate: bool = True) -> OwnToken:
    """A new token with this key and this certificate (DER)."""
    label = softhsm.new_token()
    module = load_module(softhsm.library)
    module.restart(module.epoch)  # a library looks for tokens when it starts
    with module.in_use():
        session = module.library.get_token(token_label=label).open(rw=True, user_pin=softhsm.pin)
        try:
            for template in _objects(key, certificate if keeps_certificate else None):
                session.create_object(template)
        finally:
            session.close()
    return OwnToken(label=label, pin=softhsm.pin, certificate=certificate)


def _objects(key: Key, certificate: bytes | None) -> list[dict[Attribute, Any]]:
    name = {Attribute.LABEL: "ky", Attribute.ID: b"\x01", Attribute.TOKEN: True}
    private = {**name, Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.PRIVATE: True, Attribute.SENSITIVE: True}
    private |= {Attribute.EXTRACTABLE: False, Attribute.SIGN: True}
    public = {**name, Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.VERIFY: True}
    if isinstance(key, rsa.RSAPrivateKey):
        objects = [{**private, **_rsa(key)}, {**public, **_rsa_public(key)}]
    else:
        curve = {Attribute.KEY_TYPE: KeyType.EC, Attribute.EC_PARAMS: encode_named_curve_parameters(key.curve.name)}
        size = (key.key_size + 7) // 8
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        number = key.private_numbers().private_value.to_bytes(size, "big")
        octets = bytes((4, len(point))) + point  # DER OCTET STRING
        objects = [{**private, **curve, Attribute.VALUE: number}, {**public, **curve, Attribute.EC_POINT: octets}]
    if certificate is not None:
        subject = x509.load_der_x509_certificate(certificate).subject.public_bytes()
        kept = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509}
        objects.append({**name, **kept, Attribute.SUBJECT: subject, Attribute.VALUE: certificate})
    return objects


def _rsa_public(key: rsa.RSAPrivateKey) -> dict[Attribute, Any]:
    numbers = key.public_key().public_numbers()
    return {
        Attribute.KEY_TYPE: KeyType.RSA,
        Attribute.MODULUS: _octets(numbers.n),
        Attribute.PUBLIC_EXPONENT: _octets(numbers.e),
    }


def _rsa(key: rsa.RSAPrivateKey) -> dict[Attribute, Any]:
    numbers = key.private_numbers()
    return {
        **_rsa_public(key),
        Attribute.PRIVATE_EXPONENT: _octets(numbers.d),
        Attribute.PRIME_1: _octets(numbers.p),
        Attribute.PRIME_2: _octets(numbers.q),
        Attribute.EXPONENT_1: _octets(numbers.dmp1),
        Attribute.EXPONENT_2: _octets(numbers.dmq1),
        Attribute.COEFFICIENT: _octets(numbers.iqmp),
    }


def _octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
