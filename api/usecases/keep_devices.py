"""Devices that hold keys go from hand to hand with a minute, and come back when their certificate ends (I3, I8).

Knows devices, keepers and minutes. Must not know keys. When a device is overdue is asked in `watch_devices`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import InputInvalid, StateConflict
from api.ids import creation_id
from api.records.key_devices import DeviceKind, Handover, KeyDevice, KeyDevices
from api.records.organisations import Organisations
from api.records.people import People
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.evidence_reference import is_reference
from signing.registry_sql import RegistrySql

_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDevice:
    """A device that an agency gives to a keeper."""

    kind: DeviceKind
    label: str
    """Serial number on the device."""
    org_code: str
    keeper_subject_id: str
    certificate_id: str | None
    minute: str
    """Number of the minute of the hand-over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDevice:
    """A device with its hand-overs."""

    device: KeyDevice
    handovers: tuple[Handover, ...]


def register_device(command: RegisterDevice, services: Services, caller: Caller, at: datetime) -> KeptDevice:
    """Record a device and its first hand-over, from the agency's safe to the keeper.

    Raises:
        InputInvalid; AlreadyExists: recorded before. NotFound, OrganisationClosed: no such agency or person.
        CertificateUnknown: there is none of that id.
    """
    if not _LABEL.fullmatch(command.label):
        raise InputInvalid("Số sê-ri thiết bị không hợp lệ.", "The device's serial number cannot be taken.")
    _require_minute(command.minute)
    device = KeyDevice(
        device_id=creation_id("dev", at),
        kind=command.kind,
        label=command.label,
        org_code=command.org_code,
        keeper_subject_id=command.keeper_subject_id,
        certificate_id=command.certificate_id,
        registered_at=at,
    )
    with services.db.transaction() as tx:
        devices = KeyDevices(tx)
        made = devices.find(device.device_id)
        if made is not None:
            return _kept(tx, made)  # by an earlier run of this request
        Organisations(tx).require_working(command.org_code, at)
        People(tx, services.sealer).get(command.keeper_subject_id)
        if command.certificate_id is not None:
            RegistrySql(tx).get(command.certificate_id)
        devices.add(device)
        _hand(tx, device, None, command.keeper_subject_id, minute=command.minute, caller=caller, at=at)
        _log(tx, "register_device", device, services, caller=caller, at=at)
        return _kept(tx, device)


def hand_over_device(
    device_id: str, to_subject_id: str, minute: str, *, services: Services, caller: Caller, at: datetime
) -> KeptDevice:
    """Give a device to another keeper.

    Raises:
        InputInvalid; NotFound; StateConflict: it is back, or this person keeps it already.
    """
    _require_minute(minute)
    with services.db.transaction() as tx:
        device = KeyDevices(tx).get(device_id)
        if device.returned_at is not None or device.keeper_subject_id == to_subject_id:
            raise StateConflict("Thiết bị đã được trả hoặc đã ở người này.", "It is back, or with this person.")
        People(tx, services.sealer).get(to_subject_id)
        changed = KeyDevices(tx).change(device, keeper_subject_id=to_subject_id)
        _hand(tx, device, device.keeper_subject_id, to_subject_id, minute=minute, caller=caller, at=at)
        _log(tx, "hand_over_device", changed, services, caller=caller, at=at)
        return _kept(tx, changed)


def return_device(device_id: str, minute: str, *, services: Services, caller: Caller, at: datetime) -> KeptDevice:
    """Take a device back into the agency's safe: the alarm about it ends.

    Raises:
        InputInvalid; NotFound; StateConflict: it is back already.
    """
    _require_minute(minute)
    with services.db.transaction() as tx:
        device = KeyDevices(tx).get(device_id)
        if device.returned_at is not None:
            raise StateConflict("Thiết bị đã được trả.", "The device is back already.")
        changed = KeyDevices(tx).change(device, returned_at=at)
        _hand(tx, device, device.keeper_subject_id, None, minute=minute, caller=caller, at=at)
        _log(tx, "return_device", changed, services, caller=caller, at=at)
        return _kept(tx, changed)


def read_device(device_id: str, services: Services) -> KeptDevice:
    """A device with its hand-overs.

    Raises:
        NotFound: there is none.
    """
    with services.db.reading() as tx:
        return _kept(tx, KeyDevices(tx).get(device_id))


def list_devices(services: Services, *, org_code: str | None, limit: int, after: str | None) -> tuple[KeyDevice, ...]:
    """Devices of an agency, or of all, by id."""
    with services.db.reading() as tx:
        return KeyDevices(tx).page(org_code, limit=limit, after=after)


def _kept(tx: Tx, device: KeyDevice) -> KeptDevice:
    return KeptDevice(device=device, handovers=KeyDevices(tx).handovers(device.device_id))


def _hand(
    tx: Tx, device: KeyDevice, giver: str | None, taker: str | None, *, minute: str, caller: Caller, at: datetime
) -> None:
    devices = KeyDevices(tx)
    handover = Handover(
        number=len(devices.handovers(device.device_id)) + 1,
        at=at,
        from_subject_id=giver,
        to_subject_id=taker,
        minute=minute,
        recorded_by=caller.account_id,
    )
    devices.hand_over(device.device_id, handover)


def _require_minute(minute: str) -> None:
    if not is_reference(minute):
        raise InputInvalid("Cần số biên bản bàn giao.", "The number of the hand-over's minute is needed.")


def _log(tx: Tx, action: str, device: KeyDevice, services: Services, *, caller: Caller, at: datetime) -> None:
    event = event_of(
        caller,
        action,
        at,
        object_type="key_device",
        object_id=device.device_id,
        owner_id=device.keeper_subject_id,
        details=(("org_code", device.org_code), ("certificate", device.certificate_id or "-")),
    )
    services.audit.append(tx, event)
