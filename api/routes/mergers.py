"""Mergers of agencies: planned and approved by two administrators, performed at the legal moment."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.records.mergers import Merger
from api.schemas.mergers import MergerIn, MergerOut
from api.usecases.plan_merger import approve_merger, cancel_merger, plan_merger, read_merger, read_merger_record

router = APIRouter(prefix="/v1/mergers", tags=["organisations"], max_body_size=JSON_BODY_BYTES)

_Manage = Annotated[Call, Depends(access(Role.ADMINISTRATOR, purpose=Purpose.MERGE_ORGANISATIONS))]
_READERS = (Role.ADMINISTRATOR, Role.RA_OFFICER, Role.APPROVER, Role.SECURITY_OFFICER, Role.AUDITOR)
_Read = Annotated[Call, Depends(access(*_READERS, purpose=Purpose.MERGE_ORGANISATIONS))]


@router.post("", status_code=201, response_model=MergerOut)
def post_merger(body: MergerIn, call: _Manage) -> Response:
    """Plan a merger; it works after another administrator's approval."""
    return call.once(body, lambda: _created(plan_merger(body.to_command(), call.services, call.caller, call.at)))


@router.post("/{merger_id}/approval", status_code=201, response_model=MergerOut)
def post_merger_approval(merger_id: str, call: _Manage) -> Response:
    """Announce it: no new certificates for the closing unit, and at the moment the unit ends."""
    wanted = parse_id("mrg", merger_id)
    return call.once(b"", lambda: _created(approve_merger(wanted, call.services, call.caller, call.at)))


@router.post("/{merger_id}/cancellation", status_code=201, response_model=MergerOut)
def post_merger_cancellation(merger_id: str, call: _Manage) -> Response:
    """Take it back, before its moment."""
    wanted = parse_id("mrg", merger_id)
    return call.once(b"", lambda: _created(cancel_merger(wanted, call.services, call.caller, call.at)))


@router.get("/{merger_id}")
def get_merger(merger_id: str, call: _Read) -> MergerOut:
    """How far it is."""
    return MergerOut.of(read_merger(parse_id("mrg", merger_id), call.services))


@router.get("/{merger_id}/record", response_class=Response)
def get_merger_record(merger_id: str, call: _Read) -> Response:
    """The signed record (PDF)."""
    return Response(read_merger_record(parse_id("mrg", merger_id), call.services), media_type="application/pdf")


def _created(merger: Merger) -> Response:
    body = MergerOut.of(merger).model_dump(mode="json")
    return JSONResponse(body, status_code=201, headers={"Location": f"/v1/mergers/{merger.merger_id}"})
