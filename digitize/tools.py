"""The only place that starts processes: runs one function on hostile bytes in a child that can be killed.

The child gets a bare environment (no setting, no secret of ours), a private temporary directory as its only place to
write, limits on address space, processor time and file size, and its own process group, so that programs it starts die
with it. Bytes go in on standard input; progress, the answer or an error code come back in frames. Only bytes and JSON
cross the border: nothing that a child sends is executed.

Knows processes. Must not know pictures, text or papers.
"""

import ctypes
import fcntl
import json
import os
import resource
import selectors
import shutil
import signal
import struct
import subprocess  # noqa: TID251 - this module is the one that may start processes
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import IO, Never

from digitize.errors import DigitizeError, EngineFailed, OutOfMemory, TimedOut, by_code

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and a label without personal data."""
ChildFunction = Callable[[bytes, Mapping[str, str], Progress], bytes]

_MIB = 1024 * 1024
_FRAME = struct.Struct(">cI")
_PROGRESS, _RESULT, _ERROR = b"P", b"R", b"E"
_MAX_FRAME = 1024 * _MIB
_FOLDER_PREFIX = "anso-paper-"
_NEW_PREFIX = "anso-new-"
_LOCK = ".lock"
_GRACE_S = 2
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of linux/prctl.h
_READ_AT_ONCE = 65_536
_CHILD = "from digitize.tools import child_main; child_main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLimits:
    """What one run may use."""

    wall_s: float = 300.0
    cpu_s: int = 240
    memory_mib: int = 4096
    """Address space of each process, not its resident size: libraries reserve far more than they use."""
    file_mib: int = 1024


def run(
    function: str,
    source: bytes,
    *,
    options: Mapping[str, str],
    limits: ToolLimits,
    progress: Progress,
) -> bytes:
    """Call `module:function(source, options, progress)` in a limited child process and return its bytes.

    Raises:
        TimedOut: It used more time than the limits say.
        OutOfMemory: It asked for more memory than the limits say.
        EngineFailed: It died without an answer.
        DigitizeError: The leaf that the function raised itself.
    """
    with private_folder() as folder:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own text
            [sys.executable, "-P", "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libraries print pieces of what they read
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
        )
        try:
            return _converse(child, _call(function, options, limits), source, limits, progress)
        finally:
            _end(child)


@contextmanager
def private_folder() -> Iterator[Path]:
    """Give a directory that only this user can enter and that is removed whatever happens.

    A process that is killed cannot clean up after itself; the next one to come does it: a folder whose lock nobody
    holds has lost its owner.
    """
    _remove_abandoned()
    new = Path(tempfile.mkdtemp(prefix=_NEW_PREFIX))
    folder = new.with_name(new.name.replace(_NEW_PREFIX, _FOLDER_PREFIX))
    try:
        with (new / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            new.rename(folder)  # it gets the name that is swept only now that its lock is held
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(new, ignore_errors=True)


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(_FOLDER_PREFIX + "*"):
        try:
            if folder.stat().st_uid != os.getuid():
                continue
            with (folder / _LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:  # in use, just being made, or gone already
            continue


def _environment(folder: Path) -> dict[str, str]:
    root = str(Path(__file__).resolve().parents[1])
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": root,
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "OMP_THREAD_LIMIT": "1",  # Tesseract's threads cost more processor time than they save
        "OPENBLAS_NUM_THREADS": "1",
    }


def _call(function: str, options: Mapping[str, str], limits: ToolLimits) -> bytes:
    return json.dumps(
        {
            "function": function,
            "options": dict(options),
            "memory": limits.memory_mib * _MIB,
            "cpu": limits.cpu_s,
            "file": limits.file_mib * _MIB,
        }
    ).encode()


def _converse(
    child: "subprocess.Popen[bytes]", call: bytes, source: bytes, limits: ToolLimits, progress: Progress
) -> bytes:
    if child.stdin is None or child.stdout is None:  # pipes were asked for above
        raise EngineFailed("the child process has no pipes")
    Thread(target=_send, args=(child.stdin, call, source), daemon=True).start()
    frames = _Frames(child.stdout, time.monotonic() + limits.wall_s)
    while True:
        kind, body = frames.next(child)
        if kind == _RESULT:
            return body
        if kind == _ERROR:
            raise by_code(body.decode("ascii", "replace"))("the reader refused the file")
        done, total, label = json.loads(body)
        progress(int(done), int(total), str(label))


def _send(pipe: IO[bytes], call: bytes, source: bytes) -> None:
    try:
        with pipe:
            for part in (call, source):
                pipe.write(struct.pack(">Q", len(part)))
                pipe.write(part)
    except OSError:  # the child died; what it answered (or not) is judged by the reader
        return


class _Frames:
    """Reads frames from the child until a moment of the monotonic clock."""

    def __init__(self, pipe: IO[bytes], deadline: float) -> None:
        self._pipe = pipe
        self._deadline = deadline
        self._buffer = bytearray()
        self._selector = selectors.DefaultSelector()
        self._selector.register(pipe, selectors.EVENT_READ)

    def next(self, child: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
        """Return the next frame's kind and body."""
        kind, length = _FRAME.unpack(self._take(_FRAME.size, child))
        if length > _MAX_FRAME or kind not in {_PROGRESS, _RESULT, _ERROR}:
            raise EngineFailed("the child process answered out of turn")
        return kind, self._take(length, child)

    def _take(self, length: int, child: "subprocess.Popen[bytes]") -> bytes:
        while len(self._buffer) < length:
            left = self._deadline - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                raise TimedOut("the reader used more time than it was given")
            part = os.read(self._pipe.fileno(), _READ_AT_ONCE)
            if not part:
                _raise_for_death(child)
            self._buffer += part
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken


