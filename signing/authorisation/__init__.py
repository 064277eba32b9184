"""Authorisations to sign: what a holder agrees to, the proof of it by a passkey, and each digest used once.

A pure core (values in, values or typed errors out). Knows no database, no key store and no clock.
"""

from signing.authorisation.cose import CoseAlgorithm
from signing.authorisation.course import (
    Authorisation,
    AuthorisationState,
    DigestState,
    EvidenceKind,
    confirmed,
    require_hash_usable,
    require_not_begun,
    require_person,
    require_usable,
)
from signing.authorisation.terms import (
    KEPT_FOR,
    MAX_DIGESTS,
    NONCE_BYTES,
    TIME_TO_FINISH,
    TIME_TO_REGISTER,
    TIME_TO_START,
    SigningPurpose,
    Terms,
    canonical_bytes,
    challenge_of,
    confirmation_challenge,
)
from signing.authorisation.webauthn import Assertion, PasskeyKey, RelyingParty, check_assertion, read_registration

__all__ = [
    "KEPT_FOR",
    "MAX_DIGESTS",
    "NONCE_BYTES",
    "TIME_TO_FINISH",
    "TIME_TO_REGISTER",
    "TIME_TO_START",
    "Assertion",
    "Authorisation",
    "AuthorisationState",
    "CoseAlgorithm",
    "DigestState",
    "EvidenceKind",
    "PasskeyKey",
    "RelyingParty",
    "SigningPurpose",
    "Terms",
    "canonical_bytes",
    "challenge_of",
    "check_assertion",
    "confirmation_challenge",
    "confirmed",
    "read_registration",
    "require_hash_usable",
    "require_not_begun",
    "require_person",
    "require_usable",
]
