"""Whether a public key made a signature, under one of our algorithms.

RSASSA-PSS of our keys has a salt as long as the hash: RFC 4055 §3.1 recommends it, FIPS 186-5 §5.4 allows no more, and
modules in that mode refuse more. A signer with a token of the own may have another: RFC 8017 §9.1 leaves the length to
the signer, RFC 4055 §3.1 has it said in the algorithm identifier, and common programs take the longest that the key has
room for. So a longer salt is taken from a foreign signer who names it, and the identifier then says it. What nobody
names is not guessed, though a verifier could: the identifier that others read must be the signer's word. A shorter salt
than the hash is refused: it gains nobody anything. Knows public keys and bytes. Knows no certificate and no store.
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
SALT_OCTETS = _SHA256.digest_size
"""Of our own RSASSA-PSS signatures, and the least that is taken from others."""


def is_signed_by(
    key: object, data: bytes, signature: bytes, algorithm: SignatureAlgorithm, *, salt_octets: int | None = None
) -> bool:
    """Say whether ``key``, a public key of the library, made ``signature`` over ``data``.

    False also when the key does not sign with that algorithm.

    Args:
        key: of the library.
        data: what was signed.
        signature: ECDSA as Ecdsa-Sig-Value.
        algorithm: of ours.
        salt_octets: RSASSA-PSS with a salt of exactly this length; None: of the hash's. See ``is_salt``.
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
            pss = _PSS if salt_octets is None else padding.PSS(mgf=padding.MGF1(_SHA256), salt_length=salt_octets)
            key.verify(signature, data, pss, _SHA256)
        elif isinstance(key, mldsa.MLDSA65PublicKey):
            key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def is_salt(key: object, octets: int) -> bool:
    """Whether an RSASSA-PSS signature of this key may have a salt of that length.

    Not shorter than the hash, not longer than the key has room for (RFC 8017 §9.1.1: emLen - hLen - 2). False for a key
    that makes no such signatures.
    """
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    room = (key.key_size - 1 + 7) // 8 - _SHA256.digest_size - 2
    return SALT_OCTETS <= octets <= room
