"""Encryption of everything a citizen owns: one data key per citizen, wrapped by a key-encryption key.

Knows: keys, segments, what each ciphertext is bound to. Must not know: where anything is stored.

Three levels: the KEK (from outside: secret store, HSM) wraps each citizen's DEK (RFC 5649, AES-KWP); from the
DEK come subkeys for contents, sealed fields and tags (RFC 5869, HKDF; the citizen is part of the derivation, so
a wrapped key moved to another citizen's row opens nothing); each content has a key of its own from a random
salt. Destroying a wrapped DEK destroys everything below it.

Contents are written in the layout of Tink's AES256_GCM_HKDF_1MB streaming AEAD, so that others can read them:
header = length byte 40, salt (32), nonce prefix (7); then segments of 1 MiB including header and tag; nonce =
prefix, segment number (4 bytes), 1 for the last segment else 0. Nothing can be cut, reordered or appended.
"""

import hmac
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from vault.errors import IntegrityMismatch, KeyMismatch
from vault.model import CitizenId

KEY_BYTES: Final = 32
SEGMENT: Final = 1024 * 1024
"""Bytes of one ciphertext segment; the first one includes the header."""
_TAG: Final = 16
_SALT: Final = 32
_PREFIX: Final = 7
HEADER: Final = 1 + _SALT + _PREFIX
_NONCE: Final = 12
_SEALED_VERSION: Final = b"\x01"
_MAX_SEGMENTS: Final = 1 << 32

Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A citizen's DEK as it is stored."""

    kek_version: int
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kek:
    """A key-encryption key and its number.

    Raises:
        KeyMismatch: the key is not 32 bytes long.
    """

    version: int
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse weak or cut keys."""
        if len(self.key) != KEY_BYTES:
            raise KeyMismatch("a key-encryption key has 32 bytes")

    @property
    def check_value(self) -> str:
        """Tells two keys apart without telling the key: kept in the database, compared at start."""
        return _derive(self.key, b"anso/vault/kek-check")[:8].hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """All key-encryption keys in use; the newest wraps, every one unwraps.

    Raises:
        KeyMismatch: there is none, or two have the same number.
    """

    keks: tuple[Kek, ...]

    def __post_init__(self) -> None:
        """Refuse an empty or ambiguous ring."""
        if not self.keks or len({kek.version for kek in self.keks}) != len(self.keks):
            raise KeyMismatch("the key ring needs keys with different numbers")

    @property
    def current(self) -> Kek:
        """The key that wraps from now on."""
        return max(self.keks, key=lambda kek: kek.version)

    def wrap(self, key: "CitizenKey") -> WrappedKey:
        """The citizen's DEK under the current KEK."""
        kek = self.current
        return WrappedKey(kek_version=kek.version, wrapped=aes_key_wrap_with_padding(kek.key, key.dek))

    def unwrap(self, owner: CitizenId, wrapped: WrappedKey) -> "CitizenKey":
        """The citizen's key.

        Raises:
            KeyMismatch: the KEK is not on the ring, or is not the one that wrapped this.
        """
        kek = next((each for each in self.keks if each.version == wrapped.kek_version), None)
        if kek is None:
            raise KeyMismatch(f"key-encryption key {wrapped.kek_version} is not on the ring")
        try:
            dek = aes_key_unwrap_with_padding(kek.key, wrapped.wrapped)
        except (InvalidUnwrap, ValueError) as err:
            raise KeyMismatch(f"key-encryption key {wrapped.kek_version} does not open this vault") from err
        return CitizenKey(owner=owner, dek=dek)


