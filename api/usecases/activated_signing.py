"""Signing documents under a CSC client's SAD: the SAD is used up for their digests, the key signs prepared attributes.

The holder agreed to the digests as hashes. That the very attributes over them may be signed is a second authorisation
on the strength of the first one's proof: only where the desk takes our word (ADR 0039). Knows SADs and the desk; must
not know what a document is.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256, sha384
from typing import Final

from api.callers import Caller
from api.errors import AnsoError, CscRequestRefused
from api.records.csc_activations import Activation
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.authorise_signature import OpenAuthorisation, open_authorisation, own_authorisation, person_of
from api.usecases.csc_activation import give_back, own_activation, use_activation
from api.usecases.csc_credential import csc_abilities, csc_certificate
from api.usecases.signing_parts import credential_of
from signing.authorisation import SigningPurpose
from signing.errors import AuthorisationRequired, SigningError
from signing.isolation import IsolationError
from signing.keys import Credential, SignatureAlgorithm, require_key_of
from signing.keys.identifiers import HASH_OID

_SHA384: Final = HASH_OID[SignatureAlgorithm.ECDSA_SHA384]


class ConformanceLevel(StrEnum):
    """How much a signature proves by itself (ETSI EN 319 142-1 §6, EN 319 122-1 §6)."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"
    LTA = "B-LTA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated:
    """With what is signed, and under what the holder agreed."""

    credential: Credential
    activation: Activation


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """One document's digest and the attributes (DER) over it."""

    digest: bytes
    attributes: bytes


def activated(credential_id: str, sad: str, services: Services, caller: Caller, at: datetime) -> Activated:
    """The credential behind a SAD of the caller's; the SAD is not used up yet.

    Raises:
        CscRequestRefused: no such SAD, or no document is signed so here. What `csc_certificate` raises.
    """
    if not csc_abilities(services).signs_documents:
        raise CscRequestRefused("This service does not sign documents so", error="unsupported_operation")
    activation = own_activation(sad, credential_id, services, caller, at)
    with services.db.reading() as tx:
        credential = credential_of(tx, csc_certificate(tx, credential_id, caller, at))
    return Activated(credential=credential, activation=activation)


def digest_for(credential: Credential, content: bytes) -> bytes:
    """A document's digest as the credential's key signs it."""
    return (sha384 if HASH_OID[credential.algorithm] == _SHA384 else sha256)(content).digest()


@contextmanager
def used_up(agreed: Activated, digests: Sequence[bytes], services: Services) -> Iterator[None]:
    """Use the SAD up for these digests; it is given back when what is done with it fails.

    Raises:
        CscRequestRefused: a digest that is not authorised or stands there twice; the SAD was used before.
    """
    wanted = tuple(one.hex() for one in digests)
    if not set(wanted) <= set(agreed.activation.hashes) or len(set(wanted)) != len(wanted):
        raise CscRequestRefused("documentDigests or documents are not authorized by the SAD")
    use_activation(agreed.activation, wanted, services)
    try:
        yield
    except (AnsoError, SigningError, IsolationError):
        give_back(agreed.activation, services)
        raise


def values_over(
    agreed: Activated,
    wanted: Sequence[ToSign],
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    documents_checked: bool,
) -> tuple[bytes, ...]:
    """The signature values over the attributes, in their order.

    Args:
        agreed: its SAD is used up.
        wanted: each with the digest of a document.
        services: of this process.
        caller: the holder.
        at: now.
        documents_checked: the documents were here; see `open_authorisation`.

    Raises:
        AuthorisationRequired; SealNeedsDocument; KeyUnavailable, KeyUseNotRecorded: not now. What the desk raises.
    """
    evidence = own_authorisation(agreed.activation.authorisation_id, services, caller).evidence
    if evidence is None:
        raise AuthorisationRequired("the authorisation was not confirmed")
    order = OpenAuthorisation(
        certificate_id=agreed.activation.certificate_id,
        digests=tuple(one.digest.hex() for one in wanted),
        purpose=SigningPurpose.SIGN_DOCUMENT,
    )
    opened = open_authorisation(order, services, caller, at, documents_checked=documents_checked).authorisation
    services.desk.confirm(opened.terms.authorisation_id, person_of(caller), evidence)
    keys = services.desk.keys_for(opened.terms.authorisation_id)
    require_key_of(agreed.credential, keys)
    credential = agreed.credential
    return tuple(keys.sign(credential.key_id, one.attributes, credential.algorithm) for one in wanted)


def tell_signed(
    agreed: Activated, services: Services, caller: Caller, at: datetime, *, action: str, signed: Sequence[str]
) -> None:
    """Write into the ledger what was signed.

    Args:
        agreed: under which SAD.
        services: of this process.
        caller: the holder.
        at: now.
        action: what was done.
        signed: SHA-256 (hex) of each file, or the digests.
    """
    event = event_of(
        caller,
        action,
        at,
        object_type="signature_authorisation",
        object_id=agreed.activation.authorisation_id,
        details=tuple((f"signed_{number}", one) for number, one in enumerate(signed, start=1)),
    )
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
