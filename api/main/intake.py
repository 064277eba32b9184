"""How much of uploads lies in memory at a time, and how long one is waited for: beyond that it is refused.

A body that has no place is answered 503, one that does not arrive 408; nothing else suffers.

Bodies are never written to disk, so memory is what bounds them. Counts what came, not what was announced: a client that
announces much and sends little takes nobody's place. Pure ASGI. Must not know any resource.
"""

import asyncio
from typing import Final, Protocol

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import AnsoError, BodyTooSlow, UploadsFull

_PATIENCE_S: Final = 30.0  # of silence, and for a whole body beside what its bytes need
_SLOWEST: Final = 8 * 1024  # bytes in a second: an old phone at the edge of the network
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
            await self._refuse(UploadsFull(), scope, receive, send)
            return

        async def answered(message: Message) -> None:
            if body.refused is None:
                await send(message)
            elif message["type"] == "http.response.start":  # what readers of a body make of our refusal differs
                await self._refuse(body.refused, scope, receive, send)

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
            body.refused = UploadsFull()
            raise body.refused
        self._held += size
        body.held += size

    def _is_hopeless(self, scope: Scope) -> bool:
        """Whether the announced body has no place even now: no need to receive half of it."""
        announced = Headers(scope=scope).get("content-length", "")
        size = int(announced) if announced.isdecimal() else 0
        return size > _SMALL and self._held + size > self._max_bytes and self._held > 0

    async def _refuse(self, error: AnsoError, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._answer(Request(scope), error)
        refused.headers["Connection"] = "close"  # RFC 9112 §9.6: the rest of the body is not wanted
        await refused(scope, receive, send)


class _Body:
    """One request's body on its way in."""

    def __init__(self, intake: Intake, receive: Receive) -> None:
        self._intake = intake
        self._receive = receive
        self._is_whole = False
        self._waited = 0.0
        self.held = 0
        self.refused: AnsoError | None = None

    async def receive(self) -> Message:
        """The next piece; behind the last one whatever the server tells, as long as it takes.

        Raises:
            UploadsFull: there is no place for it. BodyTooSlow: it does not come.
        """
        message = await (self._receive() if self._is_whole else self._next())
        if message["type"] == "http.request":
            self._intake.take(self, len(message.get("body", b"")))
        self._is_whole = not message.get("more_body", False)
        return message

    async def _next(self) -> Message:
        """Only waiting counts: what is done with a piece takes nothing from the next one."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(_PATIENCE_S + min(0.0, self.held / _SLOWEST - self._waited)):
                return await self._receive()
        except TimeoutError as err:
            self.refused = BodyTooSlow(
                "Đường truyền quá chậm hoặc bị ngắt; hãy gửi lại.",
                "The connection is too slow or broke; send it again.",
            )
            raise self.refused from err
        finally:
            self._waited += clock() - begun
