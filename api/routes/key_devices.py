"""Devices that hold keys: hand-over, return, who keeps which; and the holidays that their deadline leaves out."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, Paging, access, link_next, paging, with_query
from api.ids import parse_id
from api.schemas import devices as wire
from api.usecases import keep_calendar as calendar
from api.usecases import keep_devices as devices

router = APIRouter(prefix="/v1", tags=["key devices"], max_body_size=JSON_BODY_BYTES)

_READERS: Final = (Role.RA_OFFICER, Role.SECURITY_OFFICER, Role.AUDITOR)
_Keep = Annotated[Call, Depends(access(Role.RA_OFFICER, purpose=Purpose.KEEP_DEVICES))]
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.KEEP_DEVICES))]
_Calendar = Annotated[Call, Depends(access(Role.ADMINISTRATOR, purpose=Purpose.KEEP_CALENDAR))]
_Page = Annotated[Paging, Depends(paging)]
_Year = Annotated[int, Query(ge=2000, le=2100)]
_OrgCode = Annotated[str | None, Query(max_length=35)]
_Day = Annotated[date, Path()]


@router.post("/key-devices", status_code=201, response_model=wire.DeviceOut)
def post_device(body: wire.DeviceIn, call: _Keep) -> Response:
    """Record a device and its hand-over to the keeper."""
    return call.once(
        body, lambda: _kept(devices.register_device(body.to_command(), call.services, call.caller, call.at))
    )


@router.post("/key-devices/{device_id}/handovers", status_code=201, response_model=wire.DeviceOut)
def post_handover(device_id: str, body: wire.HandoverIn, call: _Keep) -> Response:
    """Give it to another keeper."""
    wanted, taker = parse_id("dev", device_id), parse_id("sub", body.to_subject_id)

    def action() -> Response:
        return _kept(
            devices.hand_over_device(wanted, taker, body.minute, services=call.services, caller=call.caller, at=call.at)
        )

    return call.once(body, action)


@router.post("/key-devices/{device_id}/return", status_code=201, response_model=wire.DeviceOut)
def post_return(device_id: str, body: wire.ReturnIn, call: _Keep) -> Response:
    """Take it back; due within five working days after its certificate's revocation (I8)."""
    wanted = parse_id("dev", device_id)

    def action() -> Response:
        return _kept(devices.return_device(wanted, body.minute, services=call.services, caller=call.caller, at=call.at))

    return call.once(body, action)


@router.get("/key-devices")
def get_devices(call: _Read, page: _Page, response: Response, org_code: _OrgCode = None) -> wire.DevicePage:
    """Devices, by id."""
    found = devices.list_devices(call.services, org_code=org_code, limit=page.limit + 1, after=page.after)
    shown, cursor = page.cut(found, lambda device: device.device_id)
    link_next(response, with_query("/v1/key-devices", org_code=org_code), cursor)
    return wire.DevicePage(items=[wire.DeviceRow.of(one) for one in shown], next_cursor=cursor)


@router.get("/key-devices/{device_id}")
def get_device(device_id: str, call: _Read) -> wire.DeviceOut:
    """A device with its hand-overs."""
    return wire.DeviceOut.of_kept(devices.read_device(parse_id("dev", device_id), call.services))


@router.get("/days-off")
def get_days_off(call: _Calendar, year: _Year) -> wire.DaysOffOut:
    """Public holidays of a year that have no fixed date."""
    found = calendar.list_days_off(year, call.services)
    return wire.DaysOffOut(items=[wire.DayOffOut(day=day, name=name) for day, name in found])


@router.put("/days-off/{day}", status_code=204)
def put_day_off(day: _Day, body: wire.DayOffIn, call: _Calendar) -> Response:
    """List a holiday."""
    calendar.put_day_off(day, body.name, services=call.services, caller=call.caller, at=call.at)
    return Response(status_code=204)


@router.delete("/days-off/{day}", status_code=204)
def delete_day_off(day: _Day, call: _Calendar) -> Response:
    """Take a holiday off the list."""
    calendar.drop_day_off(day, services=call.services, caller=call.caller, at=call.at)
    return Response(status_code=204)


def _kept(kept: devices.KeptDevice) -> Response:
    view = wire.DeviceOut.of_kept(kept)
    return JSONResponse(
        view.model_dump(mode="json"), status_code=201, headers={"Location": f"/v1/key-devices/{view.id}"}
    )
