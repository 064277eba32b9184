"""Until when the time-stamps in a file protect it, whether it was archived or not.

A document time-stamp counts if there is one (``archive_need``); before that, the time-stamps of its signatures. Knows
what tokens say; judges nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509 as asn1_x509

from signing.errors import MalformedDocument
from signing.pades.archive import archive_need
from signing.pades.filled import filled_fields
from signing.pades.intake import open_for_signing
from signing.validation import ValidationPolicy
from signing.validation.reading import READ_ERRORS


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What time-stamps do for a file."""

    until: datetime | None
    """Before this moment another one has to cover it; None: nothing in it is time-stamped."""

    tokens: int
    """Document time-stamps in it."""


def protection_of(pdf: bytes, *, policy: ValidationPolicy) -> Protection:
    """What protects a signed file.

    Raises:
        MalformedDocument, DocumentNotSignable: it cannot be read, or not be continued.
    """
    need = archive_need(pdf, policy=policy)
    if need.tokens:
        return Protection(until=need.until, tokens=need.tokens)
    try:
        signatures = filled_fields(open_for_signing(pdf).prev)
        stamps = [bag for one in signatures for bag in one.certificate_bags()[1:]]  # the first is the signer's own
        ends = [end for bag in stamps for end in _ends(bag)]
    except READ_ERRORS as err:
        raise MalformedDocument("the time-stamps of the signatures cannot be read") from err
    return Protection(until=min(ends, default=None), tokens=0)


def _ends(chain: tuple[bytes, ...]) -> list[datetime]:
    """Ends of the token's own certificates, without the anchor."""
    found = [asn1_x509.Certificate.load(der) for der in chain]
    return [
        one["tbs_certificate"]["validity"]["not_after"].native
        for one in found
        if not (one.self_issued and len(found) > 1)
    ]
