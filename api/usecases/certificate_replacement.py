"""When one certificate may take the place of another, and what becomes of the other: RENEW, CHANGE, RECOVER_DEVICE.

Knows the register and the names that the new certificate will carry (I5, I7, model §3.1). Must not know keys or who
decides. A renewal and a recovery keep the names; a change does not keep all of them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.db import Tx
from api.errors import CertHasSuccessor, CertRenewalTooEarly, CertTitleMismatch, InputInvalid
from api.services import Services
from api.usecases.certificate_standing import successor_of
from api.usecases.certificate_status import StatusSteps
from signing.errors import StatusChangeRefused
from signing.identity import AgencySubject, PersonSubject, Subject, clean_common_name, clean_name
from signing.registry import CertificateStatus, RevocationReason
from signing.registry_sql import CertificateRequest, RegistrySql, RequestType

_FROM: Final = {
    RequestType.RENEW: frozenset({CertificateStatus.ACTIVE}),
    RequestType.CHANGE: frozenset({CertificateStatus.ACTIVE}),
    RequestType.RECOVER_DEVICE: frozenset({CertificateStatus.ACTIVE, CertificateStatus.ON_HOLD}),
}
_FROM_REVOKED: Final = {
    RequestType.RENEW: frozenset[RevocationReason](),
    # §3.5: the agency closed, its officers go on in the successor
    RequestType.CHANGE: frozenset({RevocationReason.ORG_CLOSED}),
    # the security officer was faster than the request
    RequestType.RECOVER_DEVICE: frozenset({RevocationReason.KEY_COMPROMISE, RevocationReason.SUPERSEDED}),
}
"""Revoked is final (I6): these get a certificate of their own in the old one's place, the old one stays revoked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A request and the names that its certificate will carry."""

    request: CertificateRequest
    subject: Subject


def require_replaceable(tx: Tx, replacement: Replacement, services: Services, at: datetime) -> datetime | None:
    """Do nothing when a certificate with these names may take the target's place at that moment.

    Returns: the moment by which it must end, when it only goes on with the old one's period.

    Raises:
        CertTitleMismatch: the names are others: ask for a change. InputInvalid: nothing would change.
        CertRenewalTooEarly: outside the window, and no reason given.
    """
    request = replacement.request
    if request.type is RequestType.NEW or request.target_id is None:
        return None
    target = RegistrySql(tx).get(request.target_id)
    is_same = _names(replacement.subject) == (target.common_name, target.organisation, target.title)
    if request.type is RequestType.CHANGE:
        if is_same and request.scope == target.scope:
            raise InputInvalid("Không có gì thay đổi: hãy yêu cầu gia hạn.", "Nothing changes: ask for a renewal.")
        return None
    if not is_same:  # I5, I7: other names are a change
        raise CertTitleMismatch("Tên hoặc chức danh đã khác: hãy yêu cầu thay đổi.", "Other names: ask for a change.")
    if request.type is RequestType.RECOVER_DEVICE:
        return target.not_after
    window = timedelta(days=services.settings.renewal_window_days)
    if request.reason is None and at < target.not_after - window:
        raise CertRenewalTooEarly(
            f"Gia hạn được từ {window.days} ngày trước khi hết hạn, hoặc sớm hơn khi có lý do.",
            f"Renewal begins {window.days} days before the end, or earlier with a reason.",
        )
    return None


def retire_replaced(steps: StatusSteps, request: CertificateRequest, successor_id: str) -> tuple[str, ...]:
    """Take the old certificate out of use now that the new one is active; ids of what ended with it.

    RENEW: superseded, left to expire; its secondaries stay (I5). CHANGE: superseded and revoked, because what it says
    is no longer so (RFC 5280 §5.3.1, affiliationChanged), and its secondaries with it. RECOVER_DEVICE: revoked for the
    given reason, alone.

    Raises:
        StatusChangeRefused: it does not stand where that begins.
    """
    if request.target_id is None:
        return ()
    old = RegistrySql(steps.tx).get(request.target_id)
    if old.status is CertificateStatus.REVOKED:
        return ()
    followers: tuple[str, ...] = ()
    if request.type is RequestType.RECOVER_DEVICE:
        reason = RevocationReason(request.reason or RevocationReason.SUPERSEDED)
        ended = steps.take(old, CertificateStatus.REVOKED, reason, because_of=successor_id)
    else:
        ended = steps.take(old, CertificateStatus.SUPERSEDED, None, because_of=successor_id)
    if request.type is RequestType.CHANGE:
        gone, reason = CertificateStatus.REVOKED, RevocationReason.AFFILIATION_CHANGED
        ended = steps.take(ended, gone, reason, because_of=successor_id)
        followers = steps.carry_over(old, gone, reason, sparing=successor_id)
    details = (("successor", successor_id), ("status", ended.status.value), ("cascaded", str(len(followers))))
    steps.log("replace_certificate", ended, details)
    return followers


def require_target_stands(tx: Tx, request: CertificateRequest, at: datetime) -> None:
    """Do nothing when the target stands where this type of request begins, or there is no target.

    Raises:
        CertificateUnknown: no such certificate. CertHasSuccessor: another one took its place. StatusChangeRefused: it
        is suspended, ended or expired.
    """
    if request.target_id is None:
        return
    target = RegistrySql(tx).get(request.target_id)
    successor = successor_of(RegistrySql(tx), target)
    if successor is not None:
        raise CertHasSuccessor(
            f"Chứng thư thay thế: {successor.certificate_id}.", f"Its successor is {successor.certificate_id}."
        )
    is_ended = target.status is CertificateStatus.REVOKED and target.reason in _FROM_REVOKED[request.type]
    if target.status not in _FROM[request.type] and not is_ended:
        message = f"{request.type.value} does not begin at {target.status.value}"
        raise StatusChangeRefused(message)
    if at > target.not_after:
        message = "the certificate has expired: ask for a new one"
        raise StatusChangeRefused(message)


def _names(subject: Subject) -> tuple[str, str, str | None]:
    """Common name, organisation and title as they will stand in the certificate."""
    if isinstance(subject, PersonSubject):
        organisation = clean_name(subject.organisation) if subject.organisation else ""
        title = clean_name(subject.title) if subject.title else None
        return clean_common_name(clean_name(subject.name)), organisation, title
    name = subject.name if isinstance(subject, AgencySubject) else None
    return clean_common_name(name or subject.organisation), clean_name(subject.organisation), None
