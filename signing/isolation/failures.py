"""How isolated work can end without an answer."""

from typing import ClassVar

from signing.errors import SigningError


class IsolationError(SigningError):
    """Isolated work did not give an answer."""

    code = "WORK_FAILED"


class WorkTimedOut(IsolationError):
    """The work needed more time or CPU than it was given; the worker was killed."""

    code = "WORK_TIMED_OUT"


class WorkCrashed(IsolationError):
    """The worker died, ran out of memory, raised an error that is not ours, or sent what we do not decode."""

    code = "WORK_CRASHED"


class WorkersBusy(IsolationError):
    """Every worker is taken; come back later."""

    code = "WORKERS_BUSY"
    retryable = True
    retry_after_s: ClassVar[int] = 3
    """Seconds after which trying again makes sense: some checks have ended by then."""
