"""Asks one provider of remote signatures over HTTP: one POST, one bounded answer, and never longer than told.

Only the configured address is asked: no redirect, no proxy from outside, no address that came in an answer. Nothing
that comes back is believed here. The access token is read for each question, so that an operator can change it.
"""

import asyncio
import json
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from api.remote_signers.providers import Provider
from signing.errors import RemoteSignerRefused, RemoteSignerUnavailable

MAX_ANSWER_BYTES: Final = 1024 * 1024
"""500 signatures of RSA keys in base64 are a third of it."""
_WORD: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)
_OK: Final = frozenset({200, 202})
_MAX_TOKEN: Final = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderClient:
    """The ``CscPort`` to a provider over HTTP."""

    provider: Provider
    seconds: float
    """One question, from the connection to the last octet of its answer."""
    transport: httpx2.AsyncBaseTransport | None = field(default=None, repr=False)

    @property
    def is_version_2(self) -> bool:
        """Whether it wants the names of version 2."""
        return self.provider.is_version_2

    def post(self, method: str, body: Mapping[str, object]) -> tuple[int, Mapping[str, Any]]:
        """Status and JSON object; see ``CscPort``."""
        try:
            return asyncio.run(self._limited(method, body))
        except TimeoutError as err:
            raise RemoteSignerUnavailable("the provider does not answer in time") from err
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as err:
            # the class alone: a message of the library may name the address with its query
            raise RemoteSignerUnavailable(f"the provider cannot be reached: {type(err).__name__}") from err
        except (ValueError, RecursionError) as err:
            raise RemoteSignerUnavailable("the provider's answer cannot be read") from err

    async def _limited(self, method: str, body: Mapping[str, object]) -> tuple[int, Mapping[str, Any]]:
        async with asyncio.timeout(self.seconds):
            return await self._exchange(method, body)

    async def _exchange(self, method: str, body: Mapping[str, object]) -> tuple[int, Mapping[str, Any]]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "anso"}
        token = self._token()
        if token:
            headers["Authorization"] = f"Bearer {token}"
        roots = None if self.provider.tls_roots is None else str(self.provider.tls_roots)
        client = httpx2.AsyncClient(
            verify=ssl.create_default_context(cafile=roots),
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # the whole exchange has one limit, around it
            transport=self.transport,
        )
        async with client, client.stream("POST", f"{self.provider.url}/{method}", json=body, headers=headers) as answer:
            content = bytearray()
            async for part in answer.aiter_raw():
                content += part
                if len(content) > MAX_ANSWER_BYTES:
                    raise RemoteSignerUnavailable("the provider's answer is too large")
            return _understood(answer.status_code, bytes(content))

    def _token(self) -> str:
        path = self.provider.token_file
        if path is None:
            return ""
        text = path.read_text(encoding="ascii").strip()
        if not 0 < len(text) <= _MAX_TOKEN or not text.isprintable():
            raise RemoteSignerUnavailable("the provider's access token cannot be read")
        return text


def _understood(status: int, content: bytes) -> tuple[int, Mapping[str, Any]]:
    """An answer, or the refusal in it; whatever else came is no answer.

    Raises:
        RemoteSignerRefused, RemoteSignerUnavailable. ValueError, RecursionError: no JSON.
    """
    if status not in _OK and not 400 <= status < 500:  # noqa: PLR2004 - RFC 9110 §15.5
        raise RemoteSignerUnavailable(f"the provider answers {status}")
    told = json.loads(content)
    if not isinstance(told, dict):
        raise RemoteSignerUnavailable("the provider's answer cannot be read")
    if status in _OK and "error" not in told:
        return status, told
    word = told.get("error")
    # a word of the standard's, or none: a description may hold anything
    raise RemoteSignerRefused(word if isinstance(word, str) and _WORD.fullmatch(word) else f"status_{status}")
