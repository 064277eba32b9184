"""Two at once, or the same twice: what can go wrong."""

from api.errors.base import AnsoError


class VersionConflict(AnsoError):
    """The thing changed since the caller read it."""

    code = "VERSION"


class IdempotencyKeyRequired(AnsoError):
    """The route signs, issues, revokes, shares or stores and needs an Idempotency-Key."""

    code = "IDEMPOTENCY_KEY_REQUIRED"


class IdempotencyKeyReused(AnsoError):
    """The key was used for another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class RequestInFlight(AnsoError):
    """The first request with this key is still being worked on."""

    code = "REQUEST_IN_FLIGHT"
    retryable = True
