"""Holders are told in time that a certificate ends: once to renew, spread over weeks, and once in the last week.

Knows certificates in force, their holders' accounts and what was sent before. Must not know how a notice travels: it is
an outbox row, written with the note that it was sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.records.accounts import Accounts
from api.records.expiry_notices import ExpiryNotices, NoticeKind
from api.records.outbox import Outbox
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.renewal_schedule import DEFAULT_WINDOW, is_notice_due
from signing.registry import CertificateRecord, CertificateStatus
from signing.registry_sql import RegistrySql

LAST_WEEK: Final = timedelta(days=7)
_LOOKED_AHEAD: Final = DEFAULT_WINDOW.first + timedelta(days=1)
"""Days of notice begin at midnight: on the window's first day, certificates of that day's last hour are due too."""
_PAGE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """What one round sent."""

    renew: int
    last: int


def notify_expiry(services: Services, caller: Caller, at: datetime) -> Notified:
    """One round over all certificates whose end is near; safe to repeat and to run twice at once."""
    sent = dict.fromkeys(NoticeKind, 0)
    after: str | None = None
    while True:
        with services.db.reading() as tx:
            page = RegistrySql(tx).ending(at + _LOOKED_AHEAD, after=after, limit=_PAGE)
        due = [(record, kind) for record in page if (kind := _due(record, at)) is not None]
        if due:
            with services.db.transaction() as tx:
                for record, kind in due:
                    sent[kind] += _tell(tx, record, kind, services, caller=caller, at=at)
        if not page:
            return Notified(renew=sent[NoticeKind.RENEW], last=sent[NoticeKind.LAST])
        after = page[-1].certificate_id


def _due(record: CertificateRecord, at: datetime) -> NoticeKind | None:
    if record.status is not CertificateStatus.ACTIVE or record.not_after < at:
        return None
    if record.not_after - at <= LAST_WEEK:
        return NoticeKind.LAST
    return NoticeKind.RENEW if is_notice_due(record.certificate_id, record.not_after, at) else None


def _tell(
    tx: Tx, record: CertificateRecord, kind: NoticeKind, services: Services, *, caller: Caller, at: datetime
) -> int:
    if RegistrySql(tx).successors(record.certificate_id) or not ExpiryNotices(tx).claim(
        record.certificate_id, kind, at
    ):
        return 0
    accounts = Accounts(tx)
    told = set(accounts.of_person(record.subject_id)) if record.subject_id else set()
    if kind is NoticeKind.LAST or not told:  # somebody must hear of it
        told.update(accounts.with_role(Role.RA_OFFICER, at))
    payload = {"certificate_id": record.certificate_id, "not_after": record.not_after.isoformat(), "kind": kind.value}
    for account_id in sorted(told):
        Outbox(tx).add("certificate_expires", recipient=account_id, payload=payload, at=at)
    event = event_of(
        caller,
        "notify_expiry",
        at,
        object_type="certificate",
        object_id=record.certificate_id,
        owner_id=record.subject_id,
        details=(("kind", kind.value), ("told", str(len(told)))),
    )
    services.audit.append(tx, event)
    return 1
