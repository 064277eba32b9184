"""A key store that refuses some keys: a time-stamp unit that is away, a device that was pulled out."""

from collections.abc import Callable

from signing.errors import KeyUnavailable
from signing.keys import KeyKind, KeyStore, SignatureAlgorithm


class FailingKeys:
    """The given store, but keys that `refuses` names cannot be used."""

    def __init__(self, keys: KeyStore, refuses: Callable[[str], bool]) -> None:
        self._keys = keys
        self.refuses = refuses

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        return self._keys.generate(key_id, kind)

    def public_key(self, key_id: str) -> bytes:
        return self._keys.public_key(key_id)

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        if self.refuses(key_id):
            raise KeyUnavailable("the device is away")
        return self._keys.sign(key_id, data, algorithm)

    def destroy(self, key_id: str) -> None:
        self._keys.destroy(key_id)
