"""Passkeys: a person registers one, another person vouches for it, a lost one is taken away by two persons.

Knows callers, the desk and the ledger. Must not know how a passkey proves anything.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.db import Tx
from api.errors import Forbidden, SamePerson, StateConflict
from api.ids import new_id
from api.records.accounts import Accounts
from api.records.outbox import Outbox
from api.records.passkey_resets import PasskeyReset, PasskeyResets, PasskeyResetState
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.two_persons import require_other_person
from signing.authorisation import Assertion
from signing.authorisation_sql import Passkey
from signing.errors import PasskeyUnknown
from vault.ledger import AuditEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPasskey:
    """The browser's answer to a started registration."""

    passkey_id: str
    client_data: bytes = field(repr=False)
    attestation: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPasskey:
    """Whose passkey is vouched for; with the officer's own passkey, where the signer wants it."""

    passkey_id: str
    assertion: Assertion | None = field(default=None, repr=False)


def start_passkey(label: str, services: Services, caller: Caller, at: datetime) -> Passkey:
    """Begin to register a passkey of the caller's.

    Raises:
        Forbidden: a system has none. PasskeyRefused: too many. KeyUnavailable.
    """
    passkey = services.desk.start_passkey(_person(caller), label)
    _record(services, caller, "start_passkey", passkey.passkey_id, at)
    return passkey


def register_passkey(command: RegisterPasskey, services: Services, caller: Caller, at: datetime) -> Passkey:
    """Take the browser's answer; another person has to vouch before it counts.

    Raises:
        PasskeyUnknown, PasskeyRefused, AuthorisationWrong, AuthorisationMalformed, KeyUnavailable.
    """
    passkey = services.desk.register_passkey(
        command.passkey_id, _person(caller), command.client_data, command.attestation
    )
    _record(services, caller, "register_passkey", passkey.passkey_id, at)
    return passkey


def confirm_passkey(command: ConfirmPasskey, services: Services, caller: Caller, at: datetime) -> Passkey:
    """Put a registered passkey of another person into force.

    Raises:
        PasskeyUnknown; PasskeyRefused: an own one, not registered, or an officer's passkey is needed;
        AuthorisationWrong, AuthorisationMalformed, KeyUnavailable.
    """
    passkey = services.desk.confirm_passkey(command.passkey_id, _person(caller), command.assertion)
    event = _event(caller, "confirm_passkey", passkey.passkey_id, at, holder=passkey.person)
    with services.db.transaction() as tx:
        _tell(tx, "passkey_confirmed", passkey.person, {"passkey_id": passkey.passkey_id}, at)
        services.audit.append(tx, event)
    return passkey


def list_passkeys(services: Services, caller: Caller, person: str | None = None) -> tuple[Passkey, ...]:
    """The caller's own passkeys, or those of another person (for who vouches)."""
    return services.desk.passkeys(person or _person(caller))


def remove_passkey(passkey_id: str, services: Services, caller: Caller, at: datetime) -> None:
    """Take away an own passkey, at once.

    Raises:
        PasskeyUnknown: the caller has none of this id.
    """
    find_passkey(passkey_id, _person(caller), services)
    services.desk.remove_passkey(passkey_id)
    _record(services, caller, "remove_passkey", passkey_id, at)


def request_passkey_reset(
    passkey_id: str, person: str, services: Services, caller: Caller, at: datetime
) -> PasskeyReset:
    """Ask to take away the lost passkey of another person.

    Raises:
        PasskeyUnknown: that person has none of this id. SamePerson: an own one is removed without asking.
    """
    if person == caller.subject_id:
        raise SamePerson("Khóa của chính mình thì tự xóa.", "An own passkey is removed without asking.")
    find_passkey(passkey_id, person, services)
    reset = PasskeyReset(
        reset_id=new_id("pkr", at),
        passkey_id=passkey_id,
        person=person,
        state=PasskeyResetState.REQUESTED,
        requested_by=caller.account_id,
        requested_at=at,
    )
    with services.db.transaction() as tx:
        require_other_person(tx, caller, ())
        PasskeyResets(tx).add(reset)
        # told at once: a holder who did not lose anything can still object
        _tell(tx, "passkey_reset_requested", person, {"reset_id": reset.reset_id}, at)
        services.audit.append(tx, _event(caller, "request_passkey_reset", passkey_id, at, holder=person))
    return reset


def approve_passkey_reset(reset_id: str, services: Services, caller: Caller, at: datetime) -> PasskeyReset:
    """Take the passkey away; who asks, who approves and who holds are three natural persons.

    Raises:
        NotFound; SamePerson; StateConflict: decided already.
    """
    with services.db.reading() as tx:
        reset = PasskeyResets(tx).get(reset_id)
        if reset.state is not PasskeyResetState.REQUESTED:
            raise StateConflict("Yêu cầu này đã được quyết định.", "This reset has been decided.")
        require_other_person(tx, caller, (reset.requested_by,))
    if reset.person == caller.subject_id:
        raise SamePerson("Người giữ khóa không tự duyệt.", "The holder does not approve it.")
    # first the passkey: if the record fails afterwards, the same approval is sent again and finds it gone
    with contextlib.suppress(PasskeyUnknown):
        services.desk.remove_passkey(reset.passkey_id)
    with services.db.transaction() as tx:
        resets = PasskeyResets(tx)
        resets.approve(reset_id, by=caller.account_id, at=at)
        _tell(tx, "passkey_reset", reset.person, {"reset_id": reset_id}, at)
        services.audit.append(tx, _event(caller, "approve_passkey_reset", reset.passkey_id, at, holder=reset.person))
        return resets.get(reset_id)


def find_passkey(passkey_id: str, person: str, services: Services) -> Passkey:
    """A passkey of that person.

    Raises:
        PasskeyUnknown: there is none.
    """
    found = [one for one in services.desk.passkeys(person) if one.passkey_id == passkey_id]
    if not found:
        raise PasskeyUnknown("there is no such passkey")
    return found[0]


def _person(caller: Caller) -> str:
    if caller.subject_id is None:
        raise Forbidden("Cần một người thực hiện.", "A natural person has to do this.")
    return caller.subject_id


def _tell(tx: Tx, what: str, person: str, payload: Mapping[str, str], at: datetime) -> None:
    """Notices go to accounts: to every one that the person logs in with."""
    for account_id in Accounts(tx).of_person(person):
        Outbox(tx).add(what, recipient=account_id, payload=payload, at=at)


def _record(services: Services, caller: Caller, action: str, passkey_id: str, at: datetime) -> None:
    with services.db.transaction() as tx:
        services.audit.append(tx, _event(caller, action, passkey_id, at))


def _event(caller: Caller, action: str, passkey_id: str, at: datetime, *, holder: str | None = None) -> AuditEvent:
    details = () if holder is None else (("holder", holder),)
    return event_of(caller, action, at, object_type="passkey", object_id=passkey_id, details=details)
