"""Contents on their way into and out of the store: always ciphertext there, always checked on the way back.

Knows keys, bindings, digests and the store. Must not know documents, tables or who asks.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vault.envelope import CitizenKey, Randomness, encrypted_size
from vault.errors import IntegrityMismatch, ObjectNotFound
from vault.naming import Area, ObjectName, opaque_name
from vault.store import CHUNK, ObjectStore

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """An object that was written and read back."""

    object_name: str
    size: int
    sha256: bytes
    """Of the plaintext."""
    stored_size: int
    stored_sha256: str


class EncryptedContents:
    """Writes and reads encrypted objects.

    Args:
        store: where they live.
        randomness: source of names, salts and keys.
    """

    def __init__(self, store: ObjectStore, randomness: Randomness = os.urandom) -> None:
        self.store = store
        self.randomness = randomness

    def write(self, key: CitizenKey, area: Area, content: bytes, bound_to: bytes) -> Written:
        """Encrypt under a new random name, write, and read back.

        Raises:
            IntegrityMismatch: the store gave back something else than it was given.
            StoreUnavailable: nothing usable was written; try again.
        """
        name = opaque_name(area, self.randomness(_TOKEN_BYTES))
        digest, size = hashlib.sha256(), encrypted_size(len(content))
        self.store.put(name, _digested(key.encrypt(_pieces(content), bound_to, self.randomness), digest), size=size)
        written = Written(
            object_name=str(name),
            size=len(content),
            sha256=hashlib.sha256(content).digest(),
            stored_size=size,
            stored_sha256=digest.hexdigest(),
        )
        self.check(written.object_name, written.stored_size, written.stored_sha256)
        return written

    def read(self, key: CitizenKey, object_name: str, stored_sha256: str, bound_to: bytes) -> bytes:
        """The content, after every check: digest of the stored bytes, every segment's tag, the end.

        Raises:
            IntegrityMismatch: anything does not agree, or the object is gone. Nothing is handed out.
            StoreUnavailable: the store did not answer; says nothing about the object.
        """
        digest = hashlib.sha256()
        content = io.BytesIO()  # in memory once: a join would hold every piece beside the whole
        try:
            with self.store.read(ObjectName.parse(object_name)) as pieces:
                content.writelines(key.decrypt(_digested(pieces, digest), bound_to))
        except ObjectNotFound as err:
            raise IntegrityMismatch("missing") from err
        if digest.hexdigest() != stored_sha256:
            raise IntegrityMismatch("digest")
        return content.getvalue()

    def check(self, object_name: str, stored_size: int, stored_sha256: str) -> None:
        """Compare the stored bytes with their record, without any key; raises as `read`."""
        digest, size = hashlib.sha256(), 0
        try:
            with self.store.read(ObjectName.parse(object_name)) as pieces:
                for piece in _digested(pieces, digest):
                    size += len(piece)
        except ObjectNotFound as err:
            raise IntegrityMismatch("missing") from err
        if size != stored_size or digest.hexdigest() != stored_sha256:
            raise IntegrityMismatch("digest")


def _pieces(content: bytes) -> Iterator[bytes]:
    return (content[start : start + CHUNK] for start in range(0, len(content), CHUNK))


def _digested(pieces: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece
