"""Keys: the contract of a key store, the software store, and what a signer needs to sign.

Knows keys and certificates as bytes. Knows no person, no status and no document.
"""

from dataclasses import dataclass

from signing.keys.blobs import BlobTable, MemoryBlobs, RewrappableBlobs, WrappedKey
from signing.keys.kinds import kind_of, kind_of_spki
from signing.keys.software import SoftwareKeyStore
from signing.keys.store import ALGORITHM_OF_KIND, KeyKind, KeyStore, SignatureAlgorithm


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


__all__ = [
    "ALGORITHM_OF_KIND",
    "BlobTable",
    "Credential",
    "KeyKind",
    "KeyStore",
    "MemoryBlobs",
    "RewrappableBlobs",
    "SignatureAlgorithm",
    "SoftwareKeyStore",
    "WrappedKey",
    "kind_of",
    "kind_of_spki",
]
