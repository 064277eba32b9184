"""Figures for the national dashboard and for ourselves."""

from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.records.reuse_figures import Grouping, Period
from api.schemas.kpi import ReuseGroup, ReuseMeasuredView, ReuseRates
from api.usecases.measure_reuse import MeasureReuse, ReuseMeasured, measure_reuse
from api.usecases.vault_readers import OFFICERS
from api.vietnam_time import VIETNAM

router = APIRouter(prefix="/v1/kpi", tags=["kpi"], max_body_size=JSON_BODY_BYTES)

_Read = Annotated[Call, Depends(access(Role.AUDITOR, Role.ADMINISTRATOR, *OFFICERS, purpose=Purpose.READ_KPI))]


@router.get("/reuse", response_model=ReuseMeasuredView)
def get_reuse(
    call: _Read,
    since: Annotated[date | None, Query(alias="from", description="First day in Vietnam")] = None,
    to: Annotated[date | None, Query(description="Last day in Vietnam, included")] = None,
    group_by: Grouping = Grouping.NONE,
) -> Response:
    """The official rate (R1), the strict one (R2) and that of components (R3), side by side."""
    last = to if to is None or to == date.max else to + timedelta(days=1)
    command = MeasureReuse(period=Period(since=_midnight(since), until=_midnight(last)), grouping=group_by)
    return JSONResponse(_view(measure_reuse(command, call.services, call.caller, call.at)).model_dump(mode="json"))


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), VIETNAM)


def _view(measured: ReuseMeasured) -> ReuseMeasuredView:
    groups = [ReuseGroup(key=key, **dict(ReuseRates.of(figures))) for key, figures in measured.groups]
    return ReuseMeasuredView(groups=groups, **dict(ReuseRates.of(measured.total)))
