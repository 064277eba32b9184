"""Public keys as certificates carry them, also the odd ones that libraries refuse.

Real identity cards carry RSA keys whose modulus is written as a negative INTEGER (the sign octet was forgotten); they
are read as the positive number that was meant, which is what every maker of signatures computed with. Sizes are bounded
here; strength is the policy's question.
"""

from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.keys.der import BIT_STRING, INTEGER, OID, SEQUENCE, DerError, tlv
from signing.keys.der import oid as encoded_oid
from signing.validation.ber import Element, only_element
from signing.validation.container_faults import UnknownAlgorithmError
from signing.validation.digests import dotted
from signing.validation.schemes import Family, read_algorithm

MAX_RSA_BITS: Final = 16_384
MAX_EXPONENT_BITS: Final = 64  # 65537 in practice; an exponent of 2,000 bits makes one check cost 3 ms
MAX_DSA_BITS: Final = 4_096
_RSA: Final = frozenset({"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.7", "2.5.8.1.1"})
_EC: Final = "1.2.840.10045.2.1"
_BSI_EC: Final = "0.4.0.127.0.7.1.1.2."  # BSI TR-03111 §5.1: keys with the same content under other identifiers
_ED25519, _ED448, _DSA = "1.3.101.112", "1.3.101.113", "1.2.840.10040.4.1"
_MLDSA: Final = {
    "2.16.840.1.101.3.4.3.17": Family.MLDSA44,
    "2.16.840.1.101.3.4.3.18": Family.MLDSA65,
    "2.16.840.1.101.3.4.3.19": Family.MLDSA87,
}
_CURVES: Final[dict[str, ec.EllipticCurve]] = {
    "1.2.840.10045.3.1.1": ec.SECP192R1(),
    "1.2.840.10045.3.1.7": ec.SECP256R1(),
    "1.3.132.0.10": ec.SECP256K1(),
    "1.3.132.0.33": ec.SECP224R1(),
    "1.3.132.0.34": ec.SECP384R1(),
    "1.3.132.0.35": ec.SECP521R1(),
    "1.3.36.3.3.2.8.1.1.7": ec.BrainpoolP256R1(),
    "1.3.36.3.3.2.8.1.1.11": ec.BrainpoolP384R1(),
    "1.3.36.3.3.2.8.1.1.13": ec.BrainpoolP512R1(),
}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that can be computed with."""

    kind: str
    """'rsa', 'ec', 'dsa', 'ed25519', 'ed448' or 'mldsa44' …"""

    bits: int
    key: Any
    """The key as cryptography has it."""

    modulus: int = 0
    exponent: int = 0
    """Of RSA keys."""


def read_public_key(spki: bytes) -> PublicKey:
    """Reads a SubjectPublicKeyInfo.

    Raises:
        UnknownAlgorithmError: a kind, curve or size that cannot be computed with. DerError: not a key at all.
    """
    try:
        return _read(spki)
    except (DerError, UnknownAlgorithmError):
        raise
    except (ValueError, TypeError, UnsupportedAlgorithm, OverflowError) as err:
        raise UnknownAlgorithmError(f"a public key that cannot be used ({type(err).__name__})") from err


def _read(spki: bytes) -> PublicKey:
    algorithm, bits = _parts(spki)
    number, parameters = read_algorithm(algorithm.raw)
    if number in _RSA:
        return _rsa(*rsa_numbers(bits))
    if number == _EC or number.startswith(_BSI_EC):
        return _elliptic(parameters, bits)
    if number == _ED25519:
        return PublicKey("ed25519", 256, ed25519.Ed25519PublicKey.from_public_bytes(bits))
    if number == _ED448:
        return PublicKey("ed448", 448, ed448.Ed448PublicKey.from_public_bytes(bits))
    if number == _DSA:
        return _dsa(spki, parameters)
    if number in _MLDSA:
        return PublicKey(str(_MLDSA[number]), 8 * len(bits), load_der_public_key(spki))
    raise UnknownAlgorithmError(f"unknown kind of key {number[:60]}")


def _parts(spki: bytes) -> tuple[Element, bytes]:
    parts = only_element(spki, SEQUENCE).children()
    if [part.tag for part in parts] != [SEQUENCE, BIT_STRING] or parts[1].content[:1] != b"\0":
        raise DerError("not a public key")
    return parts[0], parts[1].content[1:]


def rsa_numbers(bits: bytes) -> tuple[int, int]:
    """Modulus and exponent of an RSAPublicKey, each read as the positive number that was meant."""
    parts = only_element(bits, SEQUENCE).children()
    if [part.tag for part in parts] != [INTEGER, INTEGER]:
        raise DerError("not an RSA key")
    modulus, exponent = (int.from_bytes(part.content, "big") for part in parts)
    return modulus, exponent


def _rsa(modulus: int, exponent: int) -> PublicKey:
    if modulus.bit_length() > MAX_RSA_BITS or exponent.bit_length() > MAX_EXPONENT_BITS:
        raise UnknownAlgorithmError("an RSA key that is too large to compute with")
    if exponent % 2 == 0 or modulus % 2 == 0:
        raise UnknownAlgorithmError("numbers that are no RSA key")
    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return PublicKey("rsa", modulus.bit_length(), key, modulus, exponent)


def _elliptic(parameters: Element | None, point: bytes) -> PublicKey:
    if parameters is None:
        raise UnknownAlgorithmError("an elliptic key without its curve")
    if parameters.tag != OID:  # written out: only if cryptography knows that they are those of a named curve
        plain = tlv(SEQUENCE, tlv(SEQUENCE, encoded_oid(_EC), parameters.raw), tlv(BIT_STRING, b"\0", point))
        loaded = load_der_public_key(plain)
        if not isinstance(loaded, ec.EllipticCurvePublicKey):
            raise UnknownAlgorithmError("a curve that is not known")
        return PublicKey("ec", loaded.curve.key_size, loaded)
    curve = _CURVES.get(dotted(parameters.content))
    if curve is None:
        raise UnknownAlgorithmError(f"unknown curve {dotted(parameters.content)[:60]}")
    return PublicKey("ec", curve.key_size, ec.EllipticCurvePublicKey.from_encoded_point(curve, point))


def _dsa(spki: bytes, parameters: Element | None) -> PublicKey:
    if parameters is None:
        raise UnknownAlgorithmError("a DSA key without parameters")
    if max((8 * len(part.content) for part in parameters.children()), default=0) > MAX_DSA_BITS + 8:
        raise UnknownAlgorithmError("a DSA key that is too large to compute with")
    key = load_der_public_key(spki)
    if not isinstance(key, dsa.DSAPublicKey):
        raise UnknownAlgorithmError("not a DSA key")
    return PublicKey("dsa", key.key_size, key)


def with_positive_modulus(spki: bytes) -> bytes:
    """The same key with a modulus that is written as a positive number; anything else as it is."""
    try:
        algorithm, bits = _parts(spki)
        number, _ = read_algorithm(algorithm.raw)
        if number not in _RSA:
            return spki
        parts = only_element(bits, SEQUENCE).children()
        if [part.tag for part in parts] != [INTEGER, INTEGER] or not parts[0].content[:1] > b"\x7f":
            return spki
    except DerError:
        return spki
    fixed = tlv(SEQUENCE, tlv(INTEGER, b"\0", parts[0].content), parts[1].raw)
    return tlv(SEQUENCE, algorithm.raw, tlv(BIT_STRING, b"\0", fixed))
