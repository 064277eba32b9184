"""One user of the service: a role, its token, and requests that say what they expect."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx2
from service import DemoFailed


@dataclass(frozen=True, slots=True)
class Client:
    """Speaks HTTP for one role; without a token it is the public."""

    url: str
    name: str
    token: str | None = field(default=None, repr=False)

    def get(self, path: str, *, expect: int = 200, accept: str = "application/json", **query: str) -> httpx2.Response:
        """GET ``path`` and insist on the status."""
        return self._send("GET", path, expect, headers={"Accept": accept}, params=query)

    def post(self, path: str, body: object = None, *, expect: int = 201, code: str | None = None) -> Any:  # noqa: ANN401 - JSON
        """POST JSON under a fresh Idempotency-Key; the answer's JSON. ``code``: the problem code to insist on."""
        answer = self._send("POST", path, expect, json={} if body is None else body).json()
        if code is not None and answer.get("code") != code:
            raise DemoFailed(f"{self.name}: POST {path}: expected {code}, got {answer}")
        return answer

    def patch(self, path: str, body: object, *, expect: int = 200, version: str | None = None) -> Any:  # noqa: ANN401 - JSON
        """PATCH JSON; the answer's JSON."""
        headers = {"If-Match": version} if version else {}
        return self._send("PATCH", path, expect, json=body, headers=headers).json()

    def binary(self, path: str, body: bytes, content_type: str) -> bytes:
        """POST bytes of a PKI protocol; the answer's bytes."""
        return self._send("POST", path, 200, content=body, headers={"Content-Type": content_type}).content

    def upload(self, path: str, name: str, content: bytes, fields: dict[str, str], *, expect: int) -> Any:  # noqa: ANN401 - JSON
        """POST a file as multipart/form-data; the answer's JSON."""
        return self._send("POST", path, expect, files={"file": (name, content)}, data=fields).json()

    def _send(self, method: str, path: str, expect: int, **request: Any) -> httpx2.Response:  # noqa: ANN401 - passed on
        headers = {"Accept-Language": "vi"} | request.pop("headers", {})
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        answer = httpx2.request(method, self.url + path, headers=headers, timeout=120, **request)
        if answer.status_code != expect:
            raise DemoFailed(
                f"{self.name}: {method} {path}: expected {expect}, got {answer.status_code}: {answer.text[:1500]}"
            )
        return answer
