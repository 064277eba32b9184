"""Answers an OCSP request about certificates of one issuing authority.

Without a nonce the answer is kept and given again, as bytes, until shortly before it runs out or the certificate's
status changes (the registry deletes it in the same transaction). With a nonce it is signed anew. Knows no HTTP.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.db import DatabaseUnreachable
from api.services import Services
from api.usecases.sign_status import SignedStatus, current_responder, sign_status
from signing.errors import CeremonyRefused, CertificateNotUsable, IssuanceRefused, KeyUnavailable, KeyUseNotRecorded
from signing.keys.der import DerError
from signing.profiles import AuthorityName
from signing.registry_sql import AnswersSql, KeptAnswer
from signing.revocation import OcspError, OcspRequest, authority_id, build_ocsp_error, parse_ocsp_request

SPARE: Final = timedelta(minutes=5)
"""A kept answer that runs out sooner is signed anew: whoever gets it should have some time left."""
_ASKED_EVERY: Final = timedelta(minutes=10)
"""How exactly the last question is remembered; not every question is a write."""
_ANSWERING: Final = (AuthorityName.PERSONAL, AuthorityName.SECONDARY)
_NOT_NOW: Final = (CertificateNotUsable, CeremonyRefused, IssuanceRefused, KeyUnavailable, KeyUseNotRecorded)
"""What passes: no signer now, or its key is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OcspAnswer:
    """An answer and until when others may keep it."""

    der: bytes
    produced_at: datetime | None = None
    """None, like the next one, for what nobody keeps: errors, answers that repeat a nonce (RFC 5019 §6), and answers
    about what was never issued, which may be issued at any moment."""
    next_update: datetime | None = None


def answer_ocsp(authority: str, request: bytes, services: Services, at: datetime) -> OcspAnswer:
    """The OCSPResponse (DER); what cannot be answered gets the protocol's own error."""
    try:
        parsed = parse_ocsp_request(request)
    except DerError:
        return _error(OcspError.MALFORMED_REQUEST)
    if authority not in _ANSWERING:
        return _error(OcspError.UNAUTHORIZED)
    may_keep = parsed.nonce is None and len(parsed.certificates) == 1
    kept = _find(authority, parsed, services, at) if may_keep else None
    if kept is not None:
        return OcspAnswer(der=kept.der, produced_at=kept.produced_at, next_update=kept.next_update)
    try:
        responder = current_responder(AuthorityName(authority), services, at)
        if not any(one.is_of(authority_id(responder.authority)) for one in parsed.certificates):
            return _error(OcspError.UNAUTHORIZED)
        answer = sign_status(parsed, AuthorityName(authority), responder, services, at)
    except _NOT_NOW:
        return _error(OcspError.TRY_LATER)
    if not may_keep or not answer.records:
        return OcspAnswer(der=answer.der)
    keep_answer(authority, parsed, answer, services, asked_at=at)
    return OcspAnswer(der=answer.der, produced_at=answer.produced_at, next_update=answer.next_update)


def keep_answer(
    authority: str, request: OcspRequest, answer: SignedStatus, services: Services, *, asked_at: datetime
) -> None:
    """Keep the answer about one issued certificate.

    Serials that were never issued are not kept: anybody can make up more of them than a table should hold.
    """
    for record in answer.records:
        kept = KeptAnswer(
            issuer=authority,
            serial=record.serial,
            encoded=request.certificates[0].encoded,
            der=answer.der,
            produced_at=answer.produced_at,
            next_update=answer.next_update,
            asked_at=asked_at,
        )
        # who asked has the answer; a database that takes no row now costs the next one a signature
        with suppress(DatabaseUnreachable), services.db.transaction() as tx:
            AnswersSql(tx).keep(kept, as_of=record)


def _find(authority: str, request: OcspRequest, services: Services, at: datetime) -> KeptAnswer | None:
    encoded = request.certificates[0].encoded
    with services.db.reading() as tx:
        kept = AnswersSql(tx).find(authority, encoded)
    if kept is None or not kept.produced_at <= at < kept.next_update - SPARE:
        return None
    if at - kept.asked_at > _ASKED_EVERY:
        with suppress(DatabaseUnreachable), services.db.transaction() as tx:
            AnswersSql(tx).asked(encoded, at)
    return kept


def _error(error: OcspError) -> OcspAnswer:
    return OcspAnswer(der=build_ocsp_error(error))
