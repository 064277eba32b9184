"""What runs inside a worker process: limits first, then the libraries, then one call after the other."""

import contextlib
import gc
import importlib
import os
import pickle
import resource
import signal
import sys
from collections.abc import Sequence
from typing import BinaryIO

from signing.isolation.messages import OWN_PACKAGES, CarefulUnpickler, is_within, receive_call, send

_MIB = 1024 * 1024
_LARGE = 16 * _MIB  # from here on it matters more than the few milliseconds of looking for it


def serve(
    requests: BinaryIO, answers: BinaryIO, *, packages: Sequence[str] = OWN_PACKAGES, cpu_s: int | None = None
) -> None:
    """The worker's side: answers calls until the other side goes away."""
    with contextlib.suppress(EOFError):
        while True:
            message = receive_call(requests, packages)
            if cpu_s is not None:
                _allow_more_cpu(cpu_s)
            answer, is_large = _answered(message, packages), _octets(message) > _LARGE
            del message  # the file, which may be large: not held while the next one is awaited
            send(answers, answer)
            if is_large:
                gc.collect()  # readers of documents refer to themselves, and to the file


def _octets(message: object) -> int:
    """How long the files are that came with a call."""
    args = message[1] if isinstance(message, tuple) and len(message) == 2 else ()  # noqa: PLR2004 - function and arguments
    return sum(len(one) for one in args if isinstance(one, bytes)) if isinstance(args, tuple) else 0


def _answered(message: object, packages: Sequence[str]) -> tuple[str, object]:
    if not isinstance(message, tuple) or len(message) != 2:  # noqa: PLR2004 - function and arguments
        return ("failure", "not a call")
    function, args = message
    try:
        module_name, _, attribute = str(function).partition(":")
        if not is_within(module_name, packages):
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
    if is_within(type(err).__module__, packages):
        with contextlib.suppress(Exception):
            CarefulUnpickler(pickle.dumps(err), packages).load()
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
    send(answers, ("value", "ready"))
    serve(sys.stdin.buffer, answers, packages=arguments[2].split(","), cpu_s=cpu_s)


if __name__ == "__main__":
    main(sys.argv[1:])
