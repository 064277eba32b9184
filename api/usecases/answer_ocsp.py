"""Answers an OCSP request about certificates of one issuing authority, from the register of what was issued.

A serial that was never issued is ``unknown``, never ``good``. Knows no HTTP.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.services import Services
from api.usecases.establish_pki import establish_pki
from signing.ca import responder_of
from signing.errors import CeremonyRefused, CertificateNotUsable, IssuanceRefused
from signing.keys.der import DerError
from signing.profiles import AuthorityName
from signing.registry import CRL_REASON, CertificateRecord, CertificateStatus, RevocationReason
from signing.registry_sql import RegistrySql
from signing.revocation import (
    Good,
    OcspError,
    OcspRequest,
    Responder,
    Revoked,
    Status,
    Unknown,
    build_ocsp_error,
    build_ocsp_response,
    parse_ocsp_request,
)

ANSWER_LIFE: Final = timedelta(hours=1)
"""How long an answer may be shown on; short, because a suspension must be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspAnswer:
    """An answer and whether others may keep it."""

    der: bytes
    is_cacheable: bool
    """False for errors and for answers that repeat a nonce (RFC 5019 §6)."""


def answer_ocsp(authority: str, request: bytes, services: Services, at: datetime) -> OcspAnswer:
    """The OCSPResponse (DER); what cannot be answered gets the protocol's own error."""
    try:
        parsed = parse_ocsp_request(request)
    except DerError:
        return OcspAnswer(der=build_ocsp_error(OcspError.MALFORMED_REQUEST), is_cacheable=False)
    if authority not in (AuthorityName.PERSONAL, AuthorityName.SECONDARY):
        return OcspAnswer(der=build_ocsp_error(OcspError.UNAUTHORIZED), is_cacheable=False)
    try:
        responder = current_responder(AuthorityName(authority), services, at)
    except (CertificateNotUsable, CeremonyRefused, IssuanceRefused):
        return OcspAnswer(der=build_ocsp_error(OcspError.TRY_LATER), is_cacheable=False)
    der = answer_request(parsed, AuthorityName(authority), responder, services, at)
    return OcspAnswer(der=der, is_cacheable=parsed.nonce is None)


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


def answer_request(
    request: OcspRequest, name: AuthorityName, responder: Responder, services: Services, at: datetime
) -> bytes:
    """The signed answer to a request that could be read."""
    with services.db.reading() as tx:
        registry = RegistrySql(tx)
        found = {
            one.serial: registry.by_serial(name.value, one.serial) for one in request.certificates if one.serial > 0
        }
    return build_ocsp_response(
        request,
        responder,
        services.keys,
        lambda serial: status_of(found.get(serial)),
        produced_at=at,
        next_update=at + ANSWER_LIFE,
    )


def status_of(record: CertificateRecord | None) -> Status:
    """What OCSP says about a record. One that is recorded but not issued does not exist for the outside."""
    if record is None or record.status in {CertificateStatus.RECORDED, CertificateStatus.VOIDED}:
        return Unknown()
    if record.status in {CertificateStatus.ACTIVE, CertificateStatus.SUPERSEDED}:
        return Good()
    return Revoked(at=record.status_since, reason=CRL_REASON[record.reason or RevocationReason.HOLD])
