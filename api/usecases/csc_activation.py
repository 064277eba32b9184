"""Signature activation data (SAD): given once for an authorisation, presented once, exchanged for the rest.

A SAD is a random value that is kept by its fingerprint only. Knows authorisations and the table of activations. Must
not know keys: what is signed under one is `sign_hashes` and `sign_documents`.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.errors import CscRequestRefused
from api.records.csc_activations import Activation, ActivationState, CscActivations
from api.services import Services
from signing.authorisation import KEPT_FOR, TIME_TO_FINISH, TIME_TO_START, Authorisation

_SAD_BYTES: Final = 32
_MAX_SAD: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenActivation:
    """A SAD on its way to the client."""

    sad: str = field(repr=False)
    expires_in_s: int


def give_activation(
    authorisation: Authorisation,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    certificate_id: str,
    hashes: tuple[str, ...],
    after: Activation | None = None,
) -> GivenActivation:
    """A new SAD for these hashes of a confirmed authorisation.

    Args:
        authorisation: confirmed.
        services: of this process.
        caller: who may present it.
        at: now.
        certificate_id: the credential.
        hashes: hex; a part of the authorised ones.
        after: the SAD that it replaces; None: the first one.

    Raises:
        CscRequestRefused: somebody was faster.
    """
    sad, expires_at = secrets.token_urlsafe(_SAD_BYTES), _end_of(authorisation, at)
    new = Activation(
        sad_sha256=_fingerprint(sad),
        authorisation_id=authorisation.terms.authorisation_id,
        account_id=caller.account_id,
        certificate_id=certificate_id,
        number=1 if after is None else after.number + 1,
        hashes=hashes,
        used=(),
        state=ActivationState.ISSUED,
        issued_at=at,
        expires_at=expires_at,
    )
    with services.db.transaction() as tx:
        activations = CscActivations(tx)
        activations.forget(at - KEPT_FOR)
        if after is not None and not activations.move(after, ActivationState.REPLACED):
            raise CscRequestRefused("Invalid parameter SAD")
        if not activations.add(new):
            raise CscRequestRefused("Invalid parameter SAD")
    return GivenActivation(sad=sad, expires_in_s=max(0, int((expires_at - at).total_seconds())))


def own_activation(sad: str, credential_id: str, services: Services, caller: Caller, at: datetime) -> Activation:
    """The activation behind a SAD, when this caller may present it for this credential now.

    Raises:
        CscRequestRefused: there is none of the caller's, it is for another credential, or its time is over.
    """
    found = None
    if len(sad) <= _MAX_SAD:
        with services.db.reading() as tx:
            found = CscActivations(tx).find(_fingerprint(sad))
    if found is None or (found.account_id, found.certificate_id) != (caller.account_id, credential_id):
        raise CscRequestRefused("Invalid parameter SAD")
    if not found.issued_at <= at <= found.expires_at:
        raise CscRequestRefused("SAD expired")
    return found


def use_activation(activation: Activation, wanted: tuple[str, ...], services: Services) -> Activation:
    """Use an activation up for some of its hashes; of two at once exactly one succeeds.

    Raises:
        CscRequestRefused: it was used before, or covers not all of these hashes.
    """
    if activation.state is not ActivationState.ISSUED:
        raise CscRequestRefused("Invalid parameter SAD")
    if not set(wanted) <= set(activation.hashes):
        raise CscRequestRefused("Hash is not authorized by the SAD")
    with services.db.transaction() as tx:
        if not CscActivations(tx).move(activation, ActivationState.USED, used=wanted):
            raise CscRequestRefused("Invalid parameter SAD")
    return activation


def give_back(activation: Activation, services: Services) -> None:
    """Free an activation under which nothing was released: only for who used it and saw the key or document refuse."""
    used = replace(activation, state=ActivationState.USED)
    with services.db.transaction() as tx:
        CscActivations(tx).move(used, ActivationState.ISSUED, used=())


def unused_hashes(authorisation: Authorisation, services: Services) -> frozenset[str]:
    """The authorised hashes for which no activation was used yet."""
    with services.db.reading() as tx:
        given = CscActivations(tx).of(authorisation.terms.authorisation_id)
    return frozenset(authorisation.terms.digests) - frozenset(_all(one.used for one in given))


def _end_of(authorisation: Authorisation, at: datetime) -> datetime:
    """Never longer than the authorisation itself can be used."""
    if authorisation.started_at is None:
        return authorisation.terms.expires_at
    return min(at + TIME_TO_START, authorisation.started_at + TIME_TO_FINISH)


def _all(parts: Iterable[tuple[str, ...]]) -> Iterable[str]:
    return (one for part in parts for one in part)


def _fingerprint(sad: str) -> str:
    return hashlib.sha256(sad.encode()).hexdigest()
