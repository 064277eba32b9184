"""Watches this process's clock and says whether time may be stamped with it.

Asks the references when its samples are old, on demand and for a bounded time; between two rounds every question
compares the clock with the running time. One guard per process, used by all its threads. Decides nothing itself:
that is `signing.tsa.judge_clock`.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.log import logger
from api.timekeeping.sntp import Reference, ask_references
from signing.tsa import ClockFault, ClockPolicy, ClockReading, ClockVerdict, ReferenceSample, judge_clock

_LOG: Final = logger("clock")
ROUND_S: Final = 64.0
"""Samples older than this are replaced."""
AGAIN_S: Final = 5.0
"""An untrusted clock is asked about again no sooner."""
PATIENCE_S: Final = 1.0
"""Longest time one round may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """One round of questions."""

    anchor: ClockReading
    samples: tuple[ReferenceSample, ...]


class ClockGuard:
    """The guard of one process.

    Args:
        policy: what is demanded.
        references: whom to ask; none: only jumps since the start, and the kernel, are looked at.
        clock: the moment now, as it would be stamped.
        running: seconds that nobody can set.
        kernel: the kernel's word on its synchronisation.
    """

    def __init__(
        self,
        policy: ClockPolicy,
        references: Sequence[Reference],
        *,
        clock: Callable[[], datetime],
        running: Callable[[], float],
        kernel: Callable[[], bool | None],
    ) -> None:
        self._policy = policy
        self._references = tuple(references)
        self._clock, self._running, self._kernel = clock, running, kernel
        self._lock = threading.Lock()
        self._round = _Round(anchor=self.read(), samples=())
        self._is_asked = False
        self._said: ClockVerdict | None = None

    def read(self) -> ClockReading:
        """Both clocks now."""
        return ClockReading(wall=self._clock(), running_s=self._running())

    def verdict(self) -> ClockVerdict:
        """Whether time may be stamped now."""
        with self._lock:
            verdict = self._judge()
            if self._references and self._is_due(verdict):
                self._ask(keep=verdict.fault is not ClockFault.JUMPED)
                verdict = self._judge()
            self._say(verdict)
            return verdict

    def _judge(self) -> ClockVerdict:
        kernel = self._kernel() if self._policy.needs_kernel else None
        return judge_clock(
            self._policy, self._round.anchor, self.read(), self._round.samples, kernel_synchronised=kernel
        )

    def _is_due(self, verdict: ClockVerdict) -> bool:
        age = self._running() - self._round.anchor.running_s
        return not self._is_asked or age >= (ROUND_S if verdict.is_trusted else AGAIN_S)

    def _ask(self, *, keep: bool) -> None:
        """A new round; who does not answer this time is believed a little longer, unless the clock was set."""
        fresh = {sample.name: sample for sample in ask_references(self._references, self.read, timeout_s=PATIENCE_S)}
        before, now = self._round.anchor, self.read()
        drift_s = (now.wall - before.wall).total_seconds() - (now.running_s - before.running_s)
        older = [replace(one, offset_s=one.offset_s - drift_s) for one in self._round.samples if one.name not in fresh]
        self._round = _Round(anchor=now, samples=(*fresh.values(), *(older if keep else ())))
        self._is_asked = True

    def _say(self, verdict: ClockVerdict) -> None:
        """Once for every change: the log of an authority must show when its clock was lost and found (EN 319 421)."""
        if self._said is not None and (self._said.fault, self._said.dissenters) == (verdict.fault, verdict.dissenters):
            return
        known, self._said = self._said, verdict
        if not verdict.is_trusted:
            _LOG.error("clock_not_trusted", fault=verdict.fault, offset_s=verdict.offset_s)
        elif verdict.dissenters:
            _LOG.warning("time_references_dissent", references=verdict.dissenters, offset_s=verdict.offset_s)
        elif known is not None:
            _LOG.info("clock_trusted", offset_s=verdict.offset_s)
