"""Records of agencies, people and dossiers: what can go wrong."""

from api.errors.base import AnsoError


class NotFound(AnsoError):
    """There is no such thing, or the caller may not know that there is."""

    code = "NOT_FOUND"


class AlreadyExists(AnsoError):
    """The same thing is recorded already."""

    code = "ALREADY_EXISTS"


class OrganisationClosed(AnsoError):
    """The organisation unit does not work at that moment (closed, merged or not yet valid)."""

    code = "ORG_CLOSED"


class StateConflict(AnsoError):
    """The thing is not in a state from which this step is possible."""

    code = "STATE_CONFLICT"
