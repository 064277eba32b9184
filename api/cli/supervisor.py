"""Keeps one worker process running beside the embedded service, and ends it with the service.

Knows one child process: our own worker with fixed arguments (hostile input has its own, limited processes).
"""

import os
import signal
import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

from api.log import logger
from api.settings import Settings, worker_environment

_LOG: Final = logger("supervisor")
_FIRST_PAUSE_S: Final = 0.5
_LONGEST_PAUSE_S: Final = 30.0
_STEADY_S: Final = 60.0  # a worker that ran this long was not failing at start
_STOP_S: Final = 15.0


class Supervisor:
    """A context: the worker runs inside it."""

    def __init__(self, settings: Settings, *, enabled: bool) -> None:
        self._environment = worker_environment(settings)
        self._enabled = enabled
        self._stopping = threading.Event()
        self._pid: int | None = None
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        if self._enabled:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if not self._enabled:
            return
        self._signal(signal.SIGTERM)
        self._thread.join(timeout=_STOP_S)
        if self._thread.is_alive():
            self._signal(signal.SIGKILL)
            self._thread.join(timeout=5)

    def _watch(self) -> None:
        """Start the worker; start it again when it ends, after a pause that grows while it keeps failing."""
        pause = _FIRST_PAUSE_S
        while not self._stopping.is_set():
            began = time.monotonic()
            self._pid = self._spawn()
            _, status = os.waitpid(self._pid, 0)
            self._pid = None
            if self._stopping.is_set():
                return
            steady = time.monotonic() - began > _STEADY_S
            pause = _FIRST_PAUSE_S if steady else min(pause * 2, _LONGEST_PAUSE_S)
            _LOG.warning("worker_ended", status=os.waitstatus_to_exitcode(status), again_in_s=pause)
            self._stopping.wait(pause)

    def _spawn(self) -> int:
        arguments = [sys.executable, "-m", "api.cli", "worker", "--parent", str(os.getpid())]
        return os.posix_spawn(sys.executable, arguments, self._environment)

    def _signal(self, number: signal.Signals) -> None:
        if self._pid is not None:
            os.kill(self._pid, number)
