"""How much of uploads lies in memory at a time: a body beyond that is refused with 503, and nothing else suffers.

Bodies are never written to disk, so memory is what bounds them. Counts what came, not what was announced: a client that
announces much and sends little takes nobody's place. Pure ASGI. Must not know any resource.
"""

from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import UploadsFull

_SMALL: Final = 64 * 1024  # always taken: an order to sign or to revoke does not wait for uploads


class _Answer(Protocol):
    def __call__(self, request: Request, error: Exception) -> Response: ...


class Intake:
    """ASGI middleware around everything that reads bodies."""

    def __init__(self, app: ASGIApp, answer: _Answer, *, max_bytes: int) -> None:
        self._app = app
        self._answer = answer
        self._max_bytes = max_bytes
        self._held = 0  # only ever touched by the event loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and count its body as long as it is served."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(self, receive)
        if self._is_hopeless(scope):
            await self._refuse(scope, receive, send)
            return

        async def answered(message: Message) -> None:
            if not body.refused:
                await send(message)
            elif message["type"] == "http.response.start":  # what readers of a body make of our refusal differs
                await self._refuse(scope, receive, send)

        try:
            await self._app(scope, body.receive, answered)
        finally:
            self._held -= body.held

    def take(self, body: "_Body", size: int) -> None:
        """Count a piece of a body.

        Raises:
            UploadsFull: there is no place for it.
        """
        if body.held + size > _SMALL and self._held + size > self._max_bytes:
            body.refused = True
            raise UploadsFull
        self._held += size
        body.held += size

    def _is_hopeless(self, scope: Scope) -> bool:
        """Whether the announced body has no place even now: no need to receive half of it."""
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0
        return size > _SMALL and self._held + size > self._max_bytes and self._held > 0

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._answer(Request(scope), UploadsFull())
        refused.headers["Connection"] = "close"  # RFC 9112 §9.6: the rest of the body is not wanted
        await refused(scope, receive, send)


class _Body:
    """One request's body on its way in."""

    def __init__(self, intake: Intake, receive: Receive) -> None:
        self._intake = intake
        self._receive = receive
        self.held = 0
        self.refused = False

    async def receive(self) -> Message:
        """The next piece."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._intake.take(self, len(message.get("body", b"")))
        return message
