"""Asks a time-stamp authority over HTTP (RFC 3161 §3.4): one POST, one bounded answer, and never longer than told.

Nothing that comes back is believed here. Only the configured address is asked: no redirects, no proxy from outside. One
event loop in a thread of its own, so that a call can be cut off at any point: while connecting, in the middle of a
header, or when an octet a minute comes.
"""

import asyncio
import ssl
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx2

from signing.tsa import AnswerFault, AuthorityFaultError
from signing.tsa.answers import MAX_ANSWER_BYTES

_REQUEST_TYPE: Final = "application/timestamp-query"
_ANSWER_TYPES: Final = frozenset({"application/timestamp-reply", "application/timestamp-response"})
"""The second is none of RFC 3161's, but older authorities say it."""
_HEADERS: Final = {
    "Content-Type": _REQUEST_TYPE,
    "Accept": "application/timestamp-reply",
    "Accept-Encoding": "identity",
    "User-Agent": "anso",
}
_OK: Final = 200
_GRACE_S: Final = 1.0  # a call ends itself; this is for a loop that does not turn
_T = TypeVar("_T")


class TsaClient:
    """The way to the authorities, for all threads of a process; nothing is opened before the first call.

    Args:
        tls_roots: PEM file with the roots that servers are checked against; None: those of the machine.
        at_once: how many connections there may be.
        aside: around each wait for an answer: what the process does meanwhile.
    """

    def __init__(
        self, *, tls_roots: Path | None, at_once: int, aside: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        self._tls_roots, self._at_once, self._aside = tls_roots, at_once, aside
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._client: httpx2.AsyncClient | None = None

    def ask(self, url: str, request: bytes, *, seconds: float) -> bytes:
        """The answer's octets, unjudged.

        Raises:
            AuthorityFaultError: none of the right kind came in time.
        """
        with self._aside():
            return self._wait(self._posted(url, request, seconds), seconds)

    def close(self) -> None:
        """End the thread; an ask afterwards begins anew."""
        with self._lock:
            loop, thread, client = self._loop, self._thread, self._client
            self._loop = self._thread = self._client = None
        if loop is None or thread is None:
            return
        if client is not None:
            asyncio.run_coroutine_threadsafe(client.aclose(), loop).result(_GRACE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_GRACE_S)
        loop.close()

    def _wait(self, work: Coroutine[Any, Any, _T], seconds: float) -> _T:
        future = asyncio.run_coroutine_threadsafe(work, self._running_loop())
        try:
            return future.result(seconds + _GRACE_S)
        except (TimeoutError, CancelledError) as err:
            future.cancel()
            raise AuthorityFaultError(AnswerFault.TIMED_OUT) from err

    async def _posted(self, url: str, request: bytes, seconds: float) -> bytes:
        try:
            async with asyncio.timeout(seconds):
                return await self._exchange(url, request)
        except TimeoutError as err:
            raise AuthorityFaultError(AnswerFault.TIMED_OUT) from err
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError) as err:
            raise AuthorityFaultError(AnswerFault.UNREACHABLE, type(err).__name__) from err

    async def _exchange(self, url: str, request: bytes) -> bytes:
        async with self._opened().stream("POST", url, content=request, headers=_HEADERS) as response:
            if response.status_code != _OK:
                raise AuthorityFaultError(AnswerFault.HTTP, str(response.status_code))
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if kind not in _ANSWER_TYPES or response.headers.get("Content-Encoding", "identity") != "identity":
                raise AuthorityFaultError(AnswerFault.MEDIA_TYPE)
            parts, size = [], 0
            async for part in response.aiter_raw():
                parts.append(part)
                size += len(part)
                if size > MAX_ANSWER_BYTES:
                    raise AuthorityFaultError(AnswerFault.TOO_LARGE)
            return b"".join(parts)

    def _opened(self) -> httpx2.AsyncClient:
        """The client, made in its loop's thread."""
        if self._client is None:
            roots = None if self._tls_roots is None else str(self._tls_roots)
            self._client = httpx2.AsyncClient(
                verify=ssl.create_default_context(cafile=roots),
                trust_env=False,
                follow_redirects=False,
                timeout=None,  # the whole exchange has one limit, around it
                limits=httpx2.Limits(max_connections=self._at_once, max_keepalive_connections=self._at_once),
            )
        return self._client

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="timestamping", daemon=True)
                self._thread.start()
            return self._loop
