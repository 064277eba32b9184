"""One thing that somebody wants checked, whatever it is, or several of them side by side.

Knows which use-case is for what. Must not know how a thing came in.
"""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from api.callers import Caller
from api.errors import AnsoError
from api.services import Services
from api.usecases.verify_detached import VerifyDetached, verify_detached_file
from api.usecases.verify_document import VerifyDocument, verify_document
from api.usecases.verify_stored_document import VerifyStoredDocument, verify_stored_document
from signing.errors import SigningError
from signing.isolation import WorkersBusy
from signing.validation import Report
from vault.errors import VaultError

Submission = VerifyDocument | VerifyStoredDocument | VerifyDetached
"""What can be checked."""
MAX_BATCH: Final = 50
_TRIES: Final = 4  # each waits some seconds for a worker of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one member of a batch: a report, or why there is none."""

    report: Report | None = None
    refusal: AnsoError | SigningError | VaultError | None = None


def verify_submission(command: Submission, services: Services, caller: Caller, at: datetime) -> Report:
    """The report about one thing.

    Raises:
        AnsoError, SigningError, VaultError: as its own use-case says.
    """
    match command:
        case VerifyDocument():
            return verify_document(command, services, caller, at)
        case VerifyStoredDocument():
            return verify_stored_document(command, services, caller, at)
        case VerifyDetached():
            return verify_detached_file(command, services, caller, at)
        case _:
            assert_never(command)


def verify_batch(commands: Sequence[Submission], services: Services, caller: Caller, at: datetime) -> Iterator[Outcome]:
    """The outcomes in the order of the members, each as soon as it is known; one that fails fails alone.

    Leaves a worker to others: a batch of fifty must not keep a single file waiting. Whoever stops asking ends the rest.
    """
    lanes = max(1, services.settings.check_workers - 1)
    with ThreadPoolExecutor(max_workers=lanes, thread_name_prefix="batch") as pool:
        waiting = deque(commands)
        running: deque[Future[Outcome]] = deque()
        try:
            while waiting or running:
                while waiting and len(running) <= lanes:
                    running.append(pool.submit(_outcome, waiting.popleft(), services, caller, at))
                yield running.popleft().result()
        finally:
            for future in running:
                future.cancel()


def _outcome(command: Submission, services: Services, caller: Caller, at: datetime) -> Outcome:
    for left in reversed(range(_TRIES)):
        try:
            return Outcome(report=verify_submission(command, services, caller, at))
        except WorkersBusy as err:
            if not left:
                return Outcome(refusal=err)
            time.sleep(err.retry_after_s)
        except (AnsoError, SigningError, VaultError) as err:
            return Outcome(refusal=err)
    return Outcome(refusal=WorkersBusy())
