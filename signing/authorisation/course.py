"""The course of one authorisation: open, confirmed, used digest by digest, over.

Pure decisions on a record and a moment; whoever stores them makes each step atomic. Each digest is used once.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from signing.authorisation.terms import TIME_TO_FINISH, SigningPurpose, Terms
from signing.errors import (
    AuthorisationClosed,
    AuthorisationExpired,
    AuthorisationForeign,
    AuthorisationReplayed,
    AuthorisationRequired,
)
from signing.keys.shapes import DATA, SignedAttributes


class AuthorisationState(StrEnum):
    """``OPEN → CONFIRMED``; both end by time or as ``CANCELLED``."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class EvidenceKind(StrEnum):
    """By what the holder agreed."""

    PASSKEY = "passkey"
    CODE = "code"
    """A one-time code that was checked before: embedded profile only."""
    SESSION = "session"
    """The login alone, of an account without a second factor: embedded profile only."""


class DigestState(StrEnum):
    """``FREE → TAKEN → SIGNED``; once taken for some bytes it is there for no others, unless nothing was signed."""

    FREE = "free"
    TAKEN = "taken"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """One authorisation as it stands."""

    terms: Terms
    certificate: bytes
    """DER; its SHA-256 stands in the terms."""
    state: AuthorisationState
    evidence: EvidenceKind | None = None
    confirmed_at: datetime | None = None
    started_at: datetime | None = None
    """When the first digest was taken."""
    signed: tuple[str, ...] = ()
    """Digests whose signature was made."""


def require_person(authorisation: Authorisation, person: str) -> None:
    """Do nothing when it is this person's.

    Raises:
        AuthorisationForeign: it is another's.
    """
    if authorisation.terms.person != person:
        raise AuthorisationForeign("the authorisation belongs to another person")


def confirmed(authorisation: Authorisation, person: str, evidence: EvidenceKind, at: datetime) -> Authorisation:
    """The authorisation once its holder has agreed.

    Raises:
        AuthorisationForeign, AuthorisationClosed, AuthorisationExpired.
    """
    require_person(authorisation, person)
    if authorisation.state is not AuthorisationState.OPEN:
        raise AuthorisationClosed("the authorisation was confirmed or cancelled already")
    _require_before_start(authorisation, at)
    return replace(authorisation, state=AuthorisationState.CONFIRMED, evidence=evidence, confirmed_at=at)


def require_usable(authorisation: Authorisation, key_id: str, attributes: SignedAttributes, at: datetime) -> str:
    """The digest (hex) that these signed attributes use up, when the authorisation covers them now.

    Raises:
        AuthorisationRequired: nobody agreed yet. AuthorisationClosed: cancelled. AuthorisationExpired.
        AuthorisationForeign: another key, another certificate, or a digest that is not on the list.
    """
    _require_in_force(authorisation, key_id)
    # a hash that was agreed to as such is no document's digest, and the other way round
    if authorisation.terms.purpose is SigningPurpose.SIGN_HASH:
        raise AuthorisationForeign("the authorisation is for hashes, not for documents")
    # RFC 5652 §11.1: a document's signature; a time-stamp made with a holder's key would be another thing
    if attributes.content_type != DATA or not attributes.names(authorisation.certificate):
        raise AuthorisationForeign("the signature names another certificate than the authorised one")
    return _listed(authorisation, attributes.message_digest.hex(), at)


def require_hash_usable(authorisation: Authorisation, key_id: str, value: bytes, at: datetime) -> str:
    """The digest (hex) that signing this hash uses up, when the authorisation covers the hash itself now.

    Raises:
        AuthorisationRequired, AuthorisationClosed, AuthorisationExpired: as ``require_usable``.
        AuthorisationForeign: another key, a hash that is not on the list, or an authorisation for documents.
    """
    _require_in_force(authorisation, key_id)
    if authorisation.terms.purpose is not SigningPurpose.SIGN_HASH:
        raise AuthorisationForeign("the authorisation is for documents, not for hashes")
    return _listed(authorisation, value.hex(), at)


def _require_in_force(authorisation: Authorisation, key_id: str) -> None:
    if authorisation.state is AuthorisationState.OPEN:
        raise AuthorisationRequired("the authorisation was not confirmed")
    if authorisation.state is AuthorisationState.CANCELLED:
        raise AuthorisationClosed("the authorisation was cancelled")
    if authorisation.terms.key_id != key_id:
        raise AuthorisationForeign("the authorisation is for another key")


def _listed(authorisation: Authorisation, digest: str, at: datetime) -> str:
    if digest not in authorisation.terms.digests:
        raise AuthorisationForeign("the digest is not on the authorised list")
    if authorisation.started_at is None:
        _require_before_start(authorisation, at)
    elif not authorisation.started_at <= at <= authorisation.started_at + TIME_TO_FINISH:
        raise AuthorisationExpired("the batch was not finished in time")
    return digest


def require_not_begun(state: DigestState) -> None:
    """Do nothing for a free digest.

    Raises:
        AuthorisationReplayed: it was signed, or a signature over it was begun and nobody knows how it ended.
    """
    if state is not DigestState.FREE:
        raise AuthorisationReplayed("the digest was used already; authorise it again")


def _require_before_start(authorisation: Authorisation, at: datetime) -> None:
    terms = authorisation.terms
    if not terms.issued_at <= at <= terms.expires_at:
        raise AuthorisationExpired("the authorisation was not started in time")
