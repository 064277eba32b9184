"""Several stores as one: the prefix of a key's id says which store keeps it.

In production ``hsm_…`` (authorities, time-stamps, OCSP, seals) lies in the device and ``key_…`` (officials,
citizens) is wrapped by it. Knows prefixes. Knows nothing about the stores.
"""

from collections.abc import Mapping

from signing.errors import KeyNotFound
from signing.keys.store import HashKeyStore, KeyKind, SignatureAlgorithm, require_key_id


class RoutedKeyStore:
    """The ``KeyStore`` in front of others.

    Args:
        stores: by prefix, without the underscore that ends it.
    """

    def __init__(self, stores: Mapping[str, HashKeyStore]) -> None:
        self._stores = dict(stores)

    def __repr__(self) -> str:
        return f"RoutedKeyStore({self._stores!r})"

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key pair in the store of this id; see ``KeyStore``."""
        require_key_id(key_id)
        prefix = key_id.partition("_")[0]
        if prefix not in self._stores:
            message = f"no store keeps keys called {prefix}_…"
            raise ValueError(message)
        return self._stores[prefix].generate(key_id, kind)

    def public_key(self, key_id: str) -> bytes:
        """Return the public key; see ``KeyStore``."""
        return self._store(key_id).public_key(key_id)

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign with the store of this id; see ``KeyStore``."""
        return self._store(key_id).sign(key_id, data, algorithm)

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign a hash with the store of this id; see ``HashKeyStore``."""
        return self._store(key_id).sign_hash(key_id, value, algorithm)

    def destroy(self, key_id: str) -> None:
        """Destroy the key in its store; see ``KeyStore``."""
        self._store(key_id).destroy(key_id)

    def _store(self, key_id: str) -> HashKeyStore:
        store = self._stores.get(key_id.partition("_")[0])
        if store is None:
            raise KeyNotFound(key_id)
        return store
