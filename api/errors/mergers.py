"""Mergers of agencies: what can go wrong."""

from api.errors.base import AnsoError


class MergerMomentPast(AnsoError):
    """A merger is announced before its legal moment, which is the beginning of a day in Viet Nam."""

    code = "MERGER_MOMENT"


class MergerAlreadyPlanned(AnsoError):
    """One of the two units is part of another merger that is not over."""

    code = "MERGER_ALREADY_PLANNED"


class MergerNotDue(AnsoError):
    """The legal moment has not come: nothing is done before it."""

    code = "MERGER_NOT_DUE"
    retryable = True
