"""Jobs: state and progress, by polling or as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.callers import Purpose, Role
from api.context import JSON_BODY_BYTES, Call, access
from api.ids import parse_id
from api.jobs import JobStatus
from api.schemas.operation import Job
from api.usecases.read_job import read_job

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], max_body_size=JSON_BODY_BYTES)

_EVERYONE: Final = tuple(role for role in Role if role.is_grantable)
_Follow = Annotated[Call, Depends(access(*_EVERYONE, purpose=Purpose.FOLLOW_JOB))]
_POLL_S: Final = 0.4
_LONGEST_S: Final = 900.0  # a client that still waits connects again


def _find(job_id: str, call: _Follow) -> JobStatus:
    return read_job(parse_id("job", job_id), call.services, call.caller)


_Found = Annotated[JobStatus, Depends(_find)]


@router.get("/{job_id}")  # noqa: FAST003 - the dependency takes it
def get_job(job: _Found, response: Response) -> Job:
    """State and progress; `Retry-After` says when to ask again."""
    if not job.state.is_final:
        response.headers["Retry-After"] = "1"
    return Job.of(job)


@router.get("/{job_id}/events", response_class=EventSourceResponse)  # noqa: FAST003 - as above
async def follow_job(job: _Found, call: _Follow) -> AsyncIterator[ServerSentEvent]:
    """The same as unnamed events at every change, until the job ends."""
    waited, shown = 0.0, job
    yield ServerSentEvent(data=Job.of(shown), id=shown.updated_at.isoformat())
    while not shown.state.is_final and waited < _LONGEST_S:
        await asyncio.sleep(_POLL_S)
        waited += _POLL_S
        found = await run_in_threadpool(read_job, job.job_id, call.services, call.caller)
        if found != shown:
            shown = found
            yield ServerSentEvent(data=Job.of(shown), id=shown.updated_at.isoformat())
