"""May a clock be trusted to stamp time with? A decision from samples; nothing is measured here.

Three witnesses: references elsewhere (their offsets, each with its uncertainty), the machine's running time, which no
one can set, and the kernel's own word about its synchronisation. A minority of references may lie without effect; where
they do not agree, or too few answer, the clock is not trusted. Knows no network and reads no clock.

EN 319 421 §7.7.2: the authority's clock is kept within its accuracy, and when it is not, no time-stamp is issued.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ClockFault(StrEnum):
    """Why a clock is not trusted."""

    TOO_FEW_REFERENCES = "too_few_references"
    """No majority of the configured references answered lately."""
    REFERENCES_DISAGREE = "references_disagree"
    """No majority of them can be right together."""
    OFF = "off"
    """It may be further from its references than is allowed."""
    JUMPED = "jumped"
    """It was set: it and the machine's running time have moved differently."""
    NOT_SYNCHRONISED = "not_synchronised"
    """The kernel says that nothing keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """Both clocks at one moment."""

    wall: datetime
    """UTC, as it would be stamped."""
    running_s: float
    """Seconds since an arbitrary start that nobody can set, sleep included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceSample:
    """What one reference said."""

    name: str
    offset_s: float
    """Its time minus ours; positive when we are late."""
    uncertainty_s: float
    """The true offset lies within this distance: half the way there and back, and what the reference admits."""
    running_s: float
    """When it was asked, on the running clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockPolicy:
    """What is demanded."""

    references: int
    """How many are configured; 0: only jumps and the kernel are looked at."""
    max_offset: timedelta = timedelta(seconds=1)
    """Beyond it nothing is stamped; what is uncertain counts against the clock."""
    max_jump: timedelta = timedelta(milliseconds=500)
    max_age: timedelta = timedelta(minutes=5)
    """Older samples are no witnesses."""
    needs_kernel: bool = False
    """Whether the kernel must say that it is synchronised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockVerdict:
    """The decision."""

    fault: ClockFault | None
    offset_s: float | None = None
    """The middle of what the agreeing references allow; None without references."""
    dissenters: tuple[str, ...] = ()
    """References that cannot be right if the majority is."""

    @property
    def is_trusted(self) -> bool:
        """Whether time may be stamped."""
        return self.fault is None


def judge_clock(
    policy: ClockPolicy,
    anchor: ClockReading,
    now: ClockReading,
    samples: Sequence[ReferenceSample],
    *,
    kernel_synchronised: bool | None,
) -> ClockVerdict:
    """Decide about a clock.

    Args:
        policy: the demands.
        anchor: both clocks when the samples were taken, or at the start.
        now: both clocks now.
        samples: the newest of each reference.
        kernel_synchronised: the kernel's word; None when it cannot be asked.
    """
    drift = (now.wall - anchor.wall).total_seconds() - (now.running_s - anchor.running_s)
    if abs(drift) > policy.max_jump.total_seconds():
        return ClockVerdict(fault=ClockFault.JUMPED)
    if policy.needs_kernel and kernel_synchronised is not True:
        return ClockVerdict(fault=ClockFault.NOT_SYNCHRONISED)
    if policy.references == 0:
        return ClockVerdict(fault=None)
    oldest = now.running_s - policy.max_age.total_seconds()
    fresh = [sample for sample in samples if oldest <= sample.running_s <= now.running_s]
    needed = policy.references // 2 + 1
    if len(fresh) < needed:
        return ClockVerdict(fault=ClockFault.TOO_FEW_REFERENCES)
    return _against(fresh, needed, policy.max_offset.total_seconds(), drift)


def _against(samples: Sequence[ReferenceSample], needed: int, allowed_s: float, drift_s: float) -> ClockVerdict:
    """Judge by the interval that most references allow (Marzullo's algorithm, RFC 5905 §11.2.1).

    Args:
        samples: usable ones.
        needed: a majority of the configured ones, not of those that answered.
        allowed_s: the largest offset.
        drift_s: how far the clock has moved by itself since the samples were taken.
    """
    low, high, agreeing = _intersection(samples)
    if agreeing < needed:
        return ClockVerdict(fault=ClockFault.REFERENCES_DISAGREE)
    dissenters = tuple(one.name for one in samples if _low(one) > high or _high(one) < low)
    low, high = low - drift_s, high - drift_s
    # not the middle: whatever the agreeing references still allow must be near enough
    is_off = max(abs(low), abs(high)) > allowed_s
    return ClockVerdict(fault=ClockFault.OFF if is_off else None, offset_s=(low + high) / 2, dissenters=dissenters)


def _intersection(samples: Sequence[ReferenceSample]) -> tuple[float, float, int]:
    """Return the interval that the largest number of samples allow, and that number."""
    edges = sorted([(_low(one), 0) for one in samples] + [(_high(one), 1) for one in samples])
    best, found, count = (0.0, 0.0), 0, 0
    for index, (place, is_end) in enumerate(edges):
        if is_end:
            count -= 1
            continue
        count += 1
        if count > found:
            found, best = count, (place, edges[index + 1][0])
    return (*best, found)


def _low(sample: ReferenceSample) -> float:
    return sample.offset_s - sample.uncertainty_s


def _high(sample: ReferenceSample) -> float:
    return sample.offset_s + sample.uncertainty_s
