"""A device whose certificate was revoked comes back within five working days; on the sixth an alarm goes out (I8).

Knows devices, the day a certificate ended and working days. Must not know what the agency does about the alarm.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.callers import Caller, Role
from api.db import Tx
from api.errors import StateConflict
from api.records.accounts import Accounts
from api.records.days_off import DaysOff
from api.records.key_devices import KeyDevice, KeyDevices
from api.records.outbox import Outbox
from api.services import Services
from api.usecases.auditing import event_of
from api.vietnam_time import vietnam_day
from api.working_days import working_day_after
from signing.errors import CertificateUnknown
from signing.registry import CertificateStatus
from signing.registry_sql import RegistrySql

WORKING_DAYS: Final = 5
_WIDEST: Final = timedelta(days=60)
"""Holidays are looked up this far behind the day of the revocation."""
_PAGE: Final = 200
_TOLD: Final = (Role.RA_OFFICER, Role.SECURITY_OFFICER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What one round found."""

    alarmed: tuple[str, ...]
    """Devices that were reported missing in this round."""


def watch_devices(services: Services, caller: Caller, at: datetime) -> Watched:
    """One round over all devices that are out; each missing one is reported once."""
    alarmed: list[str] = []
    after: str | None = None
    while True:
        with services.db.reading() as tx:
            page = KeyDevices(tx).outstanding(after=after, limit=_PAGE)
            missing = [device for device in page if _is_missing(tx, device, at)]
        for device in missing:
            # another worker was faster, or the device came back at this moment: no reason to leave out the rest
            with suppress(StateConflict), services.db.transaction() as tx:
                _alarm(tx, device, services, caller, at)
                alarmed.append(device.device_id)
        if not page:
            return Watched(alarmed=tuple(alarmed))
        after = page[-1].device_id


def _is_missing(tx: Tx, device: KeyDevice, at: datetime) -> bool:
    if device.certificate_id is None or device.alarmed_at is not None:
        return False
    try:
        certificate = RegistrySql(tx).get(device.certificate_id)
    except CertificateUnknown:
        return False
    if certificate.status is not CertificateStatus.REVOKED:
        return False
    ended = vietnam_day(certificate.status_since)
    holidays = DaysOff(tx).between(ended, ended + _WIDEST)
    return vietnam_day(at) >= working_day_after(ended, WORKING_DAYS + 1, holidays)


def _alarm(tx: Tx, device: KeyDevice, services: Services, caller: Caller, at: datetime) -> None:
    KeyDevices(tx).change(device, alarmed_at=at)
    accounts = Accounts(tx)
    told = set(accounts.of_person(device.keeper_subject_id))
    for role in _TOLD:
        told.update(accounts.with_role(role, at))
    payload = {"device_id": device.device_id, "certificate_id": device.certificate_id or "", "org": device.org_code}
    for account_id in sorted(told):
        Outbox(tx).add("key_device_missing", recipient=account_id, payload=payload, at=at)
    event = event_of(
        caller,
        "report_missing_device",
        at,
        object_type="key_device",
        object_id=device.device_id,
        owner_id=device.keeper_subject_id,
        details=(("org_code", device.org_code), ("certificate", device.certificate_id or "-")),
    )
    services.audit.append(tx, event)
