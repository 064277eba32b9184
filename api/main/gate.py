"""Who calls is asked before a body is read: an upload without a token costs its headers only.

The framework parses a body before it runs a route's dependencies. This layer finds the route first, lets its
declaration decide, and only then passes on. Knows declarations; must not know any resource. Pure ASGI.
"""

from contextlib import ExitStack
from typing import Protocol

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from api.context import Public, client_of
from api.main.description import api_routes, declaration


class _Answer(Protocol):
    def __call__(self, request: Request, error: Exception) -> Response: ...


class Gate:
    """ASGI middleware in front of the framework's own stack."""

    def __init__(self, inner: ASGIApp, app: FastAPI, answer: _Answer) -> None:
        self._inner = inner
        self._app = app
        self._answer = answer
        self._routes: tuple[APIRoute, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless it brings a body to a route that it may not use."""
        route = self._route(scope) if scope["type"] == "http" and _has_body(scope) else None
        declared = None if route is None else declaration(route)
        if declared is None:
            await self._inner(scope, receive, send)
            return
        request = Request(scope)
        with ExitStack() as served:
            try:
                await run_in_threadpool(declared.admit, request)
                if isinstance(declared, Public) and declared.limited:
                    served.enter_context(self._app.state.presence.of(client_of(request)))
            except Exception as err:  # noqa: BLE001 - what the error handlers below would answer
                scope["route"] = route
                refused = self._answer(request, err)
                refused.headers["Connection"] = "close"  # RFC 9112 §9.6: the rest of the body is not wanted
                await refused(scope, receive, send)
                return
            await self._inner(scope, receive, send)

    def _route(self, scope: Scope) -> APIRoute | None:
        """The route that will answer; the first full match, as the framework chooses."""
        if not self._routes:
            self._routes = tuple(api_routes(self._app))  # none is added once requests come
        for route in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                return route
        return None


def _has_body(scope: Scope) -> bool:
    # RFC 9112 §6: a body is announced by one of these two fields
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
