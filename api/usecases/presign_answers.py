"""Signs OCSP answers before anybody asks: about what was withdrawn, and again about what is asked for often.

Runs in the background, a bounded number at a time. Done twice, it signs nothing the second time.
"""

from datetime import datetime, timedelta
from typing import Final

from api.services import Services
from api.usecases.answer_ocsp import SPARE, keep_answer
from api.usecases.sign_status import current_responder, sign_status
from signing.errors import CeremonyRefused, CertificateNotUsable, IssuanceRefused
from signing.profiles import AuthorityName
from signing.registry import CertificateStatus
from signing.registry_sql import AnswersSql, KeptAnswer, RegistrySql
from signing.revocation import OcspRequest, Responder, authority_id, build_cert_id, parse_cert_id

HOT: Final = timedelta(days=1)
"""Who was asked about in this time will be asked about again."""
_AHEAD: Final = 3 * SPARE
_BATCH: Final = 200
_BATCHES: Final = 5
"""Of each kind of work in one round; the next round goes on."""
_SPELLINGS: Final = ("sha1", "sha256")
"""Clients ask by one of these; others are signed when they ask."""
_WITHDRAWN: Final = (CertificateStatus.ON_HOLD, CertificateStatus.REVOKED)


def presign_answers(services: Services, at: datetime) -> int:
    """One round; the number of answers that were signed."""
    signed = 0
    for name in (AuthorityName.PERSONAL, AuthorityName.SECONDARY):
        try:
            responder = current_responder(name, services, at)
        except (CertificateNotUsable, CeremonyRefused, IssuanceRefused):
            continue  # nobody can answer for it now; questions get tryLater
        for work in (_answer_withdrawn, _renew):
            for _ in range(_BATCHES):
                done = work(name, responder, services, at)
                signed += done
                if done < _BATCH:  # nothing is left, or what is left was dropped
                    break
    return signed


def _answer_withdrawn(name: AuthorityName, responder: Responder, services: Services, at: datetime) -> int:
    with services.db.reading() as tx:
        found = AnswersSql(tx).unanswered(name.value, at, limit=_BATCH)
    authority = authority_id(responder.authority)
    for record in found:
        for spelling in _SPELLINGS:
            asked = build_cert_id(record.serial, authority, hash_name=spelling)
            request = OcspRequest(certificates=(asked,), nonce=None)
            answer = sign_status(request, name, responder, services, at)
            keep_answer(name.value, request, answer, services, asked_at=at)
    return len(found) * len(_SPELLINGS)


def _renew(name: AuthorityName, responder: Responder, services: Services, at: datetime) -> int:
    """Sign again what runs out and is wanted; drop what nobody asks for."""
    signed = 0
    with services.db.reading() as tx:
        ending = AnswersSql(tx).ending(name.value, before=at + _AHEAD, limit=_BATCH)
    for kept in ending:
        if not _is_wanted(kept, services, at):
            with services.db.transaction() as tx:
                AnswersSql(tx).forget(kept.encoded, produced_at=kept.produced_at)
            continue
        request = OcspRequest(certificates=(parse_cert_id(kept.encoded),), nonce=None)
        answer = sign_status(request, name, responder, services, at)
        keep_answer(name.value, request, answer, services, asked_at=kept.asked_at)
        signed += 1
    return signed


def _is_wanted(kept: KeptAnswer, services: Services, at: datetime) -> bool:
    if kept.asked_at > at - HOT:
        return True
    with services.db.reading() as tx:
        record = RegistrySql(tx).by_serial(kept.issuer, kept.serial)
    return record is not None and record.status in _WITHDRAWN and record.not_after >= at
