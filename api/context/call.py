"""One request as a route sees it: services, caller, moment, language, and the answer given only once.

Knows requests and responses. Must not know any resource or use-case.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Response
from pydantic import BaseModel

from api.callers import Caller
from api.idempotency import KeyUse, StoredAnswer, once
from api.problems import is_refusal
from api.services import Services

JSON_BODY_BYTES: Final = 1024 * 1024
"""The largest body of a route that takes JSON only: `APIRouter(max_body_size=JSON_BODY_BYTES)`."""

_KEPT_HEADERS: Final = ("location", "etag", "content-type", "retry-after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a route works with."""

    services: Services
    caller: Caller
    at: datetime
    """The moment of the request, UTC; pass it on, never read a clock."""
    request_id: str
    idempotency_key: str | None
    language: str
    """`vi` or `en`, by Accept-Language."""
    operation: str
    """Method and path: part of what an idempotency key stands for."""

    def once(
        self, body: BaseModel | bytes, action: Callable[[], Response], *, shown_once: tuple[str, ...] = ()
    ) -> Response:
        """The answer of `action`, run at most once for the caller's Idempotency-Key.

        Args:
            body: the parsed body, or the SHA-256 digest of an uploaded one.
            action: does the work and makes the response; nothing is kept when it raises.
            shown_once: fields of the JSON answer that are not kept: empty in a repeated answer.

        Raises:
            IdempotencyKeyRequired: no key was sent.
            IdempotencyKeyReused: the key came with another request before.
            RequestInFlight: the first request with this key still runs.
        """
        content = body.model_dump_json().encode() if isinstance(body, BaseModel) else body
        use = KeyUse(
            principal=self.caller.account_id,
            key=self.idempotency_key,
            # keyed: a body may hold little more than an identity number
            fingerprint=self.services.sealer.index(self._acting_in().encode() + b"\x00" + content),
        )
        answer = once(self.services, use, lambda: _stored(action(), shown_once), self.at, is_refusal=is_refusal)
        return Response(content=answer.body, status_code=answer.status, headers=dict(answer.headers))

    def _acting_in(self) -> str:
        """The same body for another agency is another request."""
        return f"{self.operation}\x00{self.caller.role}\x00{self.caller.org_code or ''}"


def _stored(response: Response, shown_once: tuple[str, ...]) -> StoredAnswer:
    body, repeated = bytes(response.body), None
    if shown_once:
        repeated = json.dumps(json.loads(body) | dict.fromkeys(shown_once, "")).encode()
    headers = tuple((name, value) for name, value in response.headers.items() if name in _KEPT_HEADERS)
    return StoredAnswer(status=response.status_code, headers=headers, body=body, repeated=repeated)
