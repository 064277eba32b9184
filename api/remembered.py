"""Reports of the last minutes, so that a file that many people ask about is checked once.

In this process's memory only, bounded by count and by bytes, the longest unused goes first. A key holds a file's
SHA-256 and what it was judged by, never a name, a password or any of its bytes. Knows keys and reports; what makes two
questions the same is for who asks to say.
"""

import pickle
import threading
from collections import OrderedDict
from collections.abc import Hashable

from signing.validation import Report


class RememberedReports:
    """A bounded store of reports; safe to use from many threads."""

    def __init__(self, *, max_count: int, max_bytes: int) -> None:
        """Bounds of 0: nothing is remembered."""
        self._max_count, self._max_bytes = max_count, max_bytes
        self._kept: OrderedDict[Hashable, tuple[Report, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> Report | None:
        """Return the report to exactly this question, if it is still here."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Hashable, report: Report) -> None:
        """Remember a report, and forget others for it where that is needed."""
        if not self._max_bytes:
            return
        size = len(pickle.dumps(report))  # about what it takes in memory, in one step
        if size > self._max_bytes:
            return
        with self._lock:
            self._drop(key)
            self._kept[key] = (report, size)
            self._bytes += size
            while self._bytes > self._max_bytes or len(self._kept) > self._max_count:
                self._drop(next(iter(self._kept)))

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: Hashable) -> None:
        self._bytes -= self._kept.pop(key, (None, 0))[1]
