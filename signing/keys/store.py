"""The contract of every place that keeps private keys: kinds, algorithms and the ``KeyStore`` protocol.

Knows what a key may be and how it may sign. Knows no certificate, no person and no storage:
the private part never leaves the store, in any form, through this interface.
"""

import re
from enum import StrEnum
from typing import Final, Protocol

from signing.errors import AlgorithmNotSupported

_KEY_ID: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


def is_key_id(text: str) -> bool:
    """Say whether a text has the form of a key id."""
    return _KEY_ID.fullmatch(text) is not None


def require_key_id(key_id: str) -> None:
    """Refuse an id that could be a path, an alias or another id in another spelling (a programming error)."""
    if not is_key_id(key_id):
        message = "a key id has 1-64 characters of a-z 0-9 _ . -"
        raise ValueError(message)


class KeyKind(StrEnum):
    """Kinds of key pairs we make."""

    EC_P256 = "ec_p256"
    EC_P384 = "ec_p384"
    RSA_3072 = "rsa_3072"
    ML_DSA_65 = "ml_dsa_65"
    """FIPS 204, for an experimental generation of authorities; a device may not know it yet."""


class SignatureAlgorithm(StrEnum):
    """How data is hashed and signed. RSASSA-PKCS1-v1_5 is missing on purpose.

    Circular 15/2025/TT-BKHCN, annex I: what we *create* is RSASSA-PSS or ECDSA.
    """

    ECDSA_SHA256 = "ecdsa_sha256"
    ECDSA_SHA384 = "ecdsa_sha384"
    RSASSA_PSS_SHA256 = "rsassa_pss_sha256"
    ML_DSA_65 = "ml_dsa_65"
    """Pure ML-DSA with an empty context (RFC 9881 §3): the data is signed as it is."""


ALGORITHM_OF_KIND = {
    KeyKind.EC_P256: SignatureAlgorithm.ECDSA_SHA256,
    KeyKind.EC_P384: SignatureAlgorithm.ECDSA_SHA384,
    KeyKind.RSA_3072: SignatureAlgorithm.RSASSA_PSS_SHA256,
    KeyKind.ML_DSA_65: SignatureAlgorithm.ML_DSA_65,
}
"""The algorithm a key of each kind signs with unless the caller has a reason."""


HASH_OCTETS: Final = {
    SignatureAlgorithm.ECDSA_SHA256: 32,
    SignatureAlgorithm.ECDSA_SHA384: 48,
    SignatureAlgorithm.RSASSA_PSS_SHA256: 32,
}
"""How long a hash is that an algorithm signs; ML-DSA signs no hash of somebody else's making."""


def require_hash(value: bytes, algorithm: SignatureAlgorithm) -> None:
    """Do nothing for a hash of the kind that the algorithm makes.

    Raises:
        AlgorithmNotSupported: it is of another length, or the algorithm signs whole messages only.
    """
    if HASH_OCTETS.get(algorithm) != len(value):
        message = f"{algorithm.value} does not sign a hash of {len(value)} octets"
        raise AlgorithmNotSupported(message)


class KeyStore(Protocol):
    """Keeps private keys and signs with them.

    Ids are chosen by the caller, never reused, at most 64 characters of ``[a-z0-9_.-]``.
    A store may keep its keys in a database: do not call ``generate`` or ``destroy`` inside a
    transaction on that database. ``sign`` and ``public_key`` only read.
    """

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key pair and return its public key (SubjectPublicKeyInfo, DER).

        Raises:
            KeyExists: the id is taken.
            AlgorithmNotSupported: this store makes no keys of that kind.
        """
        ...

    def public_key(self, key_id: str) -> bytes:
        """Return the public key (SubjectPublicKeyInfo, DER).

        Raises:
            KeyNotFound: no key has this id.
        """
        ...

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Hash and sign ``data``; ECDSA gives a DER Ecdsa-Sig-Value, the others the bare value.

        Raises:
            KeyNotFound: no key has this id.
            KeyDamaged: what is stored under the id is not the key that was generated under it.
            AlgorithmNotSupported: the key is of another kind.
        """
        ...

    def destroy(self, key_id: str) -> None:
        """Make the private key unusable for ever. Destroying twice is KeyNotFound."""
        ...


class HashKeyStore(KeyStore, Protocol):
    """A ``KeyStore`` that also signs a hash whose message it never sees.

    Whoever offers this decides first who may use it: the store cannot tell what is signed.
    """

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign a hash as ``sign`` would sign the message that it was made of; same form of the result.

        Raises:
            KeyNotFound, KeyDamaged: as ``sign``.
            AlgorithmNotSupported: the key is of another kind, or the hash of another length.
        """
        ...
