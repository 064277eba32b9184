"""How a process talks to the signer: frames on a unix socket, and our values as JSON.

A frame is two lengths (32 bits each, big-endian), a JSON head and a body of raw bytes (what shall be signed, or a
signature). Both are bounded before anything is read. Knows bytes and values; decides nothing.
"""

import base64
import json
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, Final

from signing import errors
from signing.authorisation import (
    Assertion,
    Authorisation,
    AuthorisationState,
    CoseAlgorithm,
    EvidenceKind,
    PasskeyKey,
    SigningPurpose,
    Terms,
)
from signing.authorisation_sql import Passkey, PasskeyState
from signing.keys.recorded import from_micros, micros
from signing.signer.desk import Order

MAX_HEAD: Final = 256 * 1024
MAX_BODY: Final = 16 * 1024 * 1024
"""The to-be-signed part of a revocation list of a quarter of a million entries."""
_LENGTHS: Final = struct.Struct(">II")
_CHUNK: Final = 1024 * 1024

Head = dict[str, Any]


class WireError(Exception):
    """The other side sent no frame of ours, too slowly, or nothing at all."""


def send_frame(connection: socket.socket, head: Mapping[str, object], body: bytes = b"") -> None:
    """Write one frame; the socket's time-out applies.

    Raises:
        WireError: the other side is gone or does not read, or the frame is too large for it.
    """
    text = json.dumps(head, separators=(",", ":")).encode()
    if len(text) > MAX_HEAD or len(body) > MAX_BODY:
        raise WireError("larger than the signer takes")
    try:
        connection.sendall(_LENGTHS.pack(len(text), len(body)) + text + body)
    except OSError as err:
        raise WireError("the other side is gone") from err


def read_frame(connection: socket.socket, *, idle_s: float, frame_s: float) -> tuple[Head, bytes] | None:
    """The next frame; None when the other side ended before one began.

    Args:
        connection: where from.
        idle_s: longest wait for its first byte.
        frame_s: longest time from there to its last one.

    Raises:
        WireError: too slow, too large, cut off, or no frame.
    """
    try:
        connection.settimeout(idle_s)
        first = connection.recv(1)
        if not first:
            return None
        deadline = time.monotonic() + frame_s
        lengths = first + _read(connection, _LENGTHS.size - 1, deadline)
        head_size, body_size = _LENGTHS.unpack(lengths)
        if head_size > MAX_HEAD or body_size > MAX_BODY:
            raise WireError("larger than the signer takes")
        head = json.loads(_read(connection, head_size, deadline))
        body = _read(connection, body_size, deadline)
    except (OSError, ValueError, RecursionError) as err:
        raise WireError("no frame came, or no whole one") from err
    if not isinstance(head, dict):
        raise WireError("the head is no object")
    return head, body


def _read(connection: socket.socket, size: int, deadline: float) -> bytes:
    parts, missing = [], size
    while missing:
        left = deadline - time.monotonic()
        if left <= 0:
            raise WireError("too slow")
        connection.settimeout(left)
        part = connection.recv(min(missing, _CHUNK))
        if not part:
            raise WireError("cut off")
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _codes() -> dict[str, type[errors.SigningError]]:
    found: dict[str, type[errors.SigningError]] = {}
    waiting: list[type[errors.SigningError]] = [
        errors.KeyStoreError,
        errors.AuthorisationError,
        errors.CertificateMalformed,
    ]
    while waiting:
        one = waiting.pop()
        found[one.code] = one
        waiting += one.__subclasses__()
    return found


ERRORS: Final = _codes()
"""Errors that keep their class on the way: by code."""


def error_of(head: Head) -> errors.SigningError | None:
    """The error that an answer carries, as its own class."""
    code = head.get("error")
    if code is None:
        return None
    kind = ERRORS.get(code) if isinstance(code, str) else None
    return (kind or errors.KeyUnavailable)(str(head.get("message", "")))


def pack(value: bytes) -> str:
    """Bytes in JSON."""
    return base64.b64encode(value).decode()


def unpack(text: object) -> bytes:
    """Bytes from JSON.

    Raises:
        ValueError: not base64.
    """
    if not isinstance(text, str):
        raise ValueError("not base64")  # noqa: TRY004 - one kind of error for whatever is not base64
    return base64.b64decode(text, validate=True)


