"""Whether the process lives and whether it can work."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from api.callers import Purpose
from api.context import Call, public

router = APIRouter(tags=["operation"])

_Operate = Annotated[Call, Depends(public(purpose=Purpose.OPERATE_SERVICE, limited=False))]


@router.get("/health/live")
def read_liveness(_call: _Operate) -> JSONResponse:
    """The process answers."""
    return JSONResponse({"status": "ok"})
