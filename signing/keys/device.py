"""A token behind a PKCS#11 library: login, a bounded pool of sessions, and coming back after it went away.

Knows tokens and sessions; knows no key. Whatever the library says, callers get ``KeyUnavailable`` (try again) or
``KeyLoginRefused`` (do not): the PIN is read when it is needed, kept nowhere and repeated nowhere.
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pkcs11

from signing.errors import KeyLoginRefused, KeyUnavailable
from signing.keys.module import Module, load_module

_WRONG_PIN: Final = (
    pkcs11.PinIncorrect,
    pkcs11.PinInvalid,
    pkcs11.PinLenRange,
    pkcs11.PinExpired,
    pkcs11.PinLocked,
    pkcs11.UserPinNotInitialized,
)


@dataclass(slots=True, kw_only=True)
class Seat:
    """One session of the pool and what was opened in it. One thread has it at a time."""

    session: Any
    epoch: int
    objects: dict[str, Any] = field(default_factory=dict)
    """Handles that stay good as long as the session: found keys, key-encryption keys."""
    open_key: str = ""
    """Id of the one unwrapped key that lies in this session; empty: none."""
    close_at: float = 0.0
    """When that key must be gone, on the monotonic clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAddress:
    """Where a token is and how one gets in."""

    library: Path
    """The vendor's PKCS#11 library."""
    token: str
    """Label of the token."""
    pin_file: Path
    """File with the user PIN, readable by the process that holds the session and by nobody else."""
    sessions: int = 4
    """Most sessions at a time; more callers wait."""
    wait_s: float = 10.0
    """Longest wait for a free session."""


class Device:
    """A logged-in token."""

    def __init__(self, address: DeviceAddress) -> None:
        self._address = address
        self._module: Module = load_module(address.library)
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(address.sessions)
        self._idle: list[Seat] = []
        self._anchor: Seat | None = None
        self._broken_epoch = 0
        self._was_seen = False
        self._refused_pin = b""

    def __repr__(self) -> str:
        return f"Device(token={self._address.token!r})"

    @contextmanager
    def seat(self, wanted: str = "") -> Iterator[Seat]:
        """Lend a session, preferably the one in which the wanted key is open.

        Raises:
            KeyUnavailable: the token is away, or every session is taken for too long. The next call logs in anew.
            KeyLoginRefused: the PIN is wrong; it is not offered a second time.
        """
        if not self._free.acquire(timeout=self._address.wait_s):
            message = "every session of the key device is taken"
            raise KeyUnavailable(message)
        try:
            self._mend()
            with self._module.in_use() as epoch:
                seat = None
                try:
                    seat = self._take(epoch, wanted)
                    yield seat
                except pkcs11.PKCS11Error as err:
                    # Which return codes mean "gone" differs from vendor to vendor; a fresh login is right after all.
                    self._broken_epoch, seat = epoch, None
                    message = f"the key device does not answer: {type(err).__name__}"
                    raise KeyUnavailable(message) from err
                finally:
                    if seat is not None:
                        with self._lock:
                            self._idle.append(seat)
        finally:
            self._free.release()

    def mechanisms(self) -> frozenset[int]:
        """Return the numbers of the mechanisms that the token knows."""
        with self.seat() as seat:
            return frozenset(int(known) for known in seat.session.token.slot.get_mechanisms())

    def sweep(self, close: Callable[[Seat], None], *, older_than: float) -> bool:
        """Call ``close`` for idle sessions with a key that should be gone; True while some key stays open."""
        with self._lock:
            due = [seat for seat in self._idle if seat.open_key and seat.close_at <= older_than]
            self._idle = [seat for seat in self._idle if seat not in due]
        for seat in due:
            self._close_key(seat, close)
        with self._lock:
            return any(seat.open_key for seat in self._idle)

    def close(self) -> None:
        """Log out. A later call logs in again."""
        with self._module.in_use() as epoch, self._lock:
            seats, self._idle = self._idle, []
            anchor, self._anchor = self._anchor, None
            for seat in (*seats, anchor):
                if seat is not None and seat.epoch == epoch:
                    with suppress(pkcs11.PKCS11Error):  # it is gone already
                        seat.session.close()

    def _mend(self) -> None:
        """Start anew when the last use failed, or when an idle session has died or been logged out since."""
        with self._module.in_use() as epoch, self._lock:
            waiting = [seat for seat in (*self._idle[-1:], self._anchor) if seat is not None and seat.epoch == epoch]
            if not all(self._module.is_logged_in(seat.session.handle) for seat in waiting):
                self._broken_epoch = epoch
        if self._broken_epoch:
            self._module.restart(self._broken_epoch)
            self._broken_epoch = 0
        if not self._was_seen and not self._is_there():
            self._module.restart(self._module.epoch)  # a library looks for tokens when it starts
        self._was_seen = True

    def _is_there(self) -> bool:
        with self._module.in_use():
            try:
                return any(self._module.library.get_tokens(token_label=self._address.token))
            except pkcs11.PKCS11Error:
                return False

    def _close_key(self, seat: Seat, close: Callable[[Seat], None]) -> None:
        with self._module.in_use() as epoch:
            if seat.epoch != epoch:
                return
            try:
                close(seat)
            except pkcs11.PKCS11Error:  # the session is gone, and the key with it
                return
        with self._lock:
            self._idle.append(seat)

    def _take(self, epoch: int, wanted: str) -> Seat:
        with self._lock:
            self._idle = [seat for seat in self._idle if seat.epoch == epoch]
            if self._anchor is None or self._anchor.epoch != epoch:
                self._anchor = Seat(session=self._login(), epoch=epoch)
            if self._idle:
                best = min(range(len(self._idle)), key=lambda at: self._rank(self._idle[at], wanted))
                return self._idle.pop(best)
            token = self._anchor.session.token
        return Seat(session=token.open(rw=True), epoch=epoch)

    @staticmethod
    def _rank(seat: Seat, wanted: str) -> tuple[bool, bool, float]:
        """Order of choice: the wanted key is open here; nothing is open here; the key that has been open longest."""
        return (not wanted or seat.open_key != wanted, bool(seat.open_key), seat.close_at)

    def _login(self) -> Any:  # noqa: ANN401 - python-pkcs11's session has its type in a compiled module
        """Open the session that carries the login; the others share it (PKCS#11 2.40 §6.7.4)."""
        token = self._module.library.get_token(token_label=self._address.token)
        pin = self._pin()
        digest = hashlib.sha256(pin.encode()).digest()
        if digest == self._refused_pin:
            message = "the PIN file still holds the PIN that was refused"
            raise KeyLoginRefused(message)
        try:
            return token.open(rw=True, user_pin=pin)
        except pkcs11.UserAlreadyLoggedIn:  # another store of this process on the same token
            return token.open(rw=True)
        except _WRONG_PIN as err:
            self._refused_pin = digest
            message = f"the token {self._address.token} does not accept the PIN: {type(err).__name__}"
            raise KeyLoginRefused(message) from None
        finally:
            del pin

    def _pin(self) -> str:
        try:
            return self._address.pin_file.read_text(encoding="utf-8").strip("\r\n")
        except (OSError, UnicodeDecodeError) as err:
            message = f"the PIN file cannot be read: {type(err).__name__}"
            raise KeyUnavailable(message) from None
