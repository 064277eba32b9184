"""Keys: the contract of a key store, the software store, and what a signer needs to sign.

Knows keys and certificates as bytes. Knows no person, no status and no document.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from signing.errors import KeyDamaged
from signing.keys.blobs import BlobTable, MemoryBlobs, RewrappableBlobs, WrappedKey
from signing.keys.kinds import kind_of, kind_of_spki
from signing.keys.software import SoftwareKeyStore
from signing.keys.store import (
    ALGORITHM_OF_KIND,
    HASH_OCTETS,
    HashKeyStore,
    KeyKind,
    KeyStore,
    SignatureAlgorithm,
    require_hash,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A key in a store together with the certificate that names its holder.

    Whoever builds one has checked that the certificate may be used (I10); whoever gets one signs.
    """

    key_id: str
    certificate: bytes
    """DER."""
    chain: tuple[bytes, ...]
    """DER, the issuer first, the root last; without ``certificate`` itself."""
    algorithm: SignatureAlgorithm


def require_key_of(credential: Credential, keys: KeyStore) -> None:
    """Refuse a key that is not the one its certificate names, before it is used.

    A store proves that a key belongs to its id. That the id belongs to the certificate is a row of a register, which
    somebody may have exchanged.

    Raises:
        KeyDamaged: the certificate names another public key. What ``KeyStore.public_key`` raises.
    """
    named = x509.load_der_x509_certificate(credential.certificate).public_key()
    if named.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != keys.public_key(credential.key_id):
        message = f"{credential.key_id} is not the key that its certificate names"
        raise KeyDamaged(message)


__all__ = [
    "ALGORITHM_OF_KIND",
    "HASH_OCTETS",
    "BlobTable",
    "Credential",
    "HashKeyStore",
    "KeyKind",
    "KeyStore",
    "MemoryBlobs",
    "RewrappableBlobs",
    "SignatureAlgorithm",
    "SoftwareKeyStore",
    "WrappedKey",
    "kind_of",
    "kind_of_spki",
    "require_hash",
    "require_key_of",
]
