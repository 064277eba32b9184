"""The terms of one authorisation to sign, and the challenge that stands for exactly them.

Knows what a holder agrees to: person, credential, the list of digests in order, their number, purpose and time.
Whatever is changed in them gives another challenge. Knows no passkey and no storage.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from signing.errors import AuthorisationMalformed
from signing.keys.recorded import micros

MAX_DIGESTS: Final = 500
"""An official signs 50-200 documents a day; a longer list is nothing that a person looked at."""
TIME_TO_START: Final = timedelta(minutes=5)
"""From the challenge to the first signature."""
TIME_TO_FINISH: Final = timedelta(minutes=30)
"""From the first signature to the last one of the batch."""
TIME_TO_REGISTER: Final = timedelta(minutes=10)
"""From the challenge of a new passkey to the browser's answer."""
KEPT_FOR: Final = timedelta(days=30)
"""How long an authorisation can be read after it was opened. Nothing is signed under it that long; what was signed
stands in the ledger and in the chain of key uses."""
NONCE_BYTES: Final = 32

_DOMAIN: Final = b"anso-signature-authorisation-v1\x00"
_PASSKEY_DOMAIN: Final = b"anso-passkey-confirmation-v1\x00"
_WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_DIGEST: Final = re.compile(r"(?:[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class SigningPurpose(StrEnum):
    """What the signatures are for."""

    SIGN_RESULT = "sign_result"
    SEAL_RESULT = "seal_result"
    ACCEPT_DIGITISATION = "accept_digitisation"
    SEAL_COPY = "seal_copy"
    SIGN_RECEIPT = "sign_receipt"
    SIGN_DETACHED = "sign_detached"
    SIGN_DOCUMENT = "sign_document"
    """A document of the holder's own that this service prepared."""
    SIGN_HASH = "sign_hash"
    """The digests are themselves what is signed (CSC API signHash): of what they were made, nobody here sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a holder agrees to.

    Raises:
        AuthorisationMalformed: no or too many digests, a repeated one, or a value that is none.
    """

    authorisation_id: str
    person: str
    """Natural person who agrees (``sub_…``)."""
    key_id: str
    certificate_sha256: str
    """Hex, over the whole certificate."""
    digests: tuple[str, ...]
    """Hex, in the order in which they are shown; of documents' byte ranges, of detached contents, or hashes to sign."""
    purpose: SigningPurpose
    capacity: str | None
    """In which capacity, as printed before the title (I14)."""
    issued_at: datetime
    nonce: str
    """Hex of 32 random bytes."""

    def __post_init__(self) -> None:
        """Refuse what could not be agreed to."""
        words = (self.authorisation_id, self.person, self.key_id, *((self.capacity,) if self.capacity else ()))
        if not all(_WORD.fullmatch(word) for word in words):
            raise AuthorisationMalformed("an identifier or the capacity is malformed")
        if not _SHA256.fullmatch(self.certificate_sha256) or len(self.nonce) != 2 * NONCE_BYTES:
            raise AuthorisationMalformed("certificate or nonce is malformed")
        if not 1 <= len(self.digests) <= MAX_DIGESTS:
            raise AuthorisationMalformed(f"between 1 and {MAX_DIGESTS} digests are authorised at once")
        if not all(_DIGEST.fullmatch(one) for one in self.digests) or len({len(one) for one in self.digests}) != 1:
            raise AuthorisationMalformed("digests are SHA-256, SHA-384 or SHA-512 in lower-case hex, all of one kind")
        if len(set(self.digests)) != len(self.digests):
            raise AuthorisationMalformed("a digest stands twice in the list")

    @property
    def expires_at(self) -> datetime:
        """The last moment to start."""
        return self.issued_at + TIME_TO_START


def canonical_bytes(terms: Terms) -> bytes:
    """What the challenge stands for: JSON as RFC 8785 writes it, behind a name of its own."""
    document = {
        "authorisation_id": terms.authorisation_id,
        "capacity": terms.capacity,
        "certificate_sha256": terms.certificate_sha256,
        "count": len(terms.digests),
        "digests": list(terms.digests),
        "expires_at_us": micros(terms.expires_at),
        "issued_at_us": micros(terms.issued_at),
        "key_id": terms.key_id,
        "nonce": terms.nonce,
        "person": terms.person,
        "purpose": terms.purpose.value,
    }
    return _DOMAIN + _json(document)


def challenge_of(terms: Terms) -> bytes:
    """The 32 bytes that a passkey is asked to sign."""
    return hashlib.sha256(canonical_bytes(terms)).digest()


def confirmation_challenge(*, passkey_id: str, person: str, credential_id: bytes, spki: bytes) -> bytes:
    """The 32 bytes by which an officer's passkey vouches that a new passkey is that person's."""
    document = {
        "credential_sha256": hashlib.sha256(credential_id).hexdigest(),
        "passkey_id": passkey_id,
        "person": person,
        "public_key_sha256": hashlib.sha256(spki).hexdigest(),
    }
    return hashlib.sha256(_PASSKEY_DOMAIN + _json(document)).digest()


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
