"""A large file leaves memory piece by piece, and comes into it once."""

import asyncio
import tracemalloc
from typing import Any

import pytest
from starlette.requests import Request

from api.context.attachments import ContentResponse
from api.context.forms import read_form

MIB = 1024 * 1024


def sent_by(content: bytes) -> list[dict[str, Any]]:
    """The messages that the server gets."""
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(dict(message))

    async def receive() -> Any:
        raise AssertionError

    answer = ContentResponse(content, media_type="application/pdf")
    asyncio.run(answer({"type": "http"}, receive, send))
    return messages


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 256 * 1024 + 1, 3 * MIB])
def test_a_file_goes_out_whole_in_pieces_that_are_small(size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    start, *pieces = sent_by(content)
    assert (start["status"], dict(start["headers"])[b"content-length"]) == (200, str(size).encode())
    assert b"".join(piece["body"] for piece in pieces) == content
    assert max(len(piece["body"]) for piece in pieces) <= 256 * 1024
    assert [piece["more_body"] for piece in pieces] == [True] * (len(pieces) - 1) + [False]


def test_a_file_of_a_form_lies_in_memory_once() -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    piece, count = bytes(range(256)) * 256, 320
    messages = iter([
        {"type": "http.request", "body": head, "more_body": True},
        *({"type": "http.request", "body": piece, "more_body": True} for _ in range(count)),
        {"type": "http.request", "body": b"\r\n--b--\r\n", "more_body": False},
    ])  # fmt: skip

    async def receive() -> Any:
        return next(messages)

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    tracemalloc.start()
    form = asyncio.run(read_form(request, max_bytes=64 * MIB))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    (file,) = form.files_of("file")
    assert file.content == piece * count
    assert most < 1.4 * len(file.content)
