"""What cannot be taken says which value, which limit and which form; a body that does not arrive ends by itself."""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from api.main import intake
from tests.fakes.sample_pdf import small

_ROUTE = "/v1/verifications"


@pytest.fixture(scope="module")
def form() -> dict[str, Any]:
    return {"file": ("a.pdf", small(), "application/pdf")}


def test_a_field_that_is_not_known_is_refused_and_not_passed_over(installation: Any, form: Any) -> None:
    answer = installation.client.post(_ROUTE, files=form, data={"profle": "official"})
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert "profle" in answer.json()["detail"]


def test_a_wrong_value_deep_inside_is_named_by_its_place(installation: Any) -> None:
    item = {"digest": base64.b64encode(bytes(32)).decode(), "signature": "AAAA", "digest_algorithm": "sha256"}
    body = {"items": [item, {**item, "digest_algorithm": "SHA-256"}]}
    answer = installation.client.post(f"{_ROUTE}/hashes", json=body)
    assert answer.json()["detail"].startswith("Giá trị không hợp lệ: items/1/digest_algorithm ('sha256', ")


def test_a_digest_of_another_length_is_a_mistake_and_no_altered_document(installation: Any) -> None:
    digest = base64.b64encode(hashlib.sha256(b"x").hexdigest().encode()).decode()  # the usual one: hex in base64
    item = {"digest": digest, "signature": "AAAA", "digest_algorithm": "sha256"}
    answer = installation.client.post(f"{_ROUTE}/hashes", json={"items": [item]})
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_INVALID")
    assert "sha256" in answer.json()["detail"]


def test_too_many_files_are_told_with_the_most_that_may_be(installation: Any, form: Any) -> None:
    answer = installation.client.post("/v1/verification-batches", files=[("file", form["file"])] * 51)
    assert (answer.status_code, answer.json()["code"]) == (400, "REQUEST_MALFORMED")
    assert "50" in answer.json()["detail"]


def test_another_media_type_is_told_which_ones_are_taken(installation: Any) -> None:
    answer = installation.client.post(_ROUTE, content=small(), headers={"Content-Type": "application/pdf"})
    assert (answer.status_code, answer.json()["code"]) == (415, "MEDIA_TYPE_UNSUPPORTED")
    assert "multipart/form-data" in answer.json()["detail"]
    assert "application/json" in answer.json()["detail"]


def test_a_body_that_is_too_large_is_told_the_limit(fresh_install: Any, form: Any) -> None:
    made = fresh_install(max_verify_mb=1)
    big = {"file": ("a.pdf", small() + b" " * 3_200_000, "application/pdf")}
    answer = made.client.post(_ROUTE, files=big)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert "1 MB" in answer.json()["detail"]


Receive = Callable[[], Awaitable[dict[str, Any]]]


def stalled(first: bytes) -> Receive:
    """Some bytes, then nothing."""
    waiting = [first]

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": waiting.pop(), "more_body": True}

    return receive


def dripping() -> Receive:
    """One byte after the other, never silent for long."""

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"\r", "more_body": True}

    return receive


async def served(app: Any, receive: Receive, path: str) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer of the whole application."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"multipart/form-data; boundary=X"), (b"transfer-encoding", b"chunked")]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": headers, "client": ("203.0.113.9", 5), "server": ("test", 80),
        "scheme": "http", "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip
    await asyncio.wait_for(app(scope, receive, send), 20)
    start = next(one for one in sent if one["type"] == "http.response.start")
    return start["status"], {name.decode().lower(): value.decode() for name, value in start["headers"]}


@pytest.mark.parametrize("path", [_ROUTE, "/kiem-tra"])
@pytest.mark.parametrize("receive", [lambda: stalled(b"--X\r\n"), dripping], ids=["silent", "dripping"])
def test_a_body_that_does_not_arrive_is_given_up_wherever_it_was_sent(
    installation: Any, receive: Callable[[], Receive], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_PATIENCE_S", 0.2)
    status, headers = asyncio.run(served(installation.app, receive(), path))
    assert (status, headers["connection"]) == (408, "close")


def test_a_fast_beginning_buys_no_long_silence(installation: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "_PATIENCE_S", 0.2)
    assert asyncio.run(served(installation.app, stalled(b"\r" * 900_000), _ROUTE))[0] == 408
