"""The holder of a batch agrees to exactly its digests and their number, once for all; then it is signed.

Knows batches and the authorisation's use-cases. Uses no key. What was prepared too long ago is prepared again first:
the claimed time of a signature is that of its preparation.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller
from api.errors import BatchListChanged, BatchPreparedAnew, BatchStateWrong
from api.records.signature_batch_items import BatchItem, BatchItems, ItemState
from api.records.signature_batches import BatchState, SignatureBatch, SignatureBatches
from api.services import Services
from api.usecases.authorise_signature import (
    Authorised,
    ConfirmAuthorisation,
    OpenAuthorisation,
    confirm_authorisation,
    open_authorisation,
    own_authorisation,
)
from api.usecases.signature_batch_work import PURPOSE_OF, own_batch, start_lanes
from signing.authorisation import Assertion, Authorisation, AuthorisationState

FRESH: Final = timedelta(minutes=30)
"""How old a prepared signature may be when its holder agrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeBatch:
    """Which batch a passkey shall answer for."""

    batch_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseBatch:
    """By what the holder agrees: a passkey's answer, a code, or (embedded, without a second factor) nothing more."""

    batch_id: str
    list_sha256: str | None = None
    """Of the list that the holder saw; None: a passkey's answer says it."""
    assertion: Assertion | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


def list_digest(digests: tuple[str, ...]) -> str:
    """SHA-256 (hex) over the digests in order, one a line: what a holder agrees to, in one value."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def challenge_batch(command: ChallengeBatch, services: Services, caller: Caller, at: datetime) -> Authorised:
    """Open an authorisation over everything that is prepared; nothing is signed before its holder agrees.

    Raises:
        NotFound; BatchStateWrong: it is in work or over. BatchPreparedAnew: what was prepared is too old.
        What `open_authorisation` raises.
    """
    batch, digests = _ready(command.batch_id, services, caller, at)
    return _opened(batch, digests, services, caller, at)


def authorise_batch(command: AuthoriseBatch, services: Services, caller: Caller, at: datetime) -> SignatureBatch:
    """Agree to the list and have it signed; done twice, it is signed once.

    Raises:
        As `challenge_batch`; BatchListChanged: the list is not what the holder saw.
        What `confirm_authorisation` raises: nothing is signed.
    """
    batch, digests = _ready(command.batch_id, services, caller, at)
    if command.list_sha256 is not None and command.list_sha256 != list_digest(digests):
        raise BatchListChanged
    authorisation_id = batch.authorisation_id
    if command.assertion is None:
        authorisation_id = _opened(batch, digests, services, caller, at).authorisation.terms.authorisation_id
    if authorisation_id is None:
        raise BatchStateWrong("Hãy lấy thử thách trước.", "Ask for a challenge first.")
    current = own_authorisation(authorisation_id, services, caller)
    if current.terms.digests != digests:
        raise BatchListChanged
    if current.state is not AuthorisationState.CONFIRMED:  # confirmed and not begun: our process died in between
        confirmation = ConfirmAuthorisation(
            authorisation_id=authorisation_id, assertion=command.assertion, code=command.code
        )
        confirm_authorisation(confirmation, services, caller, at)
    return _begin(current, batch.batch_id, services, caller, at)


def _ready(batch_id: str, services: Services, caller: Caller, at: datetime) -> tuple[SignatureBatch, tuple[str, ...]]:
    """The batch and the digests of what is prepared, in order; what is too old is prepared again."""
    with services.db.transaction() as tx:
        batch = own_batch(tx, batch_id, caller, to_change=True)
        if batch.state is not BatchState.PREPARED:
            raise BatchStateWrong
        items = BatchItems(tx, batch_id)
        listed = items.in_states((ItemState.PREPARED,))
        old = [item.position for item in listed if not _is_fresh(item, at)]
        if old:
            items.move(old, ItemState.WAITING, at, only=(ItemState.PREPARED,), authorisation_id=None)
            SignatureBatches(tx).change(
                batch_id, at, state=BatchState.PREPARING.value, authorisation_id=None, reason_code=None
            )
            start_lanes(tx, batch, services, at, count=len(old))
    if old:
        raise BatchPreparedAnew
    return batch, tuple(item.digest or "" for item in listed)


def _is_fresh(item: BatchItem, at: datetime) -> bool:
    return item.prepared_at is not None and item.prepared_at <= at <= item.prepared_at + FRESH


def _opened(
    batch: SignatureBatch, digests: tuple[str, ...], services: Services, caller: Caller, at: datetime
) -> Authorised:
    command = OpenAuthorisation(
        certificate_id=batch.certificate_id,
        digests=digests,
        purpose=PURPOSE_OF[batch.kind],
        capacity=batch.capacity,
    )
    opened = open_authorisation(command, services, caller, at, documents_checked=True)
    with services.db.transaction() as tx:
        if own_batch(tx, batch.batch_id, caller, to_change=True).state is not BatchState.PREPARED:
            raise BatchStateWrong
        authorisation_id = opened.authorisation.terms.authorisation_id
        SignatureBatches(tx).change(batch.batch_id, at, authorisation_id=authorisation_id)
    return opened


def _begin(
    authorised: Authorisation, batch_id: str, services: Services, caller: Caller, at: datetime
) -> SignatureBatch:
    """Put the list under the authorisation and have it signed."""
    authorisation_id = authorised.terms.authorisation_id
    with services.db.transaction() as tx:
        batch = own_batch(tx, batch_id, caller, to_change=True)
        items = BatchItems(tx, batch_id)
        listed = items.in_states((ItemState.PREPARED,))
        is_same = tuple(item.digest for item in listed) == authorised.terms.digests
        if batch.state is not BatchState.PREPARED or not is_same:
            raise BatchStateWrong
        items.bind(authorisation_id)
        SignatureBatches(tx).change(
            batch_id, at, state=BatchState.SIGNING.value, authorisation_id=authorisation_id, reason_code=None
        )
        start_lanes(tx, batch, services, at, count=len(listed), authorisation_id=authorisation_id)
        return SignatureBatches(tx).get(batch_id)
