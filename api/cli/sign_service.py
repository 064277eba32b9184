"""The service as `anso sign --url` calls it: preparations, completions, signed files; with a bearer token.

Knows HTTP. Must not know keys. A request that got no answer is sent again with the same Idempotency-Key, so that it
cannot take effect twice; redirects are not followed, for they would take the token elsewhere.
"""

import base64
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from api.cli.sign_failures import of_problem, service_away, told
from api.cli.sign_items import Failure

if TYPE_CHECKING:
    import httpx2

_PATH: Final = "/v1/signature-preparations"
_RESULTS: Final = "/v1/results"
_TRIES: Final = 3
_PAUSE_S: Final = 2.0
_LONGEST_PAUSE_S: Final = 30.0
_TIMEOUT_S: Final = 300.0
_PAPERS: Final = "/v1/digitisations"
_DOCUMENTS: Final = "/v1/documents"
_ITEMS: Final = "items"


class ServiceAway(Exception):
    """The service gave no usable answer, or refused the whole request; `failure` tells which."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.code)
        self.failure = failure


class SigningService:
    """One service and the caller's login."""

    def __init__(self, url: str, token: str, *, tls_roots: Path | None = None, stopped: Event | None = None) -> None:
        self._stopped = stopped or Event()
        self._client = client_of(url, token, tls_roots)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def prepare_results(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The answer to each result, in their order."""
        return self._items(len(body["result_ids"]), lambda key: self._client.post(_PATH, json=body, headers=key))

    def prepare_files(self, paths: Sequence[Path], fields: Mapping[str, str]) -> list[dict[str, Any]]:
        """The answer to each file, in their order; files are sent as they are read. Their names stay here."""

        def post(key: dict[str, str]) -> "httpx2.Response":
            with ExitStack() as opened:
                files = [
                    ("file", (f"{number}.pdf", opened.enter_context(path.open("rb")), "application/pdf"))
                    for number, path in enumerate(paths)
                ]
                return self._client.post(_PATH, files=files, data=dict(fields), headers=key)

        return self._items(len(paths), post)

    def prepare_copies(self, ids: Sequence[str], body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The answer to each paper, in their order: its officer's copy, or the problem that it has."""
        return [self._prepared_copy(f"{_PAPERS}/{one}/token-preparation", body) for one in ids]

    def prepare_certified(self, wanted: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """The answer to each copy of a document, in their order: that it waits for the seal's value, or the problem."""
        return [self._prepared_copy(f"{_DOCUMENTS}/{one}/copies/token-preparation", body) for one, body in wanted]

    def complete(self, values: Mapping[str, bytes]) -> list[dict[str, Any]]:
        """The answer to each value, in their order."""
        items = _values(values)
        path = f"{_PATH}/completions"
        return self._items(len(items), lambda key: self._client.post(path, json={"items": items}, headers=key))

    def prepare_seals(self, result_id: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What waits for values of a result and its annexes, the result's first; or the one problem there is."""
        path = f"{_RESULTS}/{result_id}/token-preparation"
        answer = self._answered(lambda key: self._client.post(path, json=body, headers=key))
        if _is_of_the_request(answer):
            raise ServiceAway(_failure(answer))
        found = _problem(answer)
        if found is not None:
            return [{"preparation": None, "error": found}]
        items = _json(answer).get(_ITEMS)
        if not isinstance(items, list) or not items:
            raise ServiceAway(_odd())
        return items

    def seal(self, result_id: str, values: Mapping[str, bytes]) -> dict[str, Any]:
        """What became of a result whose values, all of them, are sent: as an item of ``complete``."""
        body = {"items": _values(values)}
        path = f"{_RESULTS}/{result_id}/token-seal"
        answer = self._answered(lambda key: self._client.post(path, json=body, headers=key))
        found = _problem(answer)
        if found is not None:
            return {"preparation": None, "error": found}
        shown = self._answered(lambda _: self._client.get(f"{_PATH}/{next(iter(values))}"))
        if _problem(shown) is not None:
            raise ServiceAway(_failure(shown))
        return {"preparation": _json(shown), "error": None}

    def _prepared_copy(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._answered(lambda key: self._client.post(path, json=body, headers=key))
        if _is_of_the_request(answer):
            raise ServiceAway(_failure(answer))
        found = _problem(answer)
        return {"preparation": None if found else _json(answer), "error": found}

    def file(self, path: str) -> Iterator[bytes]:
        """A signed file, piece by piece.

        Raises:
            ServiceAway: it cannot be had.
        """
        import httpx2

        try:
            with self._client.stream("GET", path) as answer:
                if answer.status_code != httpx2.codes.OK:
                    answer.read()
                    raise ServiceAway(_failure(answer))
                yield from answer.iter_bytes()
        except httpx2.HTTPError as err:
            raise ServiceAway(service_away(type(err).__name__)) from err

    def _items(self, count: int, post: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a call with headers
        answer = self._answered(post)
        problem = _problem(answer)
        if problem is not None and count == 1 and not _is_of_the_request(answer):
            return [{"preparation": None, "error": problem}]
        if problem is not None:
            raise ServiceAway(_failure(answer))
        items = _json(answer).get(_ITEMS)
        if not isinstance(items, list) or len(items) != count:
            raise ServiceAway(_odd())
        return items

    def _answered(self, post: Any) -> "httpx2.Response":  # noqa: ANN401 - as above
        """The answer, after some tries where trying helps.

        Raises:
            ServiceAway: there is none.
        """
        import httpx2

        key, failure = {"Idempotency-Key": secrets.token_hex(16)}, _odd()
        for number in range(_TRIES):
            pause_s = _PAUSE_S
            try:
                answer: httpx2.Response = post(key)
            except httpx2.HTTPError as err:
                failure = service_away(type(err).__name__)
            else:
                if not (_problem(answer) or {}).get("retryable"):
                    return answer
                failure = _failure(answer)
                pause_s = _pause_of(answer)
            if number + 1 < _TRIES and self._stopped.wait(pause_s):
                break
        raise ServiceAway(failure)


def _values(values: Mapping[str, bytes]) -> list[dict[str, str]]:
    return [{"id": one, "value": base64.b64encode(value).decode()} for one, value in values.items()]


def client_of(url: str, token: str | None, tls_roots: Path | None) -> "httpx2.Client":
    """A client of a service; redirects are not followed. ``token``: None where nobody logs in."""
    import ssl

    import httpx2

    login = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx2.Client(
        base_url=url.rstrip("/"),
        headers={**login, "Accept-Language": "vi"},
        timeout=httpx2.Timeout(_TIMEOUT_S, connect=10.0),
        verify=ssl.create_default_context(cafile=None if tls_roots is None else str(tls_roots)),
    )


def require_address(url: str) -> str:
    """The address, when a token may be sent there.

    Raises:
        ValueError: not http or https; or without TLS to another machine, where everybody on the way reads the token.
    """
    parts = urlsplit(url)
    is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or (parts.query or parts.fragment):
        raise ValueError("https://…")
    if parts.scheme == "http" and not is_here:
        raise ValueError("https")
    return url


def _pause_of(answer: "httpx2.Response") -> float:
    told_s = answer.headers.get("retry-after", "")
    return min(float(told_s), _LONGEST_PAUSE_S) if told_s.isdecimal() else _PAUSE_S


def _is_of_the_request(answer: "httpx2.Response") -> bool:
    """Whether not the item but the caller was refused: login, rights, limits."""
    return answer.status_code in {401, 403, 429}


def _problem(answer: "httpx2.Response") -> dict[str, Any] | None:
    return None if answer.is_success else _json(answer)


def _json(answer: "httpx2.Response") -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _failure(answer: "httpx2.Response") -> Failure:
    problem = _json(answer)
    failure = of_problem(problem) if problem.get("code") else _odd(answer.status_code)
    return Failure(code=failure.code, vi=failure.vi, en=failure.en, exit=failure.exit, stops=True)


def _odd(status: int = 0) -> Failure:
    found = told(
        "SERVICE_ODD",
        f"Dịch vụ trả lời không đúng dạng (HTTP {status}); kiểm tra --url.",
        f"The service answers in another form (HTTP {status}); check --url.",
        retryable=True,
    )
    return Failure(code=found.code, vi=found.vi, en=found.en, exit=found.exit, stops=True)
