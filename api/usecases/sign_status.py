"""Signs OCSP answers from the register of what was issued: who answers, what about, and for how long.

A serial that was never issued is ``unknown``, never ``good``. Keeps nothing. Knows no HTTP.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.services import Services
from api.usecases.establish_pki import establish_pki
from signing.ca import responder_of
from signing.errors import CertificateNotUsable
from signing.identity import load_certificate
from signing.profiles import AuthorityName
from signing.registry import CRL_REASON, CertificateRecord, CertificateStatus, RevocationReason
from signing.registry_sql import RegistrySql
from signing.revocation import (
    Good,
    OcspRequest,
    Responder,
    Revoked,
    Status,
    Unknown,
    build_ocsp_response,
)

ANSWER_LIFE: Final = timedelta(hours=1)
"""How long an answer may be shown on; short, because a suspension must be seen."""
FINAL_LIFE: Final = timedelta(days=1)
"""The same for what is revoked: that does not change any more (I6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatus:
    """An answer as it was signed."""

    der: bytes
    produced_at: datetime
    next_update: datetime
    records: tuple[CertificateRecord, ...]
    """What it rests on, as it stood then: the asked certificates that were issued here."""


def current_responder(name: AuthorityName, services: Services, at: datetime) -> Responder:
    """Who answers for an authority now; a signer that has run out is renewed on the spot.

    Raises:
        CertificateNotUsable: it has run out and there is no recipe to renew it by.
    """
    try:
        with services.db.reading() as tx:
            return responder_of(name, RegistrySql(tx), at=at)
    except CertificateNotUsable:
        establish_pki(services, at)
        with services.db.reading() as tx:
            return responder_of(name, RegistrySql(tx), at=at)


def sign_status(
    request: OcspRequest, name: AuthorityName, responder: Responder, services: Services, at: datetime
) -> SignedStatus:
    """The signed answer to a request that could be read."""
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        found = {
            one.serial: registry.by_serial(name.value, one.serial) for one in request.certificates if one.serial > 0
        }
    issued = tuple(record for record in found.values() if record is not None and _exists(record))
    is_final = len(issued) == len(request.certificates) and all(
        record.status is CertificateStatus.REVOKED for record in issued
    )
    next_update = at + (FINAL_LIFE if is_final else ANSWER_LIFE)
    # nobody can check an answer beyond the life of its signer's certificate
    next_update = min(next_update, load_certificate(responder.signer.certificate).not_valid_after_utc)
    kept_since = load_certificate(responder.authority).not_valid_before_utc
    der = build_ocsp_response(
        request,
        responder,
        services.keys,
        lambda serial: status_of(found.get(serial), at, kept_since=kept_since),
        produced_at=at,
        next_update=next_update,
    )
    return SignedStatus(der=der, produced_at=at, next_update=next_update, records=issued)


def status_of(record: CertificateRecord | None, at: datetime, *, kept_since: datetime) -> Status:
    """What OCSP says about a record. One that is recorded but not issued does not exist for the outside.

    Records are kept for ever, so expired certificates are answered for too, and the answer says so (archive cutoff:
    from the authority's first day on).
    """
    if record is None or not _exists(record):
        return Unknown()
    cutoff = kept_since if record.not_after < at else None
    if record.status in {CertificateStatus.ACTIVE, CertificateStatus.SUPERSEDED}:
        return Good(archive_cutoff=cutoff)
    reason = CRL_REASON[record.reason or RevocationReason.HOLD]
    return Revoked(at=record.status_since, reason=reason, archive_cutoff=cutoff)


def _exists(record: CertificateRecord) -> bool:
    return record.status not in {CertificateStatus.RECORDED, CertificateStatus.VOIDED}
