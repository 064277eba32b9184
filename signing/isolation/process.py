"""One worker process and the pipe to it, seen from the service. Knows processes; must not know who waits for one."""

import contextlib
import os
import pickle
import signal
import subprocess  # noqa: TID251 - one of the two modules that may start processes (STYLE §2)
import sys
import threading
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from signing.isolation.failures import WorkCrashed, WorkTimedOut
from signing.isolation.messages import receive, send_call

CALLS_PER_WORKER = 500  # then a fresh process: leaks and fragmented memory do not add up
_LESS_URGENT = 10  # added to our niceness for what takes long: others go first
_LEAST_URGENT = 19
_START_S = 60.0  # half a second as a rule; on a machine that is busy with other things, much more


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may cost."""

    cpu_s: int = 30
    memory_mb: int = 2048
    """Address space, not resident memory: libraries map much more than they touch."""


class Worker:
    """One child process; used by one thread at a time."""

    def __init__(self, limits: Limits, packages: tuple[str, ...], preload: tuple[str, ...]) -> None:
        self._calls = 0
        self._is_ready = False
        self._packages = packages
        settings = (str(limits.cpu_s), str(limits.memory_mb), ",".join(packages))
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no outside input
            [sys.executable, "-m", "signing.isolation.child", *settings, *preload],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"},
            close_fds=True,
        )

    def is_usable(self) -> bool:
        """Whether the process lives and is not worn out."""
        return self._process.poll() is None and self._calls < CALLS_PER_WORKER

    def kill(self) -> None:
        """Ends the process and frees its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def yield_to_others(self) -> None:
        """What it works on takes long: others have the processor first. Not taken back: the process ends after it."""
        with contextlib.suppress(OSError):
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, self._process.pid, min(own + _LESS_URGENT, _LEAST_URGENT))

    def await_ready(self) -> None:
        """Wait until the libraries are loaded; the time of a call counts from then.

        Raises:
            WorkTimedOut, WorkCrashed: they never are; the process is ended.
        """
        if not self._is_ready:
            self._answer(None, _START_S)
            self._is_ready = True

    def run(self, function: str, args: tuple[object, ...], timeout_s: float) -> Any:  # noqa: ANN401 - whatever the function gives
        """Sends one call and waits for its answer, or kills the process."""
        self._calls += 1
        return self._answer((function, args), timeout_s)

    def _answer(self, call: tuple[str, tuple[object, ...]] | None, timeout_s: float) -> Any:  # noqa: ANN401 - as above
        watch = _Watch(self._process)
        timer = threading.Timer(timeout_s, watch.fire)
        timer.daemon = True
        timer.start()
        try:
            if call is not None:
                send_call(self._pipe(self._process.stdin), *call)
            answer = receive(self._pipe(self._process.stdout), self._packages)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError, AttributeError, ImportError, TypeError) as err:
            self.kill()
            if watch.fired or self._process.returncode in {-signal.SIGXCPU, -signal.SIGALRM}:
                raise WorkTimedOut("the work took too long and was stopped") from err
            raise WorkCrashed(f"the worker died ({type(err).__name__})") from err
        finally:
            timer.cancel()
        return opened(answer)

    @staticmethod
    def _pipe(stream: Any) -> BinaryIO:  # noqa: ANN401 - Popen's optional pipe
        if stream is None:
            raise EOFError
        return stream  # type: ignore[no-any-return]  # Popen gives IO[Any]


@dataclass(slots=True)
class _Watch:
    """Remembers that it was the clock that killed the process."""

    process: Any
    fired: bool = field(default=False)

    def fire(self) -> None:
        self.fired = True
        self.process.kill()


def opened(answer: object) -> Any:  # noqa: ANN401 - whatever the function gave
    """The value of an answer.

    Raises:
        WorkCrashed: it is none. Errors of our own packages: as the function raised them.
    """
    if not isinstance(answer, tuple) or len(answer) != 2:  # noqa: PLR2004 - kind and value
        raise WorkCrashed("the worker sent something else than an answer")
    kind, value = answer
    if kind == "value":
        return value
    if kind == "error" and isinstance(value, Exception):
        raise value
    raise WorkCrashed(f"the work failed: {str(value)[:200]}")
