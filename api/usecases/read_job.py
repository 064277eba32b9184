"""How far a job is, for whom may follow it."""

from api.callers import Caller, Role
from api.errors import NotFound
from api.jobs import JobStatus
from api.services import Services


def read_job(job_id: str, services: Services, caller: Caller) -> JobStatus:
    """The job's state and progress.

    Raises:
        NotFound: there is no such job, or it is another account's.
    """
    with services.db.reading() as tx:
        job = services.jobs.find(tx, job_id)
    if job is None or not _may_follow(job, caller):
        raise NotFound("Không có công việc này.", "There is no such job.")
    return job


def _may_follow(job: JobStatus, caller: Caller) -> bool:
    """An owned job: its owner and the administrator. Without an owner: officers, not citizens or systems."""
    if job.owner_account is not None:
        return caller.account_id == job.owner_account or caller.role is Role.ADMINISTRATOR
    return caller.role not in (Role.CITIZEN, Role.RELYING_SYSTEM)
