"""Signature values as devices give them: ECDSA as a DER structure or as two numbers one behind the other.

RFC 5652 §5.3 with RFC 5753 §2.1.1 wants Ecdsa-Sig-Value in a container; PKCS#11 (2.40 §2.3.1) gives r and s, each as
long as the group's order. Knows public keys and bytes. Knows no certificate and no store.
"""

from typing import Final

from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.keys.der import SEQUENCE, integer, tlv
from signing.keys.signatures import is_signed_by
from signing.keys.store import SignatureAlgorithm

_RAW_BYTES: Final = {SignatureAlgorithm.ECDSA_SHA256: 64, SignatureAlgorithm.ECDSA_SHA384: 96}
MAX_VALUE_BYTES: Final = 8192
"""No signature of ours is as long: ML-DSA-65 has 3,309 bytes."""


def fitting_value(
    spki: bytes, data: bytes, value: bytes, algorithm: SignatureAlgorithm, *, salt_octets: int | None = None
) -> bytes | None:
    """The value in the form that containers carry, when the key made it over the data; None when it did not.

    Args:
        spki: the public key (SubjectPublicKeyInfo, DER).
        data: what was to be signed.
        value: as the device gave it.
        algorithm: by which it was to be signed.
        salt_octets: as ``is_signed_by`` takes it.
    """
    key = load_der_public_key(spki)
    for form in _forms(value, algorithm):
        if is_signed_by(key, data, form, algorithm, salt_octets=salt_octets):
            return form
    return None


def _forms(value: bytes, algorithm: SignatureAlgorithm) -> tuple[bytes, ...]:
    """The value as it came, and as it would be if it came as two bare numbers."""
    if not 0 < len(value) <= MAX_VALUE_BYTES:
        return ()
    if len(value) != _RAW_BYTES.get(algorithm):
        return (value,)
    half = len(value) // 2
    numbers = (int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
    return (value, tlv(SEQUENCE, *(integer(number) for number in numbers)))
