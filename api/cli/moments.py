"""Reads a moment from the command line: ISO 8601 with a time zone, or the command ends as wrongly used."""

from datetime import datetime

from api.cli.exits import Exit, fail


def read_moment(text: str, option: str = "--at") -> datetime:
    """Return the moment; without a time zone nobody knows which one is meant."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        fail(Exit.USAGE, f"{option}: 2026-08-05T09:00:00+07:00")
    if moment.tzinfo is None:
        fail(Exit.USAGE, f"{option}: thiếu múi giờ / time zone missing")
    return moment
