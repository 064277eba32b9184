"""Wire models of devices that hold keys, and of public holidays."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.ids import parse_id
from api.records.key_devices import DeviceKind, Handover, KeyDevice
from api.schemas.text import Id, OrgCode
from api.usecases.keep_devices import KeptDevice, RegisterDevice

Minute = Annotated[str, Field(min_length=1, max_length=128)]
"""Number of the minute of a hand-over."""


class DeviceIn(BaseModel):
    """A device given to a keeper."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["token", "sim"]
    label: Annotated[str, Field(min_length=1, max_length=64)]
    """Serial number on the device."""
    org_code: OrgCode
    keeper_subject_id: Id
    certificate_id: Id | None = None
    minute: Minute

    def to_command(self) -> RegisterDevice:
        """The use-case's command."""
        return RegisterDevice(
            kind=DeviceKind(self.kind),
            label=self.label,
            org_code=self.org_code,
            keeper_subject_id=parse_id("sub", self.keeper_subject_id),
            certificate_id=self.certificate_id and parse_id("cert", self.certificate_id),
            minute=self.minute,
        )


class HandoverIn(BaseModel):
    """A device given to another keeper."""

    model_config = ConfigDict(extra="forbid")

    to_subject_id: Id
    minute: Minute


class ReturnIn(BaseModel):
    """A device taken back."""

    model_config = ConfigDict(extra="forbid")

    minute: Minute


class HandoverOut(BaseModel):
    """One hand-over."""

    at: datetime
    from_subject_id: str | None
    to_subject_id: str | None
    minute: str

    @classmethod
    def of(cls, handover: Handover) -> "HandoverOut":
        """The wire form."""
        return cls(
            at=handover.at,
            from_subject_id=handover.from_subject_id,
            to_subject_id=handover.to_subject_id,
            minute=handover.minute,
        )


class DeviceRow(BaseModel):
    """A device in a list."""

    id: str
    kind: str
    label: str
    org_code: str
    keeper_subject_id: str
    certificate_id: str | None
    registered_at: datetime
    returned_at: datetime | None
    alarmed_at: datetime | None
    """When it was reported missing."""

    @classmethod
    def of(cls, device: KeyDevice) -> "DeviceRow":
        """The wire form."""
        return cls.model_validate(_fields(device))


class DeviceOut(DeviceRow):
    """A device with its hand-overs."""

    handovers: list[HandoverOut]

    @classmethod
    def of_kept(cls, kept: KeptDevice) -> "DeviceOut":
        """The wire form."""
        return cls.model_validate(_fields(kept.device) | {"handovers": [HandoverOut.of(one) for one in kept.handovers]})


class DevicePage(BaseModel):
    """A page of devices."""

    items: list[DeviceRow]
    next_cursor: str | None


class DayOffIn(BaseModel):
    """A public holiday's name."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=128)]


class DayOffOut(BaseModel):
    """A public holiday."""

    day: date
    name: str


class DaysOffOut(BaseModel):
    """The public holidays of a year beside those with a fixed date."""

    items: list[DayOffOut]


def _fields(device: KeyDevice) -> dict[str, object]:
    return {
        "id": device.device_id,
        "kind": device.kind.value,
        "label": device.label,
        "org_code": device.org_code,
        "keeper_subject_id": device.keeper_subject_id,
        "certificate_id": device.certificate_id,
        "registered_at": device.registered_at,
        "returned_at": device.returned_at,
        "alarmed_at": device.alarmed_at,
    }
