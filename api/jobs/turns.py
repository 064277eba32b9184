"""Whose turn it is to compute: of several jobs in one process that work through long lists, one at a time.

Two threads that both compute take the interpreter from each other at every call that lets go of it, some hundred times
a document: 200 signatures cost a third more CPU in two lanes than in one, and took longer. While one waits for somebody
else, another goes on. Knows threads only.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """The turn of one process; who asks first gets it first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False
        self._own = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Compute while nobody else does. To be left often: the next one waits meanwhile.

        Raises:
            RuntimeError: this thread has the turn; it would wait for itself.
        """
        if getattr(self._own, "has_turn", False):
            raise RuntimeError("a turn is not taken twice")
        self._take()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Wait for somebody else's service while others compute; does nothing for a thread that has no turn."""
        if not getattr(self._own, "has_turn", False):
            yield
            return
        self._leave()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        with self._lock:
            gate = threading.Lock() if self._is_taken else None
            if gate is not None:
                gate.acquire()
                self._waiting.append(gate)
            self._is_taken = True
        if gate is not None:
            gate.acquire()  # opened by who leaves
        self._own.has_turn = True

    def _leave(self) -> None:
        self._own.has_turn = False
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False
