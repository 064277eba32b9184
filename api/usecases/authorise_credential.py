"""A holder authorises a CSC client to have hashes signed: with a code in the request, or with a passkey at our page.

CSC API 1.0.4 §11.6, 2.0 §11.6 and §11.7. SCAL2: what is authorised are exactly these hashes. Knows the desk's
authorisations through `authorise_signature`; uses no key.
"""

from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import CscRequestRefused, InvalidId
from api.ids import parse_id
from api.services import Services
from api.usecases.authorise_signature import (
    ConfirmAuthorisation,
    OpenAuthorisation,
    confirm_authorisation,
    open_authorisation,
    read_authorisation,
)
from api.usecases.csc_activation import GivenActivation, give_activation
from api.usecases.csc_credential import MOST_SIGNATURES, csc_abilities, csc_certificate, require_hashes
from api.usecases.signing_parts import credential_of
from signing.authorisation import AuthorisationState, SigningPurpose
from signing.errors import AuthorisationUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseCredential:
    """Which credential shall sign which hashes, and the holder's code."""

    credential_id: str
    hashes: tuple[bytes, ...]
    count: int
    """`numSignatures`."""
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationUnderway:
    """The holder has not agreed yet; the handle is the authorisation's id."""

    handle: str


def authorise_credential(
    command: AuthoriseCredential, services: Services, caller: Caller, at: datetime
) -> GivenActivation | AuthorisationUnderway:
    """A SAD for exactly these hashes, or the handle to ask with until the holder agreed.

    Raises:
        CscRequestRefused; what `csc_certificate` and `open_authorisation` raise; SecondFactorRequired,
        SecondFactorInvalid, SecondFactorReplayed, RateLimited: locked after too many wrong codes.
    """
    abilities = csc_abilities(services)
    if not abilities.authorises:
        raise CscRequestRefused("This service does not sign hashes", error="unsupported_operation")
    with services.db.reading() as tx:
        record = csc_certificate(tx, command.credential_id, caller, at)
        algorithm = credential_of(tx, record).algorithm
    _require_count(command)
    hashes = require_hashes(command.hashes, algorithm)
    order = OpenAuthorisation(certificate_id=record.certificate_id, digests=hashes, purpose=SigningPurpose.SIGN_HASH)
    opened = open_authorisation(order, services, caller, at).authorisation
    if abilities.by_passkey:
        return AuthorisationUnderway(handle=opened.terms.authorisation_id)
    agreement = ConfirmAuthorisation(authorisation_id=opened.terms.authorisation_id, code=command.code)
    agreed = confirm_authorisation(agreement, services, caller, at).authorisation
    return give_activation(agreed, services, caller, at, certificate_id=record.certificate_id, hashes=hashes)


def check_authorisation(
    handle: str, services: Services, caller: Caller, at: datetime
) -> GivenActivation | AuthorisationUnderway:
    """The SAD once the holder agreed; it is given once.

    Raises:
        CscRequestRefused: no such handle of the caller's, taken back, too late, or its SAD was given already.
    """
    try:
        seen = read_authorisation(parse_id("sad", handle), services, caller)
    except (InvalidId, AuthorisationUnknown) as err:
        raise CscRequestRefused("Invalid parameter handle") from err
    terms, state = seen.authorisation.terms, seen.authorisation.state
    if terms.purpose is not SigningPurpose.SIGN_HASH or state is AuthorisationState.CANCELLED or at > terms.expires_at:
        raise CscRequestRefused("Invalid parameter handle")
    if state is AuthorisationState.OPEN:
        return AuthorisationUnderway(handle=handle)
    return give_activation(
        seen.authorisation, services, caller, at, certificate_id=seen.certificate_id, hashes=terms.digests
    )


def _require_count(command: AuthoriseCredential) -> None:
    if command.count < 1:
        raise CscRequestRefused("Invalid value for parameter numSignatures")
    if command.count > MOST_SIGNATURES:
        raise CscRequestRefused("Numbers of signatures is too high")
    # SCAL2: the holder agrees to a list; signatures over hashes that come later would be agreed to blindly
    if command.hashes and command.count != len(command.hashes):
        raise CscRequestRefused("Invalid value for parameter numSignatures: as many as there are hashes")
