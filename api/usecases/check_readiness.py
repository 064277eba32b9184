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


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Each part and whether it is good."""

    checks: Mapping[str, bool]

    @property
    def is_ready(self) -> bool:
        """Whether requests can be served. Without a trusted clock they can: time-stamps alone are refused then."""
        return all(good for name, good in self.checks.items() if name != CLOCK)


def check_readiness(services: Services) -> Readiness:
    """Ask the database for its schema, and the guard for the clock; the rest is part of those answers."""
    clock = services.clock_guard.verdict().is_trusted
    try:
        current = migrations.current(services.db)
    except DatabaseUnreachable:
        return Readiness(checks={"database": False, "schema": False, CLOCK: clock})
    return Readiness(checks={"database": True, "schema": current == migrations.newest(), CLOCK: clock})
