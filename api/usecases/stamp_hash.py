"""A time-stamp token over a hash, for a CSC client (CSC API 1.0.4 §11.10, 2.0 §11.13).

Knows the time-stamp authority through `signing_parts`. Must not know of what the hash was made.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.errors import CscRequestRefused
from api.services import Services
from api.usecases.signing_parts import time_stamper
from signing.errors import TimestampUnavailable
from signing.tsa import AuthorityFaultError, Question, granted_token

_HASHES: Final = {
    "2.16.840.1.101.3.4.2.1": ("sha256", 32),
    "2.16.840.1.101.3.4.2.2": ("sha384", 48),
    "2.16.840.1.101.3.4.2.3": ("sha512", 64),
}
"""RFC 5754 §2: name and length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StampHash:
    """What shall be stamped."""

    value: bytes
    hash_oid: str
    """Dotted."""
    nonce: int | None


def stamp_hash(command: StampHash, services: Services, at: datetime) -> bytes:
    """The TimeStampToken (DER).

    Raises:
        CscRequestRefused: the hash is not of its kind. TimestampUnavailable: no authority stamps now.
    """
    name, size = _HASHES.get(command.hash_oid, ("", 0))
    if not name:
        raise CscRequestRefused("Invalid parameter hashAlgo")
    if len(command.value) != size:
        raise CscRequestRefused("Invalid digest value length")
    asked = Question.over(command.value, name)
    question = asked if command.nonce is None else replace(asked, nonce=command.nonce)
    try:
        token = granted_token(time_stamper(services, at)(question.request()), question)
    except AuthorityFaultError as err:
        raise TimestampUnavailable("no usable answer of the time-stamp authority") from err
    return bytes(token.dump())
