"""Signs one authorised digest: a detached CMS signature (CAdES-B-B). Each digest is signed once.

Knows the desk and the register. The key is used outside any transaction, and only under the authorisation.
"""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.authorise_signature import credential_now, own_authorisation
from signing.errors import AuthorisationForeign, AuthorisationRequired
from signing.pades import detached_signature


@dataclass(frozen=True, slots=True, kw_only=True)
class SignAuthorisedDigest:
    """Which digest of which authorisation."""

    authorisation_id: str
    digest: str
    """Hex."""


def sign_authorised_digest(command: SignAuthorisedDigest, services: Services, caller: Caller, at: datetime) -> bytes:
    """The detached signature (CMS SignedData, DER) over the digest.

    Its signing time is the moment at which the holder agreed: so the signed bytes are the same however often they are
    asked for, and a lost answer is given again instead of being signed again.

    Raises:
        AuthorisationUnknown, AuthorisationRequired, AuthorisationClosed, AuthorisationExpired, AuthorisationForeign,
        AuthorisationReplayed; what `credential_now` raises; DocumentNotSignable: a digest of another length;
        KeyUnavailable, KeyUseNotRecorded: not now.
    """
    authorisation = own_authorisation(command.authorisation_id, services, caller)
    if authorisation.confirmed_at is None:
        raise AuthorisationRequired("the authorisation was not confirmed")
    if command.digest not in authorisation.terms.digests:
        raise AuthorisationForeign("the digest is not on the authorised list")
    credential = credential_now(authorisation, services, caller, at)
    keys = services.desk.keys_for(command.authorisation_id)
    signature = detached_signature(credential, bytes.fromhex(command.digest), keys, at=authorisation.confirmed_at)
    event = event_of(
        caller,
        "sign_authorised_digest",
        at,
        object_type="signature_authorisation",
        object_id=command.authorisation_id,
        details=(("digest", command.digest),),
    )
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
    return signature
