"""What the signer does for who is connected: one entry an operation, nothing else can be asked for.

Knows guard and desk. An officer is never admitted and a key never adopted from here: that is done at the signer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from signing.authorisation import EvidenceKind, SigningPurpose
from signing.errors import AuthorisationMalformed, SigningError
from signing.keys import KeyKind, SignatureAlgorithm
from signing.signer import wire
from signing.signer.guard import GuardedKeys
from signing.signer.local import LocalDesk

Answer = tuple[wire.Head, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Guard and desk over the same keys and the same book."""

    guard: GuardedKeys
    desk: LocalDesk


def answer(signer: Signer, head: wire.Head, body: bytes) -> Answer:
    """The answer to one request; every refusal is an answer with a code.

    Raises:
        Exception: what is no refusal (database away, defect); the caller says "not now" and writes it down.
    """
    try:
        operation = OPERATIONS[head["op"]]
        return operation(signer, head, body)
    except SigningError as err:
        return {"error": err.code, "message": str(err)}, b""
    except (KeyError, ValueError, TypeError) as err:
        return {"error": AuthorisationMalformed.code, "message": f"malformed request: {type(err).__name__}"}, b""


def _ping(_: Signer, __: wire.Head, ___: bytes) -> Answer:
    return {"ok": True}, b""


def _generate(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    return {}, signer.guard.generate(str(head["key_id"]), KeyKind(head["kind"]))


def _public_key(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    return {}, signer.guard.public_key(str(head["key_id"]))


def _sign(signer: Signer, head: wire.Head, body: bytes) -> Answer:
    authorisation = head.get("authorisation_id")
    under = None if authorisation is None else str(authorisation)
    return {}, signer.guard.sign(str(head["key_id"]), body, SignatureAlgorithm(head["algorithm"]), under)


def _sign_hash(signer: Signer, head: wire.Head, body: bytes) -> Answer:
    authorisation = head.get("authorisation_id")
    under = None if authorisation is None else str(authorisation)
    return {}, signer.guard.sign_hash(str(head["key_id"]), body, SignatureAlgorithm(head["algorithm"]), under)


def _destroy(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    signer.guard.destroy(str(head["key_id"]))
    return {}, b""


def _start_passkey(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    return wire.passkey_to(signer.desk.start_passkey(str(head["person"]), str(head["label"]))), b""


def _register_passkey(signer: Signer, head: wire.Head, body: bytes) -> Answer:
    client_data = wire.unpack(head["client_data"])
    made = signer.desk.register_passkey(str(head["passkey_id"]), str(head["person"]), client_data, body)
    return wire.passkey_to(made), b""


def _confirm_passkey(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    given = head["assertion"]
    assertion = None if given is None else wire.assertion_from(given)
    return wire.passkey_to(signer.desk.confirm_passkey(str(head["passkey_id"]), str(head["by"]), assertion)), b""


def _passkeys(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    person = head["person"]
    found = signer.desk.passkeys(None if person is None else str(person))
    return {"passkeys": [wire.passkey_to(one) for one in found]}, b""


def _remove_passkey(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    signer.desk.remove_passkey(str(head["passkey_id"]))
    return {}, b""


def _open(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    order = wire.order_from(head)
    if order.purpose is SigningPurpose.SIGN_HASH:
        # of what kind a credential is decides here: no other certificate over the same key is believed
        signer.guard.require_issued_here(order.certificate)
    return wire.authorisation_to(signer.desk.open(order)), b""


def _confirm(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    given = head["evidence"]
    evidence = EvidenceKind(given) if isinstance(given, str) else wire.assertion_from(given)
    confirmed = signer.desk.confirm(str(head["authorisation_id"]), str(head["person"]), evidence)
    return wire.authorisation_to(confirmed), b""


def _cancel(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    return wire.authorisation_to(signer.desk.cancel(str(head["authorisation_id"]), str(head["person"]))), b""


def _get(signer: Signer, head: wire.Head, _: bytes) -> Answer:
    return wire.authorisation_to(signer.desk.get(str(head["authorisation_id"]))), b""


OPERATIONS: Final[Mapping[str, Callable[[Signer, wire.Head, bytes], Answer]]] = {
    "ping": _ping,
    "generate": _generate,
    "public_key": _public_key,
    "sign": _sign,
    "sign_hash": _sign_hash,
    "destroy": _destroy,
    "start_passkey": _start_passkey,
    "register_passkey": _register_passkey,
    "confirm_passkey": _confirm_passkey,
    "passkeys": _passkeys,
    "remove_passkey": _remove_passkey,
    "open": _open,
    "confirm": _confirm,
    "cancel": _cancel,
    "get": _get,
}
