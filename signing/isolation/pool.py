"""Shares the workers out among callers: a bounded queue, and a second lane beside work that takes long.

Usual work takes a fraction of a second. A call that still runs after ``long_s`` leaves the lane: one more worker may
start for the others, up to ``spare`` of them, and the long call goes on with less urgency until its own limit. So some
slow files do not keep everybody waiting. Knows calls; must not know what is worked on.
"""

import contextlib
import queue
import threading
from collections.abc import Sequence
from typing import Any, Self

from signing.isolation.failures import WorkCrashed, WorkersBusy
from signing.isolation.messages import OWN_PACKAGES, is_within
from signing.isolation.process import Limits, Worker


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
        max_waiting: int = 1000,
        spare: int = 0,
        long_s: float = 3.0,
    ) -> None:
        self._packages = tuple(packages)
        self._limits = limits or Limits()
        self._preload = tuple(preload)
        self._wait_s, self._long_s = wait_s, long_s
        self._closed = False
        self._lock = threading.Lock()
        self._spare = spare
        self._places = threading.BoundedSemaphore(workers + spare + max_waiting)
        self._started: set[Worker] = set()
        self._slots: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(workers):
            self._slots.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm(self) -> None:
        """Starts the workers now, so that the first caller does not wait for imports."""
        for worker in self._take_idle():
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
        if not is_within(function, self._packages):
            raise WorkCrashed("only functions of our own packages are run")
        if not self._places.acquire(blocking=False):
            raise WorkersBusy("too many are waiting already")
        try:
            worker = self._slots.get(timeout=self._wait_s)
            return self._run(worker, function, args, timeout_s)
        except queue.Empty:
            raise WorkersBusy("every worker is busy") from None
        finally:
            self._places.release()

    def close(self) -> None:
        """Ends every worker that is idle; a busy one ends after its call. Who comes later gets WorkersBusy at once."""
        self._closed = True
        for worker in self._take_idle():
            if worker is not None:
                worker.kill()
            self._slots.put(None)  # nobody waits for a worker that will not come

    def stop(self) -> None:
        """Ends every worker now, also those that are busy: who waits for one gets WorkCrashed."""
        self.close()
        for worker in tuple(self._started):
            worker.kill()

    def _run(self, worker: Worker | None, function: str, args: tuple[object, ...], timeout_s: float) -> Any:  # noqa: ANN401 - see call
        turn = _Turn(self._long_s)
        try:
            self._require_open()
            if worker is not None and not worker.is_usable():
                worker.kill()
                worker = None
            worker = worker or self._start()
            self._require_open()  # `stop` either saw this worker, or is seen here
            worker.await_ready()
            turn.begin(worker, self._leave_lane)
            return worker.run(function, args, timeout_s)
        finally:
            turn.end()
            if worker is not None and (turn.left_lane or self._closed or not worker.is_usable()):
                worker.kill()
                worker = None
            if turn.left_lane:
                with self._lock:
                    self._spare += 1
            else:
                self._slots.put(worker)

    def _leave_lane(self) -> bool:
        """Lets another worker start in place of one that takes long; False: there is none to spare."""
        with self._lock:
            if self._spare == 0 or self._closed:
                return False
            self._spare -= 1
        self._slots.put(None)
        return True

    def _take_idle(self) -> list[Worker | None]:
        taken: list[Worker | None] = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._slots.get_nowait())
        return taken

    def _start(self) -> Worker:
        worker = Worker(self._limits, self._packages, self._preload)
        with self._lock:
            self._started = {one for one in self._started if one.is_usable()} | {worker}
        return worker

    def _require_open(self) -> None:
        if self._closed:
            raise WorkersBusy("the workers are shut down")


class _Turn:
    """One call's time in the lane."""

    def __init__(self, long_s: float) -> None:
        self._long_s = long_s
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._over = False
        self.left_lane = False

    def begin(self, worker: Worker, leave: Any) -> None:  # noqa: ANN401 - a function of the pool
        """From here on the time counts."""

        def too_long() -> None:
            with self._lock:  # an end that comes now waits, and then knows
                self.left_lane = not self._over and leave()
                if self.left_lane:
                    worker.yield_to_others()

        self._timer = threading.Timer(self._long_s, too_long)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """The call has ended; what it left or not stays so."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._over = True
