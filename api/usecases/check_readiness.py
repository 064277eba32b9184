"""Whether this process can work now.

Knows the parts that every request needs. Must not repair anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from api import migrations
from api.db import DatabaseUnreachable
from api.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Each part and whether it is good."""

    checks: Mapping[str, bool]

    @property
    def is_ready(self) -> bool:
        """Whether all parts are."""
        return all(self.checks.values())


def check_readiness(services: Services) -> Readiness:
    """Ask the database for its schema; the rest is part of that answer."""
    try:
        current = migrations.current(services.db)
    except DatabaseUnreachable:
        return Readiness(checks={"database": False, "schema": False})
    return Readiness(checks={"database": True, "schema": current == migrations.newest()})
