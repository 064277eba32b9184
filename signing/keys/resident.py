"""Keys that live in the device: authorities, time-stamp unit, OCSP signers, seals.

Made in the token, sensitive and not extractable: no command, backup or thief of the database gets them out. A key's
label and id are its key id. Knows nothing beside the token: what a key is, the token itself says.
"""

import threading
from typing import Any, Final

import pkcs11
from pkcs11 import Attribute, ObjectClass

from signing.errors import KeyDamaged, KeyExists, KeyNotFound
from signing.keys.device import Device, Seat
from signing.keys.kinds import kind_of_spki
from signing.keys.mechanisms import (
    generate_pair,
    hash_of,
    public_bytes,
    require_algorithm,
    require_kind,
    require_match,
    sign_hash,
)
from signing.keys.store import KeyKind, SignatureAlgorithm, is_key_id, require_hash, require_key_id

_MOST_HANDLES: Final = 512
"""Found keys that a session remembers; a province has some hundred seals."""


class _Found:
    """A resident key as one session sees it."""

    __slots__ = ("is_proved", "kind", "private", "spki")

    def __init__(self, private: Any, spki: bytes) -> None:  # noqa: ANN401 - a token's object
        self.private = private
        self.spki = spki
        self.kind = kind_of_spki(spki)
        self.is_proved = False


class ResidentKeyStore:
    """The ``KeyStore`` whose keys never leave the token."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._making = threading.Lock()
        self._destroyed = 0

    def __repr__(self) -> str:
        return f"ResidentKeyStore({self._device!r})"

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key pair in the token and return its public key (SPKI DER).

        PKCS#11 lets any number of objects have one label. Of threads that make the same one the first wins; of
        processes nobody does, and no two keys are left under one label.
        """
        require_key_id(key_id)
        require_kind(kind)
        with self._making, self._device.seat() as seat:
            if _objects(seat, key_id):
                raise KeyExists(key_id)
            public, private = generate_pair(seat.session, kind, label=key_id, resident=True)
            if len(_objects(seat, key_id)) > len((public, private)):
                private.destroy()
                public.destroy()
                raise KeyExists(key_id)
            return public_bytes(public)

    def public_key(self, key_id: str) -> bytes:
        """Return the public key (SPKI DER)."""
        with self._device.seat() as seat:
            return self._find(seat, key_id).spki

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign in the token.

        The first signature that a session makes with a key is verified under the token's public key before it leaves.
        """
        return self._sign(key_id, hash_of(data, algorithm), algorithm)

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """The same for a hash; see ``HashKeyStore``."""
        require_hash(value, algorithm)
        return self._sign(key_id, value, algorithm)

    def _sign(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        with self._device.seat() as seat:
            found = self._find(seat, key_id)
            require_algorithm(found.kind, algorithm)
            try:
                signature = sign_hash(found.private, value, algorithm)
            except (pkcs11.KeyHandleInvalid, pkcs11.ObjectHandleInvalid):
                # destroyed by somebody else since this session found it, or moved: look again, once
                seat.objects.pop(self._place(key_id), None)
                found = self._find(seat, key_id)
                require_algorithm(found.kind, algorithm)
                signature = sign_hash(found.private, value, algorithm)
            if not found.is_proved:
                require_match(found.spki, value, signature, algorithm)
                found.is_proved = True
            return signature

    def destroy(self, key_id: str) -> None:
        """Delete the key from the token; nothing brings it back but a backup of the device."""
        with self._making, self._device.seat() as seat:
            self._destroyed += 1  # what any session remembers of before is not believed any more
            objects = _objects(seat, key_id)
            if not any(found[Attribute.CLASS] == ObjectClass.PRIVATE_KEY for found in objects):
                raise KeyNotFound(key_id)
            for found in objects:
                found.destroy()

    def ids(self) -> tuple[str, ...]:
        """Return the ids of every resident key, for an inventory."""
        with self._device.seat() as seat:
            found = seat.session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.TOKEN: True})
            return tuple(sorted(str(private[Attribute.LABEL]) for private in found))

    def _find(self, seat: Seat, key_id: str) -> _Found:
        known = seat.objects.get(self._place(key_id))
        if isinstance(known, _Found):
            return known
        objects = _objects(seat, key_id)
        private = [found for found in objects if found[Attribute.CLASS] == ObjectClass.PRIVATE_KEY]
        public = [found for found in objects if found[Attribute.CLASS] == ObjectClass.PUBLIC_KEY]
        if not private:
            raise KeyNotFound(key_id)
        if len(private) != 1 or len(public) != 1:
            message = f"{key_id} is not the label of exactly one key pair"
            raise KeyDamaged(message)
        if private[0][Attribute.EXTRACTABLE] or not private[0][Attribute.SENSITIVE]:
            message = f"{key_id} could leave the token"
            raise KeyDamaged(message)
        if len(seat.objects) >= _MOST_HANDLES:
            for place in [place for place, known in seat.objects.items() if isinstance(known, _Found)]:
                del seat.objects[place]
        found = _Found(private[0], public_bytes(public[0]))
        seat.objects[self._place(key_id)] = found
        return found

    def _place(self, key_id: str) -> str:
        return f"{self._destroyed}:{key_id}"


def _objects(seat: Seat, key_id: str) -> list[Any]:
    if not is_key_id(key_id):
        raise KeyNotFound(key_id)
    wanted = {Attribute.LABEL: key_id, Attribute.ID: key_id.encode(), Attribute.TOKEN: True}
    return list(seat.session.get_objects(wanted))
