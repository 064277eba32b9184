"""Work on hostile input, in processes that can be killed: CPU, memory and time are limited, a crash stays inside.

A pool of warm worker processes (libraries loaded, nothing else). One call is one function named by its import path,
with picklable arguments. What comes back is not trusted either: a worker that was taken over may send anything, so
answers are decoded by an unpickler that knows plain values, and the data classes, enumerations and errors that the
named packages define. It runs no function and makes no other object; the values inside an answer may still be lies.
Workers inherit no environment variable of the service. They run as the same user: files and sockets that the service
can open are kept from them by the operating system's means (container, service unit), not here.

Used by the use-cases for checking documents, and by others for in-process work like typesetting. Core functions stay
pure and know nothing of this module.
"""

import contextlib
import importlib
import io
import os
import pickle
import queue
import resource
import signal
import struct
import subprocess  # noqa: TID251 - one of the two modules that may start processes (STYLE §2)
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, is_dataclass
from enum import Enum
from typing import Any, BinaryIO, Self

from signing.errors import SigningError

_MIB = 1024 * 1024
_HEADER = struct.Struct(">Q")
MAX_MESSAGE_BYTES = 1024 * _MIB
CALLS_PER_WORKER = 500  # then a fresh process: leaks and fragmented memory do not add up
OWN_PACKAGES = ("signing", "api.rendering", "api.errors")
"""Packages and modules whose functions are run and whose values are exchanged; each with what lies below it."""

_PLAIN = {
    ("builtins", "set"), ("builtins", "frozenset"), ("builtins", "complex"), ("builtins", "bytearray"),
    ("datetime", "datetime"), ("datetime", "date"), ("datetime", "time"), ("datetime", "timedelta"),
    ("datetime", "timezone"), ("decimal", "Decimal"), ("uuid", "UUID"), ("collections", "OrderedDict"),
}  # fmt: skip


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may cost."""

    cpu_s: int = 30
    memory_mb: int = 2048
    """Address space, not resident memory: libraries map much more than they touch."""


class Isolation:
    """A pool of workers; safe to use from many threads."""

    def __init__(
        self,
        *,
        workers: int = 2,
        limits: Limits | None = None,
        preload: Sequence[str] = (),
        packages: Sequence[str] = OWN_PACKAGES,
        wait_s: float = 5.0,
    ) -> None:
        self._packages = tuple(packages)
        self._limits = limits or Limits()
        self._preload = tuple(preload)
        self._wait_s = wait_s
        self._closed = False
        self._slots: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(workers):
            self._slots.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Starts the workers now, so that the first caller does not wait for imports."""
        taken = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._slots.get_nowait())
        for worker in taken:
            self._slots.put(worker or self._start())

    def call(self, function: str, *args: object, timeout_s: float) -> Any:  # noqa: ANN401 - whatever the function gives
        """Runs ``package.module:function`` with the arguments in a worker.

        Args:
            function: import path inside our packages; never from outside input.
            args: picklable values.
            timeout_s: wall-clock limit; CPU and memory limits are those of the pool.

        Raises:
            WorkTimedOut, WorkCrashed, WorkersBusy: see there.
            SigningError and other errors of our packages: as the function raised them.
        """
        if not _is_within(function, self._packages):
            raise WorkCrashed("only functions of our own packages are run")
        try:
            worker = self._slots.get(timeout=self._wait_s)
        except queue.Empty:
            raise WorkersBusy("every worker is busy") from None
        try:
            if self._closed:
                raise WorkersBusy("the workers are shut down")
            if worker is not None and not worker.is_usable():
                worker.kill()
                worker = None
            worker = worker or self._start()
            return worker.run(function, args, timeout_s)
        finally:
            if worker is not None and not worker.is_usable():
                worker.kill()
                worker = None
            self._slots.put(worker)

    def close(self) -> None:
        """Ends every worker that is idle; a busy one ends after its call."""
        self._closed = True
        with contextlib.suppress(queue.Empty):
            while True:
                worker = self._slots.get_nowait()
                if worker is not None:
                    worker.kill()

    def _start(self) -> "_Worker":
        return _Worker(self._limits, self._packages, self._preload)


class _Worker:
    """One child process and the pipe to it; used by one thread at a time."""

    def __init__(self, limits: Limits, packages: tuple[str, ...], preload: tuple[str, ...]) -> None:
        self._calls = 0
        self._packages = packages
        settings = (str(limits.cpu_s), str(limits.memory_mb), ",".join(packages))
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no outside input
            [sys.executable, "-m", "signing.isolation", *settings, *preload],
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

    def run(self, function: str, args: tuple[object, ...], timeout_s: float) -> Any:  # noqa: ANN401 - see call
        """Sends one call and waits for its answer, or kills the process."""
        self._calls += 1
        watch = _Watch(self._process)
        timer = threading.Timer(timeout_s, watch.fire)
        timer.daemon = True
        timer.start()
        try:
            _send(self._pipe(self._process.stdin), (function, args))
            answer = _receive(self._pipe(self._process.stdout), self._packages)
        except (OSError, EOFError, ValueError, pickle.UnpicklingError, AttributeError, ImportError, TypeError) as err:
            self.kill()
            if watch.fired or self._process.returncode in {-signal.SIGXCPU, -signal.SIGALRM}:
                raise WorkTimedOut("the work took too long and was stopped") from err
            raise WorkCrashed(f"the worker died ({type(err).__name__})") from err
        finally:
            timer.cancel()
        return _opened(answer)

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


