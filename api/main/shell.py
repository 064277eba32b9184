"""The outermost layer of every request: its id, its log line, its security headers, its counters.

Pure ASGI: a streamed answer passes through untouched, a disconnect is seen. Must not know routes.
"""

import re
import secrets
import time
import uuid
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.context import Metrics
from api.errors import BodyTooLarge
from api.log import logger, redact_text
from api.main.errors import problem_response

# The client's own id is kept when it is a plain token without anything personal in it.
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TOO_LARGE: Final = 413
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LOG: Final = logger("http")
_FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "X-Api-Version": "v1",
}


def content_security_policy(nonce: str) -> str:
    """The strict policy: our own files only, scripts and styles only with this answer's nonce or from us."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


class Shell:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request inside the shell."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = _origin_form(scope)
        state = scope.setdefault("state", {})
        state["request_id"] = _request_id(Headers(scope=scope).get("x-request-id"))
        state["csp_nonce"] = secrets.token_urlsafe(16)
        answer = _Answer(scope, receive, send, state)
        self._metrics.begin()
        began = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=state["request_id"]):
            try:
                await self._app(scope, receive, answer.send)
            except Exception:
                # the framework's last handler has answered with an incident number and logged it; raised on,
                # the server would log the same again, unredacted
                if not answer.started:
                    raise
            finally:
                self._record(scope, answer.status, time.monotonic() - began)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        """One log line and the counters: the route's template, never the address, which may hold anything."""
        route = getattr(scope.get("route"), "path_format", None) or "(none)"
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._metrics.end(method=method, route=route, status=status, seconds=seconds)
        _LOG.info("request", method=method, route=route, status=status, ms=round(seconds * 1000))


class _Answer:
    """What goes out: with our headers, and in our form where the framework answers in plain text."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, state: dict[str, object]) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._state = state
        self.started = False
        self.status = 499  # the client went away before an answer began
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Pass one message of the answer on."""
        if message["type"] == "http.response.start":
            self.started = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            # the framework's body limit answers 413 below every error handler, in plain text
            if message["status"] == _TOO_LARGE and headers.get("content-type", "").startswith("text/plain"):
                self._replaced = True
                problem = problem_response(Request(self._scope), BodyTooLarge())
                _add_headers(problem.headers, self._state)
                await problem(self._scope, self._receive, self._send)
                return
            _add_headers(headers, self._state)
        if not self._replaced:
            await self._send(message)


def _origin_form(scope: Scope) -> Scope:
    """RFC 9112 §3.2.2: a client with a proxy setting names the whole address; only its path concerns us."""
    if not scope["path"].startswith(("http://", "https://")):
        return scope
    path = "/" + scope["path"].partition("://")[2].partition("/")[2]
    raw_path = b"/" + scope["raw_path"].partition(b"://")[2].partition(b"/")[2]
    return {**scope, "path": path, "raw_path": raw_path}


def _request_id(sent: str | None) -> str:
    if sent is not None and _REQUEST_ID.fullmatch(sent) and redact_text(sent) == sent:
        return sent
    return uuid.uuid4().hex


def _add_headers(headers: MutableHeaders, state: dict[str, object]) -> None:
    for name, value in _FIXED.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = str(state["request_id"])
    headers.setdefault("Content-Security-Policy", content_security_policy(str(state["csp_nonce"])))
    headers.setdefault("Cache-Control", "no-store")
    limit = state.get("rate_limit")
    if isinstance(limit, dict):
        headers.update(limit)
