"""Durable jobs: a row in the caller's transaction becomes a workflow after commit.

Knows kinds, ids and progress. Must not know what a job does: the bodies are registered in `api.worker`.
"""

from api.jobs.outbox import Jobs, JobState, JobStatus
from api.jobs.turns import Turns

__all__ = ["JobState", "JobStatus", "Jobs", "Turns"]
