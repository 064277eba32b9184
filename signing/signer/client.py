"""The side of everybody else: a key store and a desk that ask the signer. No PIN, no device, no key in here.

Knows the socket. A signer that is away, busy or restarting is KeyUnavailable, which may pass; the next call finds
it again by itself.
"""

import contextlib
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from signing.authorisation import Assertion, Authorisation
from signing.authorisation_sql import Passkey
from signing.errors import KeyUnavailable
from signing.keys import HashKeyStore, KeyKind, SignatureAlgorithm
from signing.signer import wire
from signing.signer.desk import Evidence, Order

_CONNECT_S: Final = 2.0
_MAX_IDLE: Final = 4
_IDLE_S: Final = 30.0  # sooner than the signer lets go, so that no request meets a closing door


@dataclass(slots=True, kw_only=True)
class Link:
    """Connections to the signer, kept open between calls; used by many threads."""

    path: Path
    answer_s: float = 20.0
    """Longest wait for an answer; an HSM under load takes its time."""
    aside: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
    """Around each wait for an answer: what the caller's process does meanwhile."""
    _idle: list[tuple[float, socket.socket]] = field(default_factory=list, repr=False)
    """Since when (monotonic), and what."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ask(self, head: wire.Head, body: bytes = b"") -> tuple[wire.Head, bytes]:
        """The signer's answer.

        Raises:
            KeyUnavailable: there was none; what was asked may or may not have been done.
            KeyStoreError, AuthorisationError: it refused.
        """
        connection = self._connection()
        try:
            connection.settimeout(self.answer_s)
            with self.aside():
                wire.send_frame(connection, head, body)
                frame = wire.read_frame(connection, idle_s=self.answer_s, frame_s=self.answer_s)
        except wire.WireError as err:
            connection.close()
            raise KeyUnavailable("the signer does not answer") from err
        if frame is None:
            connection.close()
            raise KeyUnavailable("the signer ended while it was asked")
        error = wire.error_of(frame[0])
        if error is None or error.code != KeyUnavailable.code:
            self._keep(connection)
        else:
            connection.close()  # a busy signer has closed its side
        if error is not None:
            raise error
        return frame

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _connection(self) -> socket.socket:
        while True:
            with self._lock:
                since, connection = self._idle.pop() if self._idle else (0.0, None)
            if connection is None:
                return self._connect()
            # readable without having been asked: the signer restarted meanwhile
            if time.monotonic() - since < _IDLE_S and not _is_readable(connection):
                return connection
            connection.close()

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(_CONNECT_S)
        try:
            connection.connect(str(self.path))
        except OSError as err:
            connection.close()
            raise KeyUnavailable("the signer is away") from err
        return connection

    def _keep(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._idle) < _MAX_IDLE:
                self._idle.append((time.monotonic(), connection))
                return
        with contextlib.suppress(OSError):
            connection.close()


def _is_readable(connection: socket.socket) -> bool:
    asked = select.poll()  # select() takes no descriptor beyond 1023, which a busy service has
    asked.register(connection, select.POLLIN)
    return bool(asked.poll(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteKeyStore:
    """The ``KeyStore`` of a process that holds no key."""

    link: Link
    authorisation_id: str | None = None
    """What holders' keys are used under; None for the keys of the services."""

    def generate(self, key_id: str, kind: KeyKind) -> bytes:
        """Make a key pair; see ``KeyStore``."""
        return self.link.ask({"op": "generate", "key_id": key_id, "kind": kind.value})[1]

    def public_key(self, key_id: str) -> bytes:
        """Return the public key; see ``KeyStore``."""
        return self.link.ask({"op": "public_key", "key_id": key_id})[1]

    def sign(self, key_id: str, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign what the signer lets this key sign; see ``GuardedKeys.sign``."""
        head = {
            "op": "sign",
            "key_id": key_id,
            "algorithm": algorithm.value,
            "authorisation_id": self.authorisation_id,
        }
        return self.link.ask(head, data)[1]

    def sign_hash(self, key_id: str, value: bytes, algorithm: SignatureAlgorithm) -> bytes:
        """Sign a hash that a holder agreed to as such; see ``GuardedKeys.sign_hash``."""
        head = {
            "op": "sign_hash",
            "key_id": key_id,
            "algorithm": algorithm.value,
            "authorisation_id": self.authorisation_id,
        }
        return self.link.ask(head, value)[1]

    def destroy(self, key_id: str) -> None:
        """Destroy the key; see ``KeyStore``."""
        self.link.ask({"op": "destroy", "key_id": key_id})


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteDesk:
    """The ``Desk`` that asks the signer."""

    link: Link

    def start_passkey(self, person: str, label: str) -> Passkey:
        """Begin to register a passkey; see ``Desk``."""
        return self._passkey({"op": "start_passkey", "person": person, "label": label})

    def register_passkey(self, passkey_id: str, person: str, client_data: bytes, attestation: bytes) -> Passkey:
        """Take the browser's answer; see ``Desk``."""
        head = {"op": "register_passkey", "passkey_id": passkey_id, "person": person}
        return self._passkey({**head, "client_data": wire.pack(client_data)}, attestation)

    def confirm_passkey(self, passkey_id: str, by: str, assertion: Assertion | None) -> Passkey:
        """Put a registered passkey into force; see ``Desk``."""
        given = None if assertion is None else wire.assertion_to(assertion)
        return self._passkey({"op": "confirm_passkey", "passkey_id": passkey_id, "by": by, "assertion": given})

    def passkeys(self, person: str | None) -> tuple[Passkey, ...]:
        """The passkeys of a person, or everybody's."""
        head, _ = self.link.ask({"op": "passkeys", "person": person})
        with _readable():
            return tuple(wire.passkey_from(one) for one in head["passkeys"])

    def remove_passkey(self, passkey_id: str) -> None:
        """Forget a passkey; see ``Desk``."""
        self.link.ask({"op": "remove_passkey", "passkey_id": passkey_id})

    def open(self, order: Order) -> Authorisation:
        """Begin an authorisation; see ``Desk``."""
        return self._authorisation({"op": "open", **wire.order_to(order)})

    def confirm(self, authorisation_id: str, person: str, evidence: Evidence) -> Authorisation:
        """The holder agrees; see ``Desk``."""
        given = wire.assertion_to(evidence) if isinstance(evidence, Assertion) else evidence.value
        head = {"op": "confirm", "authorisation_id": authorisation_id, "person": person, "evidence": given}
        return self._authorisation(head)

    def cancel(self, authorisation_id: str, person: str) -> Authorisation:
        """The holder takes it back; see ``Desk``."""
        return self._authorisation({"op": "cancel", "authorisation_id": authorisation_id, "person": person})

    def get(self, authorisation_id: str) -> Authorisation:
        """An authorisation as it stands; see ``Desk``."""
        return self._authorisation({"op": "get", "authorisation_id": authorisation_id})

    def keys_for(self, authorisation_id: str) -> HashKeyStore:
        """A key store that signs what this authorisation covers; see ``Desk``."""
        return RemoteKeyStore(link=self.link, authorisation_id=authorisation_id)

    def answers(self) -> bool:
        """Whether the signer answers now."""
        return answers(self.link)

    def close(self) -> None:
        """Give the connections back, also those of the key store beside it."""
        self.link.close()

    def _passkey(self, head: wire.Head, body: bytes = b"") -> Passkey:
        answer, _ = self.link.ask(head, body)
        with _readable():
            return wire.passkey_from(answer)

    def _authorisation(self, head: wire.Head) -> Authorisation:
        answer, _ = self.link.ask(head)
        with _readable():
            return wire.authorisation_from(answer)


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """An answer of another form comes from a signer of another version: while one is replaced by the other."""
    try:
        yield
    except (KeyError, ValueError, TypeError) as err:
        raise KeyUnavailable("the signer's answer cannot be read") from err


def answers(link: Link) -> bool:
    """Whether a signer answers."""
    try:
        return link.ask({"op": "ping"})[0].get("ok") is True
    except KeyUnavailable:
        return False
