"""Secrets at rest: keys derived from one master secret, sealed columns, and an index over sealed values.

Knows AES-GCM, HKDF and HMAC. Must not know where the master secret comes from or what is sealed.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from api.errors import AnsoError

MASTER_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_VERSION: Final = b"\x01"


class SealBroken(AnsoError):
    """A sealed value does not open: another key, another place, or changed bytes."""

    code = "SEAL_BROKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterSecret:
    """The one secret of an installation; everything else is derived and never stored."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != MASTER_BYTES:
            raise ValueError("the master secret has 32 bytes")

    def derive(self, label: str) -> bytes:
        """32 bytes for one use, named by `label`; knowing them tells nothing about other uses."""
        # RFC 5869; the label separates the uses
        return HKDF(algorithm=SHA256(), length=32, salt=b"anso", info=label.encode()).derive(self.key)


class Sealer:
    """Seals single values for database columns; the place is bound in, so a value cannot be moved."""

    def __init__(self, master: MasterSecret, label: str) -> None:
        self._aead = AESGCM(master.derive(f"seal/{label}"))
        self._index = master.derive(f"index/{label}")

    def seal(self, value: bytes, place: str) -> bytes:
        """The value encrypted for one place such as `people/sub_…/personal_id`."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._aead.encrypt(nonce, value, place.encode())

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """The value again.

        Raises:
            SealBroken: changed bytes, another key, or sealed for another place.
        """
        head = len(_VERSION) + _NONCE_BYTES
        if sealed[: len(_VERSION)] != _VERSION:
            raise SealBroken
        try:
            return self._aead.decrypt(sealed[len(_VERSION) : head], sealed[head:], place.encode())
        except (InvalidTag, ValueError) as err:
            raise SealBroken from err

    def index(self, value: bytes) -> str:
        """A keyed digest (hex): finds equal values without opening any."""
        return hmac.new(self._index, value, hashlib.sha256).hexdigest()