def _raise_for_death(child: "subprocess.Popen[bytes]") -> Never:
    try:
        code = child.wait(_GRACE_S)
    except subprocess.TimeoutExpired as err:
        raise EngineFailed("the child process closed its answer") from err
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:  # the kernel's answers to the processor-time limit
        raise TimedOut("the reader used more processor time than it was given")
    if code in {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}:  # how native code ends when memory is refused
        raise OutOfMemory("the reader died, most likely for lack of memory")
    raise EngineFailed("the reader died without an answer")


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Kill the child and all it started; wait so that no folder is removed under a living process."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()


def child_main() -> None:
    """Answer one call: the child's whole life."""
    stdin, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # a library's print must not look like an answer
    call = json.loads(_receive(stdin))
    source = _receive(stdin)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the paper
    resource.setrlimit(resource.RLIMIT_AS, (call["memory"], call["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (call["cpu"], call["cpu"] + _GRACE_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (call["file"], call["file"]))
    answer_call(call["function"], call["options"], source, lambda kind, body: _answer(answers, kind, body))


def answer_call(
    function: str, options: Mapping[str, str], source: bytes, answer: Callable[[bytes, bytes], None]
) -> None:
    """Call the named function and answer with its result or its error's code."""

    def progress(done: int, total: int, label: str) -> None:
        answer(_PROGRESS, json.dumps([done, total, label]).encode())

    module, _, name = function.partition(":")
    try:
        target: ChildFunction = getattr(import_module(module), name)
        answer(_RESULT, target(source, options, progress))
    except DigitizeError as err:
        answer(_ERROR, err.code.encode())
    except MemoryError:
        answer(_ERROR, OutOfMemory.code.encode())


def _receive(pipe: IO[bytes]) -> bytes:
    (length,) = struct.unpack(">Q", pipe.read(8))
    return pipe.read(length)


def _answer(pipe: IO[bytes], kind: bytes, body: bytes) -> None:
    whole = memoryview(_FRAME.pack(kind, len(body)) + body)
    while whole:
        whole = whole[pipe.write(whole) :]
