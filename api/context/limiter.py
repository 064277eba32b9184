"""How many requests one client may send to routes without login, in a time and at a time.

Knows counters per client. Must not know routes. Counters live in this process: with N processes a client
gets N times as much, which is still a bound.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from api.errors import RateLimited


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What is left in the window, for the RateLimit header fields."""

    name: str
    quota: int
    window_s: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """The header fields of draft-ietf-httpapi-ratelimit-headers-11."""
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.quota};w={self.window_s}',
            "RateLimit": f'"{self.name}";r={self.remaining};t={self.reset_s}',
        }


class RateLimiter:
    """Fixed windows per client; `rate` as in `120/minute`."""

    def __init__(self, rate: str) -> None:
        self._rate = parse(rate)
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def take(self, client: str, cost: int = 1) -> Allowance:
        """Count one request of this client, or a request that is worth several.

        Raises:
            RateLimited: the window is used up; says when the next one opens.
        """
        passed = self._windows.hit(self._rate, client, cost=cost)
        stats = self._windows.get_window_stats(self._rate, client)
        reset_s = max(1, int(stats.reset_time - time.time()) + 1)
        if not passed:
            raise RateLimited(
                f"Xin thử lại sau {reset_s} giây.", f"Try again in {reset_s} seconds.", retry_after_s=reset_s
            )
        return Allowance(
            name="public",
            quota=self._rate.amount,
            window_s=self._rate.get_expiry(),
            remaining=stats.remaining,
            reset_s=reset_s,
        )


class Presence:
    """How many uploads of each client are being served now."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._present: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, client: str) -> Iterator[None]:
        """One more of this client's, as long as it is served.

        Raises:
            RateLimited: as many of them as may be are served already.
        """
        with self._lock:
            if self._present[client] >= self._most:
                raise RateLimited("Quá nhiều tệp gửi cùng lúc.", "Too many uploads at a time.", retry_after_s=1)
            self._present[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._present[client] -= 1
                if not self._present[client]:
                    del self._present[client]
