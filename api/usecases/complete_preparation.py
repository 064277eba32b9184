"""The value of a token comes: the prepared signature becomes a signed document, exactly once.

Whoever may complete is who prepared. A value that the key did not make is counted and stores nothing; the preparation
stays usable for some more. The same completion twice, or two at once, gives the same answer. No key of ours is used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.serialization import load_der_public_key

from api.callers import Caller
from api.db import DatabaseUnreachable
from api.errors import (
    AnsoError,
    InputInvalid,
    PreparationBlocked,
    PreparationExpired,
    PreparationStale,
    PreparationWithdrawn,
)
from api.records.signature_preparations import (
    PREPARED_SLOT,
    PreparationState,
    SignaturePreparation,
    SignaturePreparations,
)
from api.services import Services
from api.usecases.arrived_value import Arrived
from api.usecases.auditing import event_of
from api.usecases.refusals import refusals_recorded
from api.usecases.store_completed import store_signed
from api.usecases.waiting_signatures import Preparation
from signing.errors import SignatureValueWrong, SigningError
from signing.keys import SignatureAlgorithm
from signing.keys.signatures import is_salt
from signing.keys.values import fitting_value
from signing.pades import PreparedSignature
from vault.errors import VaultError, WorkNotFound
from vault.ledger import AuditEvent

MAX_WRONG_VALUES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletePreparation:
    """Which preparation, and what the token made of it."""

    preparation_id: str
    value: bytes = field(repr=False)
    """ECDSA as DER or as r and s; RSASSA-PSS bare."""
    salt_octets: int | None = None
    """Of an RSASSA-PSS value whose salt is longer than the hash, as the token says; see `signing.keys.signatures`."""


def complete_preparation(
    command: CompletePreparation, services: Services, caller: Caller, at: datetime
) -> SignaturePreparation:
    """The preparation with what became of it; the signed document is stored.

    Raises:
        NotFound: none of the caller's. InputInvalid: a salt that the key's signatures cannot have.
        SignatureValueWrong: not made by the certificate's key over what was prepared.
        PreparationExpired, PreparationBlocked, PreparationWithdrawn: it takes no value any more. PreparationStale: the
        document moved on. What says that the caller or the certificate may not sign now (I10, I14).
    """
    with services.db.reading() as tx:
        found = SignaturePreparations(tx).own(command.preparation_id, caller.account_id)
    event = completion_event(found, caller, at)
    with refusals_recorded(event, services):
        value = value_for(found, command, services, at)
        if found.state is PreparationState.COMPLETED:
            return found
        arrived = Arrived(found=found, value=value, event=event, caller=caller)
        return _completed(arrived, command.salt_octets, services, at)


def complete_preparations(
    commands: Sequence[CompletePreparation], services: Services, caller: Caller, at: datetime
) -> Iterator[Preparation]:
    """One outcome for each, in their order; one that fails hinders no other."""
    for command in commands:
        try:
            yield Preparation(record=complete_preparation(command, services, caller, at))
        except DatabaseUnreachable:
            raise
        except (AnsoError, SigningError, VaultError) as refused:
            yield Preparation(refusal=refused)


def value_for(found: SignaturePreparation, command: CompletePreparation, services: Services, at: datetime) -> bytes:
    """The value in the form that containers carry, when the preparation takes one and the key made it.

    Raises:
        PreparationExpired, PreparationBlocked, PreparationWithdrawn; InputInvalid: a salt that the key's signatures
        cannot have. SignatureValueWrong: it is counted.
    """
    _require_usable(found, at)
    _require_salt(found, command.salt_octets)
    return _fitting(found, command, services, at)


def _require_usable(found: SignaturePreparation, at: datetime) -> None:
    """Do nothing when a value may still come, or has come."""
    if found.state is PreparationState.COMPLETED:
        return
    if found.state is PreparationState.BLOCKED:
        raise PreparationBlocked
    if found.state is PreparationState.WITHDRAWN:
        raise PreparationWithdrawn
    if found.state is PreparationState.EXPIRED or found.expires_at < at:
        raise PreparationExpired


def _require_salt(found: SignaturePreparation, octets: int | None) -> None:
    """Do nothing when the key's value may have such a salt; it is no wrong value yet, and is not counted as one."""
    if octets is not None and not is_salt(load_der_public_key(found.spki), octets):
        raise InputInvalid(
            "Độ dài muối không dùng được với khóa này: chỉ khóa RSA có, từ 32 đến độ dài tối đa của khóa.",
            "No such salt with this key: only RSA keys have one, of 32 octets up to what the key has room for.",
        )


def _fitting(found: SignaturePreparation, command: CompletePreparation, services: Services, at: datetime) -> bytes:
    algorithm = SignatureAlgorithm(found.algorithm)
    fitting = fitting_value(found.spki, found.attributes, command.value, algorithm, salt_octets=command.salt_octets)
    if fitting is None:
        with services.db.transaction() as tx:
            is_over = SignaturePreparations(tx).count_wrong(found.preparation_id, most=MAX_WRONG_VALUES)
            garbage = services.vault.work.forget(tx, found.preparation_id) if is_over else ()
        services.vault.work.discard(garbage, at)
        raise SignatureValueWrong("the value was not made by the certificate's key over what was prepared")
    return fitting


def _completed(arrived: Arrived, salt_octets: int | None, services: Services, at: datetime) -> SignaturePreparation:
    """Of two at once one stores its file; the other one finds what that one stored."""
    found = arrived.found
    try:
        with services.db.reading() as tx:
            content = services.vault.work.read(tx, found.preparation_id, PREPARED_SLOT).content
        prepared = replace(PreparedSignature.from_bytes(content), salt_octets=salt_octets)
        store_signed(arrived, prepared, services, at)
    except (WorkNotFound, PreparationStale):
        return _settled(found, services, at)
    return _settled(found, services, at)


def _settled(found: SignaturePreparation, services: Services, at: datetime) -> SignaturePreparation:
    """How it stands once somebody has stored something, or its time was over.

    Raises:
        PreparationStale: nobody did, and nobody can.
    """
    with services.db.reading() as tx:
        now = SignaturePreparations(tx).own(found.preparation_id, found.account_id)
    _require_usable(now, at)
    if now.state is not PreparationState.COMPLETED:
        raise PreparationStale
    return now


def completion_event(found: SignaturePreparation, caller: Caller, at: datetime) -> AuditEvent:
    """The line of the ledger about a value that came."""
    return event_of(
        caller,
        "complete_signature",
        at,
        object_type="signature_preparation",
        object_id=found.preparation_id,
        owner_id=found.owner_subject,
        details=(("certificate", found.certificate_id), ("document_digest", found.document_digest)),
    )
