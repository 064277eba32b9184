"""The signer process: the only one with device and PIN, until it is told to stop.

Knows how its parts are started. Must not hold any rule of the domain: those are `signing.signer`'s.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.bootstrap import build_database, master_secret
from api.callers import SYSTEM_ACCOUNT, Purpose
from api.clock import now
from api.custody import build_signer
from api.errors import ConfigurationInvalid
from api.keystores import build_keys
from api.log import logger
from api.records.registered_certificates import registered_certificates
from api.settings import Settings
from signing.authorisation_sql import Passkey
from signing.errors import KeyNotFound
from signing.signer import Server, Signer, answer
from vault.ledger import AuditEvent, Outcome
from vault.ledger_sql import AuditLedger

OPERATOR: Final = "operator"
"""Whoever stands at the signer's machine, in its book and in the audit ledger."""

_LOG: Final = logger("signer")


def open_signer(settings: Settings) -> Signer:
    """Guard and desk over device and books, for the process itself and for its operator's commands.

    Raises:
        ConfigurationInvalid: something that the signer needs is missing.
    """
    settings.require_signer()
    database = build_database(settings)
    return build_signer(
        settings, database, now, lambda: build_keys(settings, database, lambda: master_secret(settings))
    )


def run_signer(
    settings: Settings, *, on_ready: Callable[[], None] = lambda: None, stop: threading.Event | None = None
) -> None:
    """Answer on the socket until SIGTERM, SIGINT or `stop`.

    Args:
        settings: of this process.
        on_ready: told once the socket listens.
        stop: ends the signer when set, for callers that cannot send a signal.

    Raises:
        ConfigurationInvalid: something is missing, or the socket cannot be made.
    """
    ending = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
    signer = open_signer(settings)
    server = Server(
        path=socket_path(settings),
        answer=lambda head, body: answer(signer, head, body),
        allowed=frozenset({os.getuid(), *settings.signer_client_ids}),
        on_error=lambda err: _LOG.error("request_failed", error=type(err).__name__),
    )
    try:
        server.open()
    except OSError as err:
        raise ConfigurationInvalid((f"ANSO_SIGNER_SOCKET: {err.strerror or err}",)) from err
    threading.Thread(target=_watch, args=(ending, server), name="signer-stop", daemon=True).start()
    on_ready()
    server.run()


def socket_path(settings: Settings) -> Path:
    """Where the signer listens.

    Raises:
        ConfigurationInvalid: nothing says where.
    """
    if settings.signer_socket is None:
        raise ConfigurationInvalid(("ANSO_SIGNER_SOCKET: where the signer listens",))
    return settings.signer_socket


def admit_officer(settings: Settings, passkey_id: str) -> Passkey:
    """Let a passkey vouch for other people's; said in the audit ledger, where the services' auditors see it.

    Raises:
        PasskeyUnknown, PasskeyRefused.
    """
    made = open_signer(settings).desk.admit_officer(passkey_id, OPERATOR)
    _tell(settings, "admit_officer", "passkey", passkey_id, (("holder", made.person),))
    return made


def release_holder(settings: Settings, key_id: str) -> None:
    """Let another person authorise with this key from now on; said in the audit ledger.

    Raises:
        KeyNotFound.
    """
    open_signer(settings).guard.release_holder(key_id)
    _tell(settings, "release_key_holder", "signing_key", key_id)


def adopt_certified_keys(settings: Settings) -> tuple[str, ...]:
    """Teach the signer what the keys are for that were certified without it, from the register; returns their ids.

    For the operator at the signer: the register's word is taken here, once. A key that it does not keep is left out.
    """
    signer, database = open_signer(settings), build_database(settings)
    adopted = []
    with database.reading() as tx:
        certificates = [(one.key_id, one.der) for one in registered_certificates(tx) if one.der is not None]
    database.close()
    for key_id, der in certificates:
        with contextlib.suppress(KeyNotFound):  # on a token of its holder, or destroyed
            signer.guard.adopt(key_id, der)
            adopted.append(key_id)
    _tell(settings, "adopt_keys", "signer", OPERATOR, (("count", str(len(adopted))),))
    return tuple(adopted)


def _tell(
    settings: Settings, action: str, kind: str, object_id: str, details: tuple[tuple[str, str], ...] = ()
) -> None:
    """What an operator did here, where everybody's deeds stand. The signer's book is another database: this follows."""
    event = AuditEvent(
        at=now(),
        action=action,
        outcome=Outcome.ALLOWED,
        account_id=OPERATOR,
        role=SYSTEM_ACCOUNT,
        purpose=Purpose.OPERATE_SERVICE.value,
        request_id="signer",
        object_type=kind,
        object_id=object_id,
        details=details,
    )
    database = build_database(settings)
    with database.transaction() as tx:
        AuditLedger().append(tx, event)
    database.close()


def _watch(ending: threading.Event, server: Server) -> None:
    ending.wait()
    server.stop()