def _opened(answer: object) -> Any:  # noqa: ANN401 - see call
    if not isinstance(answer, tuple) or len(answer) != 2:  # noqa: PLR2004 - kind and value
        raise WorkCrashed("the worker sent something else than an answer")
    kind, value = answer
    if kind == "value":
        return value
    if kind == "error" and isinstance(value, Exception):
        raise value
    raise WorkCrashed(f"the work failed: {str(value)[:200]}")


class _CarefulUnpickler(pickle.Unpickler):
    """Decodes plain values, and values of our own packages: data classes, enumerations, errors; never a function."""

    def __init__(self, data: bytes, packages: Sequence[str]) -> None:
        super().__init__(io.BytesIO(data))
        self._packages = packages

    def find_class(self, module_name: str, global_name: str, /) -> Any:  # noqa: ANN401 - pickle's interface
        if (module_name, global_name) in _PLAIN:
            return super().find_class(module_name, global_name)
        if _is_within(module_name, self._packages) and "." not in global_name:
            found = super().find_class(module_name, global_name)
            if _is_own_value(found, module_name):
                return found
        raise pickle.UnpicklingError(f"{module_name}.{global_name} may not be sent")


def _is_own_value(found: object, module_name: str) -> bool:
    """Whether a name stands for a class of values that this very module defines; what it imports does not count."""
    if not isinstance(found, type) or found.__module__ != module_name:
        return False
    return is_dataclass(found) or issubclass(found, Enum | Exception)


def _send(stream: BinaryIO, message: object) -> None:
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_HEADER.pack(len(data)))
    stream.write(data)
    stream.flush()


def _is_within(path: str, packages: Sequence[str]) -> bool:
    module = path.partition(":")[0]
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _receive(stream: BinaryIO, packages: Sequence[str]) -> object:
    """One message from the other side, decoded with care.

    Raises:
        EOFError: the other side is gone, or announces more than is allowed.
        pickle.UnpicklingError: it sent something that is not a plain value.
    """
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError
    (length,) = _HEADER.unpack(header)
    if length > MAX_MESSAGE_BYTES:
        raise EOFError
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return _CarefulUnpickler(data, packages).load()


def serve(
    requests: BinaryIO, answers: BinaryIO, *, packages: Sequence[str] = OWN_PACKAGES, cpu_s: int | None = None
) -> None:
    """The worker's side: answers calls until the other side goes away."""
    with contextlib.suppress(EOFError):
        while True:
            message = _receive(requests, packages)
            if cpu_s is not None:
                _allow_more_cpu(cpu_s)
            _send(answers, _answered(message, packages))


def _answered(message: object, packages: Sequence[str]) -> tuple[str, object]:
    if not isinstance(message, tuple) or len(message) != 2:  # noqa: PLR2004 - function and arguments
        return ("failure", "not a call")
    function, args = message
    try:
        module_name, _, attribute = str(function).partition(":")
        if not _is_within(module_name, packages):
            return ("failure", "not one of our functions")
        value = getattr(importlib.import_module(module_name), attribute)(*args)
        pickle.dumps(value)
    except MemoryError:
        return ("failure", "out of memory")
    except Exception as err:  # noqa: BLE001 - whatever the work raised goes back as an answer
        return _error(err, packages)
    return ("value", value)


def _error(err: Exception, packages: Sequence[str]) -> tuple[str, object]:
    """Our own typed errors travel as they are, if they survive it; others as their class name (texts may hold data)."""
    if _is_within(type(err).__module__, packages):
        with contextlib.suppress(Exception):
            _CarefulUnpickler(pickle.dumps(err), packages).load()
            return ("error", err)
    return ("failure", type(err).__name__)


def _allow_more_cpu(cpu_s: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + cpu_s + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def main(arguments: Sequence[str]) -> None:
    """Entry of the child process: limits first, then the libraries, then work."""
    cpu_s, memory_mb = int(arguments[0]), int(arguments[1])
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not end up between our messages
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at the terminal is the parent's matter
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no document in a core file
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb * _MIB, memory_mb * _MIB))
    for name in arguments[3:]:
        importlib.import_module(name)
    serve(sys.stdin.buffer, answers, packages=arguments[2].split(","), cpu_s=cpu_s)


if __name__ == "__main__":
    main(sys.argv[1:])
