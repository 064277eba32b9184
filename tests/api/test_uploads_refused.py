"""What cannot be taken says which value, which limit and which form; a body that does not arrive ends by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from api.context import forms
from api.context.forms import read_form, read_json_body
from api.errors import BodyTooSlow
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
    item = {"digest": "AAAA", "signature": "AAAA", "digest_algorithm": "sha256"}
    body = {"items": [item, {**item, "digest_algorithm": "SHA-256"}]}
    answer = installation.client.post(f"{_ROUTE}/hashes", json=body)
    assert answer.json()["detail"] == "Giá trị không hợp lệ: items/1/digest_algorithm."


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
    """One byte of a form's preamble after the other, never silent for long."""

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"\r", "more_body": True}

    return receive


def asked(receive: Receive) -> Request:
    headers = [(b"content-type", b"multipart/form-data; boundary=X")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}
    return Request(scope, receive)  # type: ignore[arg-type]  # a dict is a message


@pytest.mark.parametrize("receive", [lambda: stalled(b"--X\r\n"), dripping], ids=["silent", "dripping"])
@pytest.mark.parametrize("read", [read_form, read_json_body])
def test_a_body_that_does_not_arrive_is_given_up(
    receive: Callable[[], Receive], read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "_PATIENCE_S", 0.2)
    with pytest.raises(BodyTooSlow):
        asyncio.run(asyncio.wait_for(read(asked(receive()), max_bytes=1_000_000), 5))


def test_a_fast_beginning_buys_no_long_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "_PATIENCE_S", 0.2)
    with pytest.raises(BodyTooSlow):
        asyncio.run(asyncio.wait_for(read_json_body(asked(stalled(b"x" * 900_000)), max_bytes=1_000_000), 5))
