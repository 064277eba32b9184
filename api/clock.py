"""The clock of this machine, read by whoever begins something: a service, a command. All else is told the moment.

Knows nothing else, so that it costs nothing to import.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The moment now, UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place
