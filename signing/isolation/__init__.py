"""Work on hostile input, in processes that can be killed: CPU, memory and time are limited, a crash stays inside.

A pool of warm worker processes (libraries loaded, nothing else). One call is one function named by its import path,
with picklable arguments. What comes back is not trusted either: a worker that was taken over may send anything, so
answers are decoded by an unpickler that knows plain values, and the data classes, enumerations and errors that the
named packages define. It runs no function and makes no other object; the values inside an answer may still be lies.
Workers inherit no environment variable of the service. They run as the same user: files and sockets that the service
can open are kept from them by the operating system's means (container, service unit), not here.

Used by the use-cases for checking documents, and by others for in-process work like typesetting. Core functions stay
pure and know nothing of this package.

``pool`` shares the workers out · ``process`` is one of them, seen from here · ``child`` is what runs in it ·
``messages`` is what goes over the pipe between the two.
"""

from signing.isolation.failures import IsolationError, WorkCrashed, WorkersBusy, WorkTimedOut
from signing.isolation.messages import OWN_PACKAGES
from signing.isolation.pool import Isolation
from signing.isolation.process import Limits

__all__ = [
    "OWN_PACKAGES",
    "Isolation",
    "IsolationError",
    "Limits",
    "WorkCrashed",
    "WorkTimedOut",
    "WorkersBusy",
]
