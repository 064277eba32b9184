"""A signature in two requests: prepared and kept, agreed to by the key's holder, then made over exactly what was kept.

Knows work slots and authorisations. Must not know what is signed, nor who may: the use-case that prepares asked, and
asks again before it completes (I10). The key is used under the authorisation only, and gives the same value to whoever
asks again for the same bytes.
"""

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
"""Work slot with the document that will be continued."""
PREPARED_SLOT: Final = "signature-prepared"
"""Work slot with the authorisation's id, a line feed, and the prepared signature."""
_BYTES: Final = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSignature:
    """What was prepared, with the document that it continues."""

    pdf: bytes = field(repr=False)
    prepared: PreparedSignature
    authorisation_id: str = ""
    """Empty: nobody was asked yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitsFor:
    """Whose signature over which record's document is waited for."""

    record_id: str
    owner: str
    """Citizen in whose vault the record's work lies."""
    certificate_id: str
    purpose: SigningPurpose


def ask_holder(waiting: WaitingSignature, to: WaitsFor, services: Services, caller: Caller, at: datetime) -> Authorised:
    """Open an authorisation over the prepared digest and keep both until the holder has agreed.

    Asked again, the later preparation takes the place of the earlier one.

    Raises:
        What `open_authorisation` raises; StoreUnavailable.
    """
    order = OpenAuthorisation(
        certificate_id=to.certificate_id,
        digests=(waiting.prepared.document_digest.hex(),),
        purpose=to.purpose,
    )
    # the digest is that of a page which this service made and checked itself (I11)
    opened = open_authorisation(order, services, caller, at, documents_checked=True)
    head = opened.authorisation.terms.authorisation_id.encode() + b"\n"
    contents = ((BASE_SLOT, waiting.pdf), (PREPARED_SLOT, head + waiting.prepared.to_bytes()))
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(to.owner), at)
    staged = [
        services.vault.work.stage(key, record_id=to.record_id, slot=slot, media_type=_BYTES, content=content, at=at)
        for slot, content in contents
    ]
    with services.db.transaction() as tx:
        for entry in staged:
            services.vault.work.keep(tx, entry)
    return opened


def waiting_signature(tx: Tx, record_id: str, authorisation_id: str, services: Services) -> WaitingSignature:
    """What waits for this authorisation.

    Raises:
        PreparationMissing: nothing was prepared, or it was prepared again under another authorisation.
    """
    try:
        kept = services.vault.work.read(tx, record_id, PREPARED_SLOT).content
        pdf = services.vault.work.read(tx, record_id, BASE_SLOT).content
    except WorkNotFound as err:
        raise PreparationMissing from err
    head, _, prepared = kept.partition(b"\n")
    if head.decode() != authorisation_id:
        raise PreparationMissing
    return WaitingSignature(pdf=pdf, prepared=PreparedSignature.from_bytes(prepared), authorisation_id=authorisation_id)


def value_under_authorisation(waiting: WaitingSignature, services: Services, caller: Caller) -> bytes:
    """The signature value, made under the authorisation that the holder confirmed.

    Raises:
        AuthorisationUnknown (also another person's), AuthorisationRequired (not confirmed yet), AuthorisationForeign,
        AuthorisationClosed, AuthorisationExpired, AuthorisationReplayed; SigningDeviceAway.
    """
    authorisation = own_authorisation(waiting.authorisation_id, services, caller)
    if authorisation.confirmed_at is None:
        raise AuthorisationRequired("the authorisation was not confirmed")
    if authorisation.terms.digests != (waiting.prepared.document_digest.hex(),):
        raise AuthorisationForeign("the authorisation is over another document")
    return value_of(waiting.prepared, services.desk.keys_for(waiting.authorisation_id))


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
