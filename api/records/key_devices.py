"""Devices that hold keys (tokens, SIMs): who keeps them, each hand-over with its minute, and their return (I8).

Knows devices and hand-overs. Must not know certificates' states: who asks for overdue devices says what is revoked.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from api.db import Tx, from_micros, to_micros
from api.errors import AlreadyExists, NotFound, StateConflict
from api.records.tables import METADATA

# certificates are named by their id only: their table belongs to `signing`
KEY_DEVICES = sa.Table(
    "key_devices",
    METADATA,
    sa.Column("device_id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("label", sa.String(64), nullable=False),
    sa.Column("org_code", sa.String(35), sa.ForeignKey("organisations.org_code"), nullable=False),
    sa.Column("keeper_subject_id", sa.String(40), sa.ForeignKey("people.subject_id"), nullable=False),
    sa.Column("certificate_id", sa.String(40)),
    sa.Column("registered_at", sa.BigInteger, nullable=False),
    sa.Column("returned_at", sa.BigInteger),
    sa.Column("alarmed_at", sa.BigInteger),
    sa.UniqueConstraint("kind", "label", name="uq_key_devices_label"),
    sa.Index("ix_key_devices_certificate_id", "certificate_id"),
)

DEVICE_HANDOVERS = sa.Table(
    "device_handovers",
    METADATA,
    sa.Column("device_id", sa.String(40), sa.ForeignKey("key_devices.device_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("from_subject_id", sa.String(40)),
    sa.Column("to_subject_id", sa.String(40)),
    sa.Column("minute", sa.String(128), nullable=False),
    sa.Column("recorded_by", sa.String(40), nullable=False),
)


class DeviceKind(StrEnum):
    """What holds the key in somebody's hand."""

    TOKEN = "token"  # noqa: S105 - a kind of device, not a secret
    SIM = "sim"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDevice:
    """One device."""

    device_id: str
    kind: DeviceKind
    label: str
    """Serial number on the device."""
    org_code: str
    keeper_subject_id: str
    certificate_id: str | None
    registered_at: datetime
    returned_at: datetime | None = None
    alarmed_at: datetime | None = None
    """When it was reported missing; once for the certificate that it carries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One device from one hand to another, with the minute that both signed."""

    number: int
    at: datetime
    from_subject_id: str | None
    """None: from the agency's safe."""
    to_subject_id: str | None
    """None: back into the agency's safe."""
    minute: str
    recorded_by: str


class KeyDevices:
    """Devices in one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, device_id: str) -> KeyDevice | None:
        """The device of that id."""
        return self._one(KEY_DEVICES.c.device_id == device_id)

    def get(self, device_id: str) -> KeyDevice:
        """The device of that id.

        Raises:
            NotFound: there is none.
        """
        found = self.find(device_id)
        if found is None:
            raise NotFound("Không có thiết bị này.", "There is no such device.")
        return found

    def add(self, device: KeyDevice) -> None:
        """Record a device.

        Raises:
            AlreadyExists: this kind of device with this serial number is recorded.
        """
        columns = KEY_DEVICES.c
        if self._one(sa.and_(columns.kind == device.kind.value, columns.label == device.label)) is not None:
            raise AlreadyExists("Thiết bị này đã được ghi nhận.", "This device is recorded already.")
        self._tx.execute(KEY_DEVICES.insert().values(_row(device)))

    def change(self, device: KeyDevice, **changes: object) -> KeyDevice:
        """Store changes of a device that still stands as it was read.

        Raises:
            StateConflict: somebody else changed it meanwhile.
        """
        changed = replace(device, **changes)  # type: ignore[arg-type] # names and types are the dataclass's own
        columns = KEY_DEVICES.c
        done = self._tx.execute(
            KEY_DEVICES.update()
            .where(
                columns.device_id == device.device_id,
                columns.keeper_subject_id == device.keeper_subject_id,
                columns.returned_at.is_not_distinct_from(_micros(device.returned_at)),
                columns.certificate_id.is_not_distinct_from(device.certificate_id),
                columns.alarmed_at.is_not_distinct_from(_micros(device.alarmed_at)),
            )
            .values(_row(changed))
        )
        if done.rowcount != 1:
            raise StateConflict
        return changed

    def outstanding(self, *, after: str | None = None, limit: int = 200) -> tuple[KeyDevice, ...]:
        """Devices that carry a certificate and are not back, by id."""
        columns = KEY_DEVICES.c
        query = sa.select(KEY_DEVICES).where(columns.returned_at.is_(None), columns.certificate_id.is_not(None))
        if after is not None:
            query = query.where(columns.device_id > after)
        return tuple(_device(row) for row in self._tx.execute(query.order_by(columns.device_id).limit(limit)))

    def page(self, org_code: str | None, *, limit: int, after: str | None = None) -> tuple[KeyDevice, ...]:
        """Devices of an agency, or of all, by id."""
        query = sa.select(KEY_DEVICES).order_by(KEY_DEVICES.c.device_id).limit(limit)
        if org_code is not None:
            query = query.where(KEY_DEVICES.c.org_code == org_code)
        if after is not None:
            query = query.where(KEY_DEVICES.c.device_id > after)
        return tuple(_device(row) for row in self._tx.execute(query))

    def hand_over(self, device_id: str, handover: Handover) -> None:
        """Record one hand-over; `number` is the next of the device."""
        self._tx.execute(
            DEVICE_HANDOVERS.insert().values(
                device_id=device_id,
                number=handover.number,
                at=to_micros(handover.at),
                from_subject_id=handover.from_subject_id,
                to_subject_id=handover.to_subject_id,
                minute=handover.minute,
                recorded_by=handover.recorded_by,
            )
        )

    def handovers(self, device_id: str) -> tuple[Handover, ...]:
        """Every hand-over of a device, oldest first."""
        rows = self._tx.execute(
            sa.select(DEVICE_HANDOVERS)
            .where(DEVICE_HANDOVERS.c.device_id == device_id)
            .order_by(DEVICE_HANDOVERS.c.number)
        )
        return tuple(
            Handover(
                number=row.number,
                at=from_micros(row.at),
                from_subject_id=row.from_subject_id,
                to_subject_id=row.to_subject_id,
                minute=row.minute,
                recorded_by=row.recorded_by,
            )
            for row in rows
        )

    def _one(self, condition: sa.ColumnElement[bool]) -> KeyDevice | None:
        row = self._tx.execute(sa.select(KEY_DEVICES).where(condition)).one_or_none()
        return None if row is None else _device(row)


def _micros(at: datetime | None) -> int | None:
    return None if at is None else to_micros(at)


def _row(device: KeyDevice) -> dict[str, object]:
    return {
        "device_id": device.device_id,
        "kind": device.kind.value,
        "label": device.label,
        "org_code": device.org_code,
        "keeper_subject_id": device.keeper_subject_id,
        "certificate_id": device.certificate_id,
        "registered_at": to_micros(device.registered_at),
        "returned_at": _micros(device.returned_at),
        "alarmed_at": _micros(device.alarmed_at),
    }


def _device(row: sa.Row[tuple[object, ...]]) -> KeyDevice:
    return KeyDevice(
        device_id=row.device_id,
        kind=DeviceKind(row.kind),
        label=row.label,
        org_code=row.org_code,
        keeper_subject_id=row.keeper_subject_id,
        certificate_id=row.certificate_id,
        registered_at=from_micros(row.registered_at),
        returned_at=None if row.returned_at is None else from_micros(row.returned_at),
        alarmed_at=None if row.alarmed_at is None else from_micros(row.alarmed_at),
    )
