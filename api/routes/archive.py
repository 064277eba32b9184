"""Archive care, for whoever looks after the service: what would be renewed."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.schemas.archive import ArchiveView
from api.usecases.keep_archive import report_archive

router = APIRouter(prefix="/v1/archive", tags=["archive"], max_body_size=JSON_BODY_BYTES)

_Read = Annotated[Call, Depends(access(Role.ADMINISTRATOR, Role.AUDITOR, purpose=Purpose.KEEP_ARCHIVE))]


@router.get("/renewals", response_model=ArchiveView)
def get_renewals(call: _Read, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Response:
    """The dry run of archive care: which documents the next rounds would renew, the most urgent first."""
    found = report_archive(call.services, call.at, limit=limit)
    return JSONResponse(ArchiveView.of(found).model_dump(mode="json"))
