"""A PDF that goes out as a file of its own: saved, never shown inside our pages, never kept on the way.

Knows headers. Must not know what the file is.
"""

import base64
from collections.abc import Mapping

from fastapi import Response


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
    return Response(content, media_type="application/pdf", headers=headers)
