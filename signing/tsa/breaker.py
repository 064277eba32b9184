"""Who failed a moment ago is left alone for a while, longer each time; then one call tries whether it is back.

Knows one authority's recent luck. Must not know what is asked. Not safe for threads by itself: the rota locks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

FIRST_REST_S: Final = 5.0
LONGEST_REST_S: Final = 300.0
SPREAD: Final = 0.25
"""Part of the rest that is drawn by lot, so that many processes do not come back at the same moment."""


@dataclass(slots=True, kw_only=True)
class Breaker:
    """Closed while all is well; open after a failure, and half open when its rest is over."""

    running: Callable[[], float]
    """Seconds that nobody can set."""
    lot: Callable[[], float]
    """Between 0 and 1."""
    failures: int = 0
    """Since the last success."""
    rests_until: float = 0.0
    is_probing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is left alone now; after a rest one call at a time finds out, and the others do not wait."""
        return self.failures > 0 and (self.is_probing or self.running() < self.rests_until)

    def admits(self) -> bool:
        """Whether it may be asked now; whoever is admitted says afterwards how it went."""
        if self.is_open:
            return False
        self.is_probing = self.failures > 0
        return True

    def succeeded(self) -> None:
        """It answered."""
        self.failures, self.is_probing = 0, False

    def failed(self) -> None:
        """It did not."""
        self.failures += 1
        self.is_probing = False
        rest_s = min(LONGEST_REST_S, FIRST_REST_S * 2 ** min(self.failures - 1, 10))
        self.rests_until = self.running() + rest_s * (1 + SPREAD * self.lot())
