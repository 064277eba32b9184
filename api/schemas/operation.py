"""Wire models of operation: health, version, problems, jobs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from api.jobs import JobState, JobStatus

WireState = Literal["queued", "running", "succeeded", "failed"]

_STATES: Final[Mapping[JobState, WireState]] = {
    JobState.RECORDED: "queued",  # an inner state: in our table, not yet in the queue
    JobState.QUEUED: "queued",
    JobState.RUNNING: "running",
    JobState.SUCCEEDED: "succeeded",
    JobState.FAILED: "failed",
}


class Health(BaseModel):
    """Whether the process can work."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, bool]


class Version(BaseModel):
    """Which service this is."""

    name: str
    version: str
    profile: str


class ProblemError(BaseModel):
    """One finding of a validation; the offending value is not repeated."""

    pointer: str
    code: str
    expected: str | None = None
    """What the place may hold, where that can be said shortly."""


class ProblemBody(BaseModel):
    """An error, RFC 9457; titles in Vietnamese or English by Accept-Language."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    status: int
    code: str
    request_id: str
    retryable: bool
    detail: str | None = None
    incident: str | None = None
    errors: list[ProblemError] | None = None


class Job(BaseModel):
    """How far a job is."""

    id: str
    kind: str
    state: WireState
    done: int
    total: int
    label: str
    error_code: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, job: JobStatus) -> "Job":
        """The wire form."""
        return cls(
            id=job.job_id,
            kind=job.kind,
            state=_STATES[job.state],
            done=job.done,
            total=job.total,
            label=job.label,
            error_code=job.error_code,
            created_at=job.created_at,
            updated_at=job.updated_at,
        )
