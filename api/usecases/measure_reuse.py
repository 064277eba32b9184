"""How much of what is digitised is really used again: the official rate and the strict one, side by side."""

from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.records.reuse_figures import Grouping, Period, ReuseRecords
from api.services import Services
from vault.reuse import NO_FIGURES, ReuseFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureReuse:
    """Which dossiers, by reception, and how they are sliced."""

    period: Period
    grouping: Grouping = Grouping.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseMeasured:
    """The whole and its slices."""

    total: ReuseFigures
    groups: tuple[tuple[str, ReuseFigures], ...]
    """(key, figures) in order of the keys; empty without grouping."""


def measure_reuse(command: MeasureReuse, services: Services, caller: Caller, at: datetime) -> ReuseMeasured:
    """Count. The figures name nobody, so the ledger does not record who looked at them."""
    del caller, at
    with services.db.reading() as tx:
        found = ReuseRecords(tx).figures(command.period, command.grouping)
    total = sum(found.values(), NO_FIGURES)
    groups = () if command.grouping is Grouping.NONE else tuple(found.items())
    return ReuseMeasured(total=total, groups=groups)
