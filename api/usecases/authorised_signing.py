"""A signature in two requests: prepared and kept, agreed to by the key's holder, then made over exactly what was kept.

Knows work slots and authorisations. Must not know what is signed, nor who may: the use-case that prepares asked, and
asks again before it completes (I10). The key is used under the authorisation only, and gives the same value to whoever
asks again for the same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import PreparationMissing, SigningDeviceAway
from api.services import Services
from api.usecases.authorise_signature import Authorised, OpenAuthorisation, open_authorisation, own_authorisation
from signing.authorisation import SigningPurpose
from signing.errors import (
    AuthorisationForeign,
    AuthorisationRequired,
    KeyUnavailable,
)
from signing.keys import KeyStore
from signing.pades import PreparedSignature
from vault.errors import WorkNotFound
from vault.model import CitizenId

BASE_SLOT: Final = "signature-base"
"""Work slots, numbered, with the documents that will be continued."""
PREPARED_SLOT: Final = "signature-prepared"
"""Work slots, numbered, with the authorisation's id, a line feed, and the prepared signature."""
_BYTES: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSignature:
    """What was prepared, with the document that it continues."""

    pdf: bytes = field(repr=False)
    prepared: PreparedSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitsFor:
    """Whose signature over which record's document is waited for."""

    record_id: str
    owner: str
    """Citizen in whose vault the record's work lies."""
    certificate_id: str
    purpose: SigningPurpose


def ask_holder(
    waiting: Sequence[WaitingSignature], to: WaitsFor, services: Services, caller: Caller, at: datetime
) -> Authorised:
    """Open one authorisation over the prepared digests and keep them until the holder has agreed.

    Asked again, the later preparation takes the place of the earlier one.

    Raises:
        What `open_authorisation` raises; StoreUnavailable.
    """
    order = OpenAuthorisation(
        certificate_id=to.certificate_id,
        digests=tuple(one.prepared.document_digest.hex() for one in waiting),
        purpose=to.purpose,
    )
    # the digests are those of pages which this service made and checked itself (I11)
    opened = open_authorisation(order, services, caller, at, documents_checked=True)
    head = opened.authorisation.terms.authorisation_id.encode() + b"\n"
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(to.owner), at)
    contents = [
        (f"{slot}-{number}", content)
        for number, one in enumerate(waiting)
        for slot, content in ((BASE_SLOT, one.pdf), (PREPARED_SLOT, head + one.prepared.to_bytes()))
    ]
    staged = [
        services.vault.work.stage(key, record_id=to.record_id, slot=slot, media_type=_BYTES, content=content, at=at)
        for slot, content in contents
    ]
    with services.db.transaction() as tx:
        for entry in staged:
            services.vault.work.keep(tx, entry)
    return opened


def waiting_signatures(
    tx: Tx, record_id: str, authorisation_id: str, services: Services, *, count: int = 1
) -> tuple[WaitingSignature, ...]:
    """What waits for this authorisation, in the order in which the holder saw it.

    Raises:
        PreparationMissing: nothing, or less, was prepared, or it was prepared again under another authorisation.
    """
    found = []
    for number in range(count):
        try:
            kept = services.vault.work.read(tx, record_id, f"{PREPARED_SLOT}-{number}").content
            pdf = services.vault.work.read(tx, record_id, f"{BASE_SLOT}-{number}").content
        except WorkNotFound as err:
            raise PreparationMissing from err
        head, _, prepared = kept.partition(b"\n")
        if head.decode() != authorisation_id:
            raise PreparationMissing
        found.append(WaitingSignature(pdf=pdf, prepared=PreparedSignature.from_bytes(prepared)))
    return tuple(found)


def values_under(
    authorisation_id: str, waiting: Sequence[WaitingSignature], services: Services, caller: Caller
) -> tuple[bytes, ...]:
    """The signature values, made under the authorisation that the holder confirmed.

    Raises:
        AuthorisationUnknown (also another person's), AuthorisationRequired (not confirmed yet), AuthorisationForeign,
        AuthorisationClosed, AuthorisationExpired, AuthorisationReplayed; SigningDeviceAway.
    """
    authorisation = own_authorisation(authorisation_id, services, caller)
    if authorisation.confirmed_at is None:
        raise AuthorisationRequired("the authorisation was not confirmed")
    if authorisation.terms.digests != tuple(one.prepared.document_digest.hex() for one in waiting):
        raise AuthorisationForeign("the authorisation is over other documents")
    keys = services.desk.keys_for(authorisation_id)
    return tuple(value_of(one.prepared, keys) for one in waiting)


def value_of(prepared: PreparedSignature, keys: KeyStore) -> bytes:
    """The signature value from a key store.

    Raises:
        SigningDeviceAway: the device does not answer. KeyUseRefused, AuthorisationRequired and the like: by the store.
    """
    credential = prepared.credential
    try:
        return keys.sign(credential.key_id, prepared.attributes, credential.algorithm)
    except KeyUnavailable as err:
        raise SigningDeviceAway from err
