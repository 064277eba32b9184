"""Rows of wrapped keys: what is kept of a key outside of where it is used, and the contract of their table.

Knows the form of a row. Knows no way to wrap, unwrap or bind one.
"""

import threading
from dataclasses import dataclass, field
from typing import Protocol

from signing.keys.store import KeyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """One key as it is stored."""

    kind: KeyKind
    spki: bytes
    """Public key, SubjectPublicKeyInfo DER."""
    wrapped: bytes = field(repr=False)
    """The private key (PKCS#8 DER) under AES-KWP (RFC 5649)."""
    binding: bytes = field(repr=False)
    """HMAC over id, kind, public key and wrapped key: AES-KWP binds nothing to the row it stands in."""
    kek_id: str
    """Which key-encryption key wraps it; a name, not a secret."""


class BlobTable(Protocol):
    """Where wrapped keys lie. Create-only: a row is never replaced."""

    def add(self, key_id: str, key: WrappedKey) -> bool:
        """Store a new row; False when the id is taken."""
        ...

    def get(self, key_id: str) -> WrappedKey | None:
        """Return the row, or None."""
        ...

    def remove(self, key_id: str) -> bool:
        """Delete the row; False when there is none."""
        ...


class RewrappableBlobs(BlobTable, Protocol):
    """Rows that can be carried over from one key-encryption key to the next."""

    def under(self, kek_id: str, *, after: str = "", limit: int = 200) -> tuple[str, ...]:
        """Return ids of the keys that this key-encryption key wraps, in order, beginning behind ``after``."""
        ...

    def rewrap(self, key_id: str, before: WrappedKey, after: WrappedKey) -> bool:
        """Replace the wrapping of a row that still stands as ``before``; False when it does not."""
        ...


class MemoryBlobs:
    """Rows in memory, for keys that live no longer than the process (ceremonies to files, tests)."""

    def __init__(self) -> None:
        self._rows: dict[str, WrappedKey] = {}
        self._lock = threading.Lock()

    def add(self, key_id: str, key: WrappedKey) -> bool:
        """Store a new row; False when the id is taken."""
        with self._lock:
            return self._rows.setdefault(key_id, key) is key

    def get(self, key_id: str) -> WrappedKey | None:
        """Return the row, or None."""
        return self._rows.get(key_id)

    def remove(self, key_id: str) -> bool:
        """Delete the row; False when there is none."""
        return self._rows.pop(key_id, None) is not None

    def rows(self) -> tuple[tuple[str, WrappedKey], ...]:
        """Return everything stored, in the order of the ids."""
        return tuple(sorted(self._rows.items()))

    def under(self, kek_id: str, *, after: str = "", limit: int = 200) -> tuple[str, ...]:
        """Return ids of the keys that this key-encryption key wraps."""
        found = (key_id for key_id, row in self.rows() if row.kek_id == kek_id and key_id > after)
        return tuple(found)[:limit]

    def rewrap(self, key_id: str, before: WrappedKey, after: WrappedKey) -> bool:
        """Replace the wrapping of a row that still stands as ``before``."""
        with self._lock:
            if self._rows.get(key_id) != before:
                return False
            self._rows[key_id] = after
            return True
