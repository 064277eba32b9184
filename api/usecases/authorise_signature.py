"""A holder authorises signatures: opens the authorisation, agrees to exactly its digests, reads it, takes it back.

Knows certificates, callers and the desk. Must not know how a passkey proves anything, nor use a key: that is
`sign_authorised_digest`. The desk may be another process: what it does is durable before the ledger tells of it.
"""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import AnsoError, CertificateKeyOnToken, CertificateNotYours, SealNeedsDocument
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.certificate_fitness import require_in_force, require_post
from api.usecases.second_factor import require_second_factor
from api.usecases.signing_certificate import certificate_to_sign_with, known_certificate_id
from api.usecases.signing_parts import credential_of
from signing.authorisation import Assertion, Authorisation, AuthorisationState, EvidenceKind, SigningPurpose
from signing.errors import AuthorisationUnknown, SigningError
from signing.identity import CertificateClass
from signing.keys import Credential
from signing.registry import CertificateRecord, KeyDevice
from signing.signer import Evidence, Order
from vault.ledger import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAuthorisation:
    """What shall be signed with which certificate."""

    certificate_id: str
    digests: tuple[str, ...]
    """Hex, in the order in which the holder sees them."""
    purpose: SigningPurpose
    capacity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmAuthorisation:
    """By what the holder agrees: a passkey's answer, a code, or (embedded, without a second factor) nothing more."""

    authorisation_id: str
    assertion: Assertion | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised:
    """An authorisation as its holder sees it."""

    authorisation: Authorisation
    certificate_id: str
    passkeys: tuple[bytes, ...]
    """Identifiers of the holder's passkeys that may answer."""


def open_authorisation(
    command: OpenAuthorisation, services: Services, caller: Caller, at: datetime, *, documents_checked: bool = False
) -> Authorised:
    """Begin: nothing can be signed before the holder agreed to the challenge.

    Args:
        command: what shall be signed.
        services: of this process.
        caller: the holder.
        at: now.
        documents_checked: the digests are of documents that this service prepared and checked itself (I11); False:
            they came from outside, and nobody here knows of what they are.

    Raises:
        SealNeedsDocument: a seal over digests from outside.
        CertificateUnknown, CertificateNotYours, CertificateRevoked, CertificateOnHold, CertificateSuperseded,
        CertificateExpired, CertificateKeyOnToken, CertTitleMismatch, OrganisationClosed (I7, I10);
        AuthorisationMalformed; KeyUnavailable.
    """
    with services.db.reading() as tx:
        record = certificate_to_sign_with(tx, command.certificate_id, at)
        require_own_certificate(record, caller, at)
        require_post(tx, record, caller, at)
        if not documents_checked:
            require_no_seal(record)
        credential = credential_of(tx, record)
    order = Order(
        person=person_of(caller),
        key_id=credential.key_id,
        certificate=credential.certificate,
        digests=command.digests,
        purpose=command.purpose,
        capacity=command.capacity,
    )
    opened = services.desk.open(order)
    _tell(opened, "open_signature_authorisation", services, caller, at)
    return _seen(opened, record.certificate_id, services)


def confirm_authorisation(
    command: ConfirmAuthorisation, services: Services, caller: Caller, at: datetime
) -> Authorised:
    """The holder agrees to exactly the digests of the authorisation.

    Raises:
        AuthorisationUnknown, AuthorisationClosed, AuthorisationExpired, AuthorisationWrong, AuthorisationForeign,
        PasskeyUnknown; what `require_second_factor` raises. A refusal is written into the ledger.
    """
    authorisation = own_authorisation(command.authorisation_id, services, caller)
    try:
        evidence = _evidence(command, services, caller, at)
        agreed = services.desk.confirm(command.authorisation_id, person_of(caller), evidence)
    except (AnsoError, SigningError) as refused:
        _tell(authorisation, "confirm_signature_authorisation", services, caller, at, refused=refused.code)
        raise
    _tell(agreed, "confirm_signature_authorisation", services, caller, at)
    return _seen(agreed, _certificate_id(agreed, services), services)


def read_authorisation(authorisation_id: str, services: Services, caller: Caller) -> Authorised:
    """An own authorisation as it stands.

    Raises:
        AuthorisationUnknown: there is none of the caller's.
    """
    authorisation = own_authorisation(authorisation_id, services, caller)
    return _seen(authorisation, _certificate_id(authorisation, services), services)


def cancel_authorisation(authorisation_id: str, services: Services, caller: Caller, at: datetime) -> None:
    """Take an authorisation back; what was signed stays signed.

    Raises:
        AuthorisationUnknown, AuthorisationClosed.
    """
    own_authorisation(authorisation_id, services, caller)
    cancelled = services.desk.cancel(authorisation_id, person_of(caller))
    _tell(cancelled, "cancel_signature_authorisation", services, caller, at)


