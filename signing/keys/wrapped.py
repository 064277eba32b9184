"""Keys of officials and citizens: made in the device, kept outside of it under the device's key-encryption key.

A token holds some thousand objects, a province has millions of keys: so the pair is made as a session object, the
private half leaves the token only as an AES-KWP blob, and to sign it is unwrapped inside, used and destroyed. A blob
signs only under the id it was made for (see ``generations``), and only after its first signature was verified under
the public key that stands in its row. Knows rows and the token. Knows no table and no holder.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, Final

import pkcs11

from signing.errors import KeyExists, KeyNotFound
from signing.keys.blobs import RewrappableBlobs, WrappedKey
from signing.keys.device import Device, Seat
from signing.keys.generations import Generations
from signing.keys.mechanisms import (
    generate_pair,
    hash_of,
    public_bytes,
    require_algorithm,
    require_kind,
    require_match,
    sign_hash,
    unwrap,
    wrap,
)
from signing.keys.store import KeyKind, SignatureAlgorithm, require_hash, require_key_id

_OPEN: Final = "open"


@dataclass(slots=True, kw_only=True)
class _Open:
    """An unwrapped key in a session, and the row that it came from."""

    private: Any
    row: WrappedKey
    is_proved: bool = False


class WrappedKeyStore:
    """The ``KeyStore`` whose keys lie in rows that only the token can open.

    Args:
        device: the token.
        blobs: where the rows are.
        label: of the key-encryption keys.
        open_for_s: how long an unwrapped key may stay in its session for the next signature of a batch. 0: every
            signature unwraps and destroys. A session holds at most one such key. It gives a thief nothing: who
            holds the session can unwrap whatever the table has.
    """

    def __init__(self, device: Device, blobs: RewrappableBlobs, *, label: str, open_for_s: float = 0.0) -> None:
        self._device = device
        self._blobs = blobs
        self._open_for_s = open_for_s
        self._timer: threading.Timer | None = None
        self._timing = threading.Lock()
        self.generations = Generations(device, label)
        """The key-encryption keys, for the operator's commands."""

    def __repr__(self) -> str:
        return f"WrappedKeyStore({self._device!r}, {self.generations!r})"

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key pair in the token, store it wrapped, and return its public key (SPKI DER)."""
        require_key_id(key_id)
        require_kind(kind)
        if self._blobs.get(key_id) is not None:
            raise KeyExists(key_id)
        with self._device.seat() as seat:
            generation = self.generations.newest(seat)
            public, private = generate_pair(seat.session, kind, label=key_id, resident=False)
            try:
                row = WrappedKey(
                    kind=kind,
                    spki=public_bytes(public),
                    wrapped=wrap(generation.wrapping, private),
                    binding=b"",
                    kek_id=generation.kek_id,
                )
            finally:
                private.destroy()
                public.destroy()
            row = replace(row, binding=generation.bind(key_id, row))
        if not self._blobs.add(key_id, row):  # no session is held while the table is asked
            raise KeyExists(key_id)
        return row.spki

    def public_key(self, key_id: str) -> bytes:
        """Return the public key (SPKI DER) after the token has said that the row belongs to this id."""
        row = self._row(key_id)
        with self._device.seat() as seat:
            self.generations.of(seat, row.kek_id).require_bound(key_id, row)
        return row.spki

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Unwrap, sign, destroy. The row is read and compared each time, also when the key is still open."""
        return self._sign(key_id, hash_of(data, algorithm), algorithm)

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """The same for a hash; see ``HashKeyStore``."""
        require_hash(value, algorithm)
        return self._sign(key_id, value, algorithm)

    def _sign(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        row = self._row(key_id)
        require_algorithm(row.kind, algorithm)
        with self._device.seat(key_id) as seat:
            opened = self._open(seat, key_id, row)
            is_done = False
            try:
                signature = sign_hash(opened.private, value, algorithm)
                if not opened.is_proved:
                    require_match(row.spki, value, signature, algorithm)
                    opened.is_proved = True
                is_done = True
            finally:
                if not is_done or not self._open_for_s:
                    close_key(seat)
        if self._open_for_s:
            self._sweep_later()
        return signature

    def destroy(self, key_id: str) -> None:
        """Delete the row: the token keeps nothing of the key."""
        if not self._blobs.remove(key_id):
            raise KeyNotFound(key_id)

    def rewrap(self, *, limit: int = 200) -> int:
        """Carry keys of older generations over to the newest, inside the token; how many, 0 when none is left.

        Raises:
            KeyDamaged: a row was tampered with; it stays as it is, and the generation cannot be given up.
        """
        with self._device.seat() as seat:
            newest = self.generations.newest(seat).kek_id
        done = 0
        for kek_id in self.generations.ids():
            if kek_id == newest:
                continue
            for key_id in self._blobs.under(kek_id, limit=limit - done):
                done += self._rewrap_one(key_id)
            if done >= limit:
                break
        return done

    def retire(self, kek_id: str) -> None:
        """Destroy an old generation.

        Raises:
            KeyExists: it still wraps keys, or is the newest.
            KeyNotFound: the token has no such generation.
        """
        known = self.generations.ids()
        if kek_id not in known:
            raise KeyNotFound(kek_id)
        if kek_id == known[-1] or self._blobs.under(kek_id, limit=1):
            message = f"{kek_id} is in use"
            raise KeyExists(message)
        self.generations.destroy(kek_id)

    def close(self) -> None:
        """Destroy what is still open in a session."""
        with self._timing:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
        self._device.sweep(close_key, older_than=float("inf"))

    def _row(self, key_id: str) -> WrappedKey:
        row = self._blobs.get(key_id)
        if row is None:
            raise KeyNotFound(key_id)
        return row

    def _open(self, seat: Seat, key_id: str, row: WrappedKey) -> _Open:
        known = seat.objects.get(_OPEN)
        if isinstance(known, _Open):
            if seat.open_key == key_id and known.row == row and seat.close_at > monotonic():
                return known
            close_key(seat)
        generation = self.generations.of(seat, row.kek_id)
        generation.require_bound(key_id, row)
        opened = _Open(private=unwrap(generation.wrapping, row.wrapped, row.kind), row=row)
        seat.objects[_OPEN], seat.open_key, seat.close_at = opened, key_id, monotonic() + self._open_for_s
        return opened

    def _rewrap_one(self, key_id: str) -> bool:
        row = self._row(key_id)
        with self._device.seat() as seat:
            old, new = self.generations.of(seat, row.kek_id), self.generations.newest(seat)
            old.require_bound(key_id, row)
            private = unwrap(old.wrapping, row.wrapped, row.kind, extractable=True)
            try:
                after = replace(row, wrapped=wrap(new.wrapping, private), kek_id=new.kek_id)
            finally:
                private.destroy()
            after = replace(after, binding=new.bind(key_id, after))
        return self._blobs.rewrap(key_id, row, after)

    def _sweep_later(self) -> None:
        with self._timing:
            if self._timer is None:
                self._timer = threading.Timer(self._open_for_s, self._sweep)
                self._timer.daemon = True
                self._timer.start()

    def _sweep(self) -> None:
        with self._timing:
            self._timer = None
        if self._device.sweep(close_key, older_than=monotonic()):
            self._sweep_later()


def close_key(seat: Seat) -> None:
    """Destroy the unwrapped key of a session, if there is one."""
    opened = seat.objects.pop(_OPEN, None)
    seat.open_key, seat.close_at = "", 0.0
    if isinstance(opened, _Open):
        with suppress(pkcs11.ObjectHandleInvalid):  # gone already
            opened.private.destroy()
