"""Operation: does the process live, can it work, what has it done, which version is it, how is it called."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from api.auth import DevelopmentIdentity
from api.callers import Purpose
from api.context import Call, Metrics, public
from api.errors import NotFound
from api.schemas.operation import Health, Version
from api.usecases.check_lists import list_ages
from api.usecases.check_readiness import check_readiness
from api.usecases.pending_stamps import stamp_backlog

router = APIRouter(tags=["operation"])

_Operate = Annotated[Call, Depends(public(purpose=Purpose.OPERATE_SERVICE, limited=False))]
_Describe = Annotated[Call, Depends(public(purpose=Purpose.READ_API_DESCRIPTION))]


@router.get("/health/live")
def read_liveness(_call: _Operate) -> Health:
    """The process answers."""
    return Health(status="ok", checks={})


@router.get("/health/ready", responses={503: {"model": Health}})
def read_readiness(call: _Operate, response: Response) -> Health:
    """The process can work: its database answers and has the schema that this code needs."""
    readiness = check_readiness(call.services)
    response.status_code = 200 if readiness.is_ready else 503
    return Health(status="ok" if readiness.is_ready else "unavailable", checks=dict(readiness.checks))


@router.get("/metrics", response_class=Response)
def read_metrics(call: _Operate, request: Request) -> Response:
    """Counters in Prometheus' text form."""
    metrics: Metrics = request.app.state.metrics
    clock = call.services.clock_guard.verdict()
    metrics.see_clock(is_trusted=clock.is_trusted, offset_s=clock.offset_s)
    for one in list_ages(call.services, call.at):
        age_s = None if one.age is None else one.age.total_seconds()
        metrics.see_list(one.label, age_s=age_s, waiting_s=one.waiting.total_seconds())
    _see_timestamps(metrics, call)
    return Response(metrics.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _see_timestamps(metrics: Metrics, call: Call) -> None:
    for made in call.services.timestamps.drained():
        metrics.see_stamp_call(made.authority, made.outcome, made.seconds)
    for one in call.services.timestamps.standings():
        metrics.see_authority(one.name, is_resting=one.is_resting)
    backlog = stamp_backlog(call.services)
    oldest_s = 0.0 if backlog.oldest is None else (call.at - backlog.oldest).total_seconds()
    metrics.see_pending(count=backlog.count, oldest_s=oldest_s, alarmed=backlog.alarmed)


@router.get("/version")
def read_version(call: _Operate, request: Request) -> Version:
    """Name and version of the service, and its profile."""
    return Version(name="anso", version=request.app.version, profile=call.services.settings.profile.value)


@router.get("/openapi.json", include_in_schema=False)
def read_api_description(_call: _Describe, request: Request) -> JSONResponse:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi(), headers={"Cache-Control": "public, max-age=300"})


@router.get("/.well-known/jwks.json", include_in_schema=False)
def read_development_keys(_call: _Describe, request: Request) -> JSONResponse:
    """The public keys of the development identity; none where a real provider is configured."""
    identity: DevelopmentIdentity | None = request.app.state.development_identity
    if identity is None:
        raise NotFound
    return JSONResponse(identity.public_keys().as_dict(private=False))