def own_authorisation(authorisation_id: str, services: Services, caller: Caller) -> Authorisation:
    """The caller's authorisation.

    Raises:
        AuthorisationUnknown: none, or another person's: both look the same.
    """
    authorisation = services.desk.get(authorisation_id)
    if authorisation.terms.person != caller.subject_id:
        raise AuthorisationUnknown("there is no such authorisation")
    return authorisation


def credential_now(
    authorisation: Authorisation,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    documents_checked: bool = False,
) -> Credential:
    """The authorised credential, while its certificate may still be used (I10).

    Args:
        authorisation: the caller's own.
        services: of this process.
        caller: the holder.
        at: now.
        documents_checked: as for ``open_authorisation``.

    Raises:
        SealNeedsDocument: a seal over digests from outside.
        CertificateUnknown, CertificateNotYours, CertificateRevoked, CertificateOnHold, CertificateSuperseded,
        CertificateExpired, CertificateKeyOnToken, CertTitleMismatch, OrganisationClosed.
    """
    with services.db.reading() as tx:
        record = certificate_to_sign_with(tx, _certificate_id(authorisation, services), at)
        require_own_certificate(record, caller, at)
        require_post(tx, record, caller, at)
        if not documents_checked:
            require_no_seal(record)
        return credential_of(tx, record)


def require_own_certificate(record: CertificateRecord, caller: Caller, at: datetime) -> None:
    """Do nothing when the caller holds the certificate, it is in force, and its key is kept here.

    Raises:
        CertificateNotYours, CertificateRevoked, CertificateOnHold, CertificateSuperseded, CertificateExpired,
        CertificateKeyOnToken.
    """
    require_own_holder(record, caller, at)
    if record.key_device is KeyDevice.TOKEN:
        raise CertificateKeyOnToken


def require_own_holder(record: CertificateRecord, caller: Caller, at: datetime) -> None:
    """Do nothing when the caller holds the certificate and it is in force, wherever its key is.

    Raises:
        CertificateNotYours, CertificateRevoked, CertificateOnHold, CertificateSuperseded, CertificateExpired.
    """
    if caller.subject_id is None or record.subject_id != caller.subject_id:
        raise CertificateNotYours
    require_in_force(record, at)


def require_no_seal(record: CertificateRecord) -> None:
    """Do nothing for a certificate that may sign a hash whose document nobody here sees.

    Raises:
        SealNeedsDocument: a seal is only set on a file whose person's signature was checked (I11).
    """
    if record.certificate_class is CertificateClass.ORG_SEAL:
        raise SealNeedsDocument


def person_of(caller: Caller) -> str:
    """The natural person behind the caller.

    Raises:
        CertificateNotYours: a system has no certificate of its own.
    """
    if caller.subject_id is None:
        raise CertificateNotYours
    return caller.subject_id


def _evidence(command: ConfirmAuthorisation, services: Services, caller: Caller, at: datetime) -> Evidence:
    if command.assertion is not None:
        return command.assertion
    # raises when the account has a second factor and no good code came
    require_second_factor(services, caller, command.code, at)
    return EvidenceKind.CODE if command.code is not None else EvidenceKind.SESSION


def _certificate_id(authorisation: Authorisation, services: Services) -> str:
    with services.db.reading() as tx:
        certificate_id = known_certificate_id(tx, authorisation.terms.certificate_sha256)
    if certificate_id is None:
        raise AuthorisationUnknown("the authorised certificate is not in the register")
    return certificate_id


def _seen(authorisation: Authorisation, certificate_id: str, services: Services) -> Authorised:
    answering: tuple[bytes, ...] = ()
    if authorisation.state is AuthorisationState.OPEN:
        known = services.desk.passkeys(authorisation.terms.person)
        answering = tuple(one.key.credential_id for one in known if one.key and one.confirmed_at)
    return Authorised(authorisation=authorisation, certificate_id=certificate_id, passkeys=answering)


def _tell(
    authorisation: Authorisation,
    action: str,
    services: Services,
    caller: Caller,
    at: datetime,
    *,
    refused: str | None = None,
) -> None:
    terms = authorisation.terms
    event = event_of(
        caller,
        action,
        at,
        object_type="signature_authorisation",
        object_id=terms.authorisation_id,
        outcome=Outcome.ALLOWED if refused is None else Outcome.REFUSED,
        reason_code=refused,
        details=(
            ("certificate_sha256", terms.certificate_sha256),
            ("count", str(len(terms.digests))),
            ("purpose", terms.purpose.value),
        ),
    )
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