@dataclass(frozen=True, slots=True, kw_only=True)
class CitizenKey:
    """An opened vault's key, in memory only; never logged, never stored."""

    owner: CitizenId
    dek: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a cut key."""
        if len(self.dek) != KEY_BYTES:
            raise KeyMismatch("a citizen's key has 32 bytes")

    @classmethod
    def generate(cls, owner: CitizenId, randomness: Randomness = os.urandom) -> Self:
        """A new citizen's key."""
        return cls(owner=owner, dek=randomness(KEY_BYTES))

    def tag(self, label: str, data: bytes) -> str:
        """A keyed fingerprint (hex): equal data, equal tag, only inside this vault.

        Without the key nobody can ask "who holds the known paper X": there is no plain hash anywhere.
        """
        return hmac.digest(self._subkey("tags"), _joined(label.encode(), data), "sha256").hex()

    def seal(self, context: str, plaintext: bytes, randomness: Randomness = os.urandom) -> bytes:
        """A short text encrypted for a table column; `context` names the row and column it belongs to."""
        nonce = randomness(_NONCE)
        sealed = AESGCM(self._subkey("fields")).encrypt(nonce, plaintext, context.encode())
        return _SEALED_VERSION + nonce + sealed

    def unseal(self, context: str, sealed: bytes) -> bytes:
        """The text that was sealed in this context.

        Raises:
            IntegrityMismatch: changed, cut, or taken from another row, column or citizen.
        """
        if sealed[:1] != _SEALED_VERSION or len(sealed) < 1 + _NONCE + _TAG:
            raise IntegrityMismatch("sealed_field")
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            return AESGCM(self._subkey("fields")).decrypt(nonce, body, context.encode())
        except InvalidTag as err:
            raise IntegrityMismatch("sealed_field") from err

    def encrypt(
        self, content: Iterable[bytes], bound_to: bytes, randomness: Randomness = os.urandom
    ) -> Iterator[bytes]:
        """The content as ciphertext segments."""
        return encrypt_stream(self._subkey("contents"), content, bound_to, randomness)

    def decrypt(self, ciphertext: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
        """The content; each piece was authenticated before it is handed out.

        Raises:
            IntegrityMismatch: changed, cut, extended, or bound to something else. Pieces handed out before are
                genuine but not the whole: use nothing before the iterator ended by itself.
        """
        return decrypt_stream(self._subkey("contents"), ciphertext, bound_to)

    def _subkey(self, use: str) -> bytes:
        return _derive(self.dek, _joined(b"anso/vault", use.encode(), self.owner.encode()))


def binding(owner: CitizenId, object_id: str, version: int, media_type: str) -> bytes:
    """Additional authenticated data: an object swapped between vaults, places or types does not decrypt."""
    return _joined(b"anso/vault/1", owner.encode(), object_id.encode(), str(version).encode(), media_type.encode())


def encrypted_size(size: int) -> int:
    """Bytes of ciphertext for that many bytes of plaintext."""
    payload = SEGMENT - _TAG
    segments = max(1, -(-(size + HEADER) // payload))
    return HEADER + size + segments * _TAG


def encrypt_stream(
    key: bytes, content: Iterable[bytes], bound_to: bytes, randomness: Randomness = os.urandom
) -> Iterator[bytes]:
    """Encrypt in segments; `key` is 32 bytes, `bound_to` the additional authenticated data."""
    salt, prefix = randomness(_SALT), randomness(_PREFIX)
    cipher = AESGCM(_derive(key, bound_to, salt))
    header = bytes([HEADER]) + salt + prefix
    for number, (segment, is_last) in enumerate(_segments(content, SEGMENT - _TAG, HEADER)):
        lead = header if number == 0 else b""
        yield lead + cipher.encrypt(_nonce(prefix, number, is_last=is_last), segment, None)


def decrypt_stream(key: bytes, ciphertext: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
    """Decrypt what `encrypt_stream` wrote; see `CitizenKey.decrypt`."""
    pieces = _segments(ciphertext, SEGMENT, 0)
    cipher, prefix = None, b""
    for number, (segment, is_last) in enumerate(pieces):
        body = segment
        if cipher is None:
            if len(segment) < HEADER or segment[0] != HEADER:
                raise IntegrityMismatch("header")
            cipher = AESGCM(_derive(key, bound_to, segment[1 : 1 + _SALT]))
            prefix, body = segment[1 + _SALT : HEADER], segment[HEADER:]
        try:
            yield cipher.decrypt(_nonce(prefix, number, is_last=is_last), body, None)
        except InvalidTag as err:
            raise IntegrityMismatch("segment") from err


def _segments(content: Iterable[bytes], size: int, first_less: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces regrouped to `size` bytes (the first one shorter) and whether each is the last; never none."""
    waiting = bytearray()
    wanted = size - first_less
    for piece in content:
        waiting += piece
        while len(waiting) > wanted:  # one byte more proves that this segment is not the last
            yield bytes(waiting[:wanted]), False
            del waiting[:wanted]
            wanted = size
    yield bytes(waiting), True


def _nonce(prefix: bytes, number: int, *, is_last: bool) -> bytes:
    if number >= _MAX_SEGMENTS:
        raise IntegrityMismatch("too_long")
    return prefix + number.to_bytes(4, "big") + bytes([is_last])


def _derive(key: bytes, info: bytes, salt: bytes | None = None) -> bytes:
    # RFC 5869; no salt means a string of zeros, which is right for keys that are uniformly random
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(key)


def _joined(*parts: bytes) -> bytes:
    """Parts with their lengths before them: no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
