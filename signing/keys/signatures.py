"""Whether a public key made a signature, under one of our algorithms.

Knows public keys and bytes. Knows no certificate and no store.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa

from signing.keys.kinds import kind_of
from signing.keys.store import ALGORITHM_OF_KIND, SignatureAlgorithm

_SHA256 = hashes.SHA256()
_ECDSA_SHA256 = ec.ECDSA(_SHA256)
_ECDSA_SHA384 = ec.ECDSA(hashes.SHA384())
_PSS = padding.PSS(mgf=padding.MGF1(_SHA256), salt_length=_SHA256.digest_size)  # RFC 4055 §3.1


def is_signed_by(key: object, data: bytes, signature: bytes, algorithm: SignatureAlgorithm) -> bool:
    """Say whether ``key``, a public key of the library, made ``signature`` over ``data``.

    False also when the key does not sign with that algorithm.
    """
    kind = kind_of(key)
    if kind is None or ALGORITHM_OF_KIND[kind] is not algorithm:
        return False
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(
                signature, data, _ECDSA_SHA256 if algorithm is SignatureAlgorithm.ECDSA_SHA256 else _ECDSA_SHA384
            )
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, _PSS, _SHA256)
        elif isinstance(key, mldsa.MLDSA65PublicKey):
            key.verify(signature, data)
    except InvalidSignature:
        return False
    return True
