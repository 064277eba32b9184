"""Which of our kinds a public key is.

Knows the four kinds that we make. Knows no store.
"""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.errors import AlgorithmNotSupported
from signing.keys.store import KeyKind

_RSA_BITS = 3072


def kind_of(key: object) -> KeyKind | None:
    """Return the kind of a public key object, or None when it is of none of our kinds (curve, size, algorithm)."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return {"secp256r1": KeyKind.EC_P256, "secp384r1": KeyKind.EC_P384}.get(key.curve.name)
    if isinstance(key, rsa.RSAPublicKey):
        return KeyKind.RSA_3072 if key.key_size == _RSA_BITS else None
    return KeyKind.ML_DSA_65 if isinstance(key, mldsa.MLDSA65PublicKey) else None


def kind_of_spki(spki: bytes) -> KeyKind:
    """Return the kind of a public key (SubjectPublicKeyInfo, DER).

    Raises:
        AlgorithmNotSupported: it is no key, or of none of our kinds.
    """
    try:
        kind = kind_of(load_der_public_key(spki))
    except (ValueError, TypeError, UnsupportedAlgorithm) as err:
        message = "not a public key that can be read"
        raise AlgorithmNotSupported(message) from err
    if kind is None:
        message = "a public key of none of our kinds"
        raise AlgorithmNotSupported(message)
    return kind
