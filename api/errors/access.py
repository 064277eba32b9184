"""Who is calling and what that caller may do: what can go wrong."""

from api.errors.base import AnsoError


class TokenMissing(AnsoError):
    """The route needs a bearer token and none was sent."""

    code = "TOKEN_MISSING"


class TokenInvalid(AnsoError):
    """The token is not one that the configured issuer made for us."""

    code = "TOKEN_INVALID"


class TokenExpired(AnsoError):
    """The token was good once; its time is over."""

    code = "TOKEN_EXPIRED"


class RoleMissing(AnsoError):
    """The caller is known but holds none of the roles that the route needs."""

    code = "ROLE_MISSING"


class Forbidden(AnsoError):
    """The caller has the role, but not for this thing."""

    code = "FORBIDDEN"


class SamePerson(AnsoError):
    """A step that needs two natural persons was tried by one, perhaps with two accounts."""

    code = "SAME_PERSON"


class SecondFactorRequired(AnsoError):
    """The caller enrolled a second factor and sent no code."""

    code = "SECOND_FACTOR_REQUIRED"


class SecondFactorInvalid(AnsoError):
    """The code does not belong to the caller's factor at this moment."""

    code = "SECOND_FACTOR_INVALID"


class SecondFactorReplayed(AnsoError):
    """The code was good and has been used already. RFC 6238 §5.2: one-time only."""

    code = "SECOND_FACTOR_REPLAYED"


class RateLimited(AnsoError):
    """Too many requests from this client in the window.

    Args:
        retry_after_s: whole seconds until the next request may pass.
    """

    code = "RATE_LIMITED"
    retryable = True

    def __init__(self, detail_vi: str = "", detail_en: str = "", *, retry_after_s: int = 1) -> None:
        super().__init__(detail_vi, detail_en)
        self.retry_after_s = retry_after_s
