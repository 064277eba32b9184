"""A PDF that goes out as a file of its own: saved, never shown inside our pages, never kept on the way.

Knows headers. Must not know what the file is.
"""

import base64
from collections.abc import Mapping
from typing import Final

from fastapi import Response
from starlette.types import Receive, Scope, Send

_PIECE: Final = 256 * 1024


class ContentResponse(Response):
    """A file from memory, piece by piece as the caller takes them: whole, the server would hold it three times."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Send it (ASGI 3.0, `http.response.start` and `http.response.body`)."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        content = memoryview(self.body)
        for start in range(0, max(len(content), 1), _PIECE):
            piece, is_last = content[start : start + _PIECE], start + _PIECE >= len(content)
            await send({"type": "http.response.body", "body": bytes(piece), "more_body": not is_last})


def attached_pdf(
    content: bytes, *, name: str, sha256: str | None = None, more: Mapping[str, str] | None = None
) -> Response:
    """The answer with a file.

    Args:
        content: the file.
        name: what it is saved as; ASCII.
        sha256: its digest (hex), for those who compare.
        more: further headers.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        **(more or {}),
    }
    if sha256 is not None:
        digest = base64.b64encode(bytes.fromhex(sha256)).decode()
        headers |= {"ETag": f'"{sha256}"', "Repr-Digest": f"sha-256=:{digest}:"}  # RFC 9530 §3
    return ContentResponse(content, media_type="application/pdf", headers=headers)
