"""Whether this process can work now.

Knows the parts that every request needs. Must not repair anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from api import migrations
from api.db import DatabaseUnreachable
from api.services import Services

CLOCK: Final = "clock"
SIGNER: Final = "signer"
TIMESTAMPS: Final = "timestamps"
_BESIDE: Final = frozenset({CLOCK, SIGNER, TIMESTAMPS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Each part and whether it is good."""

    checks: Mapping[str, bool]

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served. Without a trusted clock or a signer most can: what signs is refused then.

        Without any time-stamp authority signatures are completed later.
        """
        return all(good for name, good in self.checks.items() if name not in _BESIDE)


def check_readiness(services: Services) -> Readiness:
    """Ask the database for its schema, the guard for the clock, the desk for its signer; the rest is part of those."""
    beside = {
        CLOCK: services.clock_guard.verdict().is_trusted,
        SIGNER: services.desk.answers(),
        TIMESTAMPS: any(not one.is_resting for one in services.timestamps.standings()),
    }
    try:
        current = migrations.current(services.db)
    except DatabaseUnreachable:
        return Readiness(checks={"database": False, "schema": False, **beside})
    return Readiness(checks={"database": True, "schema": current == migrations.newest(), **beside})