def order_to(order: Order) -> Head:
    """An order as JSON."""
    return {
        "person": order.person,
        "key_id": order.key_id,
        "certificate": pack(order.certificate),
        "digests": list(order.digests),
        "purpose": order.purpose.value,
        "capacity": order.capacity,
    }


def order_from(head: Head) -> Order:
    """An order from JSON (KeyError, ValueError or TypeError: it is none)."""
    return Order(
        person=str(head["person"]),
        key_id=str(head["key_id"]),
        certificate=unpack(head["certificate"]),
        digests=tuple(str(one) for one in head["digests"]),
        purpose=SigningPurpose(head["purpose"]),
        capacity=None if head["capacity"] is None else str(head["capacity"]),
    )


def assertion_to(assertion: Assertion) -> Head:
    """A passkey's answer as JSON."""
    return {
        "credential_id": pack(assertion.credential_id),
        "client_data": pack(assertion.client_data),
        "authenticator_data": pack(assertion.authenticator_data),
        "signature": pack(assertion.signature),
    }


def assertion_from(head: Head) -> Assertion:
    """A passkey's answer from JSON."""
    return Assertion(
        credential_id=unpack(head["credential_id"]),
        client_data=unpack(head["client_data"]),
        authenticator_data=unpack(head["authenticator_data"]),
        signature=unpack(head["signature"]),
    )


def authorisation_to(one: Authorisation) -> Head:
    """An authorisation as JSON."""
    terms = one.terms
    return {
        "authorisation_id": terms.authorisation_id,
        "person": terms.person,
        "key_id": terms.key_id,
        "certificate_sha256": terms.certificate_sha256,
        "digests": list(terms.digests),
        "purpose": terms.purpose.value,
        "capacity": terms.capacity,
        "issued_at": micros(terms.issued_at),
        "nonce": terms.nonce,
        "certificate": pack(one.certificate),
        "state": one.state.value,
        "evidence": one.evidence and one.evidence.value,
        "confirmed_at": one.confirmed_at and micros(one.confirmed_at),
        "started_at": one.started_at and micros(one.started_at),
        "signed": list(one.signed),
    }


def authorisation_from(head: Head) -> Authorisation:
    """An authorisation from JSON."""
    terms = Terms(
        authorisation_id=head["authorisation_id"],
        person=head["person"],
        key_id=head["key_id"],
        certificate_sha256=head["certificate_sha256"],
        digests=tuple(head["digests"]),
        purpose=SigningPurpose(head["purpose"]),
        capacity=head["capacity"],
        issued_at=from_micros(head["issued_at"]),
        nonce=head["nonce"],
    )
    return Authorisation(
        terms=terms,
        certificate=unpack(head["certificate"]),
        state=AuthorisationState(head["state"]),
        evidence=None if head["evidence"] is None else EvidenceKind(head["evidence"]),
        confirmed_at=None if head["confirmed_at"] is None else from_micros(head["confirmed_at"]),
        started_at=None if head["started_at"] is None else from_micros(head["started_at"]),
        signed=tuple(head["signed"]),
    )


def passkey_to(one: Passkey) -> Head:
    """A passkey as JSON."""
    return {
        "passkey_id": one.passkey_id,
        "person": one.person,
        "label": one.label,
        "state": one.state.value,
        "challenge": pack(one.challenge),
        "credential_id": one.key and pack(one.key.credential_id),
        "spki": one.key and pack(one.key.spki),
        "algorithm": one.key and int(one.key.algorithm),
        "sign_count": one.key and one.key.sign_count,
        "is_officer": one.is_officer,
        "created_at": micros(one.created_at),
        "confirmed_by": one.confirmed_by,
        "confirmed_at": one.confirmed_at and micros(one.confirmed_at),
    }


def passkey_from(head: Head) -> Passkey:
    """A passkey from JSON."""
    key = None
    if head["credential_id"] is not None:
        key = PasskeyKey(
            credential_id=unpack(head["credential_id"]),
            algorithm=CoseAlgorithm(head["algorithm"]),
            spki=unpack(head["spki"]),
            sign_count=head["sign_count"],
        )
    return Passkey(
        passkey_id=head["passkey_id"],
        person=head["person"],
        label=head["label"],
        state=PasskeyState(head["state"]),
        challenge=unpack(head["challenge"]),
        key=key,
        is_officer=head["is_officer"],
        created_at=from_micros(head["created_at"]),
        confirmed_by=head["confirmed_by"],
        confirmed_at=None if head["confirmed_at"] is None else from_micros(head["confirmed_at"]),
    )
