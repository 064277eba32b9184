"""A pair of clocks: one that can be set, one that cannot."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass
class JumpingClock:
    """`set_by` moves the wall alone, `pass_time` both."""

    wall: datetime = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    ran_s: float = 1000.0

    def now(self) -> datetime:
        return self.wall

    def running(self) -> float:
        return self.ran_s

    def set_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)

    def pass_time(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ran_s += seconds
