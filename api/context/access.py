"""The two ways into a route: with one of the named roles, or without login.

Knows requests, tokens and grants through `api.auth`. Must not know any resource.
"""

from collections.abc import Callable
from dataclasses import replace

from fastapi import Request

from api.auth import Authenticator
from api.callers import ANONYMOUS, Caller, Purpose, Role
from api.context.call import Call
from api.context.limiter import RateLimiter
from api.problems import choose_language
from api.services import Services


class Access:
    """A dependency for routes that need one of `roles`, for one purpose."""

    def __init__(self, roles: tuple[Role, ...], purpose: Purpose) -> None:
        if not roles or not all(role.is_grantable for role in roles):
            raise ValueError("name the roles; routes without login use public()")
        self.roles = roles
        self.purpose = purpose

    def __call__(self, request: Request) -> Call:
        """Check the bearer token and the grants, unless the gate did; give the call."""
        caller = _admitted(request, self) or self.admit(request)
        return _call(request, caller, request.app.state.services, self.purpose)

    def admit(self, request: Request) -> Caller:
        """Check the bearer token and the grants; nothing of the body is needed."""
        services: Services = request.app.state.services
        authenticator: Authenticator = request.app.state.authenticator
        sent = request.headers
        caller = authenticator.authenticate(
            sent.get("authorization"), self.roles, services.clock(), org_code=sent.get("anso-org")
        )
        request.state.admitted = (self, caller)
        return caller


class Public:
    """A dependency for routes without login, for one purpose, limited per client."""

    def __init__(self, purpose: Purpose, *, limited: bool) -> None:
        self.purpose = purpose
        self.limited = limited

    def __call__(self, request: Request) -> Call:
        """Count the request against the client's limit, unless the gate did; give the call."""
        caller = _admitted(request, self) or self.admit(request)
        return _call(request, caller, request.app.state.services, self.purpose)

    def admit(self, request: Request) -> Caller:
        """Count the request against the client's limit; nothing of the body is needed."""
        if self.limited:
            limiter: RateLimiter = request.app.state.limiter
            request.state.rate_limit = limiter.take(client_of(request)).headers()
        request.state.admitted = (self, ANONYMOUS)
        return ANONYMOUS


def access(*roles: Role, purpose: Purpose) -> Callable[[Request], Call]:
    """Declare who may call a route: `call: Annotated[Call, Depends(access(Role.CLERK, purpose=…))]`."""
    return Access(roles, purpose)


def public(*, purpose: Purpose, limited: bool = True) -> Callable[[Request], Call]:
    """Declare a route without login: `call: Annotated[Call, Depends(public(purpose=…))]`."""
    return Public(purpose, limited=limited)


def client_of(request: Request) -> str:
    """Whose limits a request without login counts against."""
    return request.client.host if request.client else "unknown"


def _admitted(request: Request, declared: Access | Public) -> Caller | None:
    """Whom the gate let in by this very declaration, before the body was read."""
    by, caller = getattr(request.state, "admitted", (None, None))
    return caller if by is declared else None


def _call(request: Request, caller: Caller, services: Services, purpose: Purpose) -> Call:
    request.state.account_id = caller.account_id
    return Call(
        services=services,
        caller=replace(caller, purpose=purpose, request_id=request.state.request_id),
        at=services.clock(),
        request_id=request.state.request_id,
        idempotency_key=request.headers.get("idempotency-key"),
        language=choose_language(request.headers.get("accept-language")),
        operation=f"{request.method} {request.url.path}",
    )
