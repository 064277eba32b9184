"""Serves the pages' own files: styles, scripts, fonts.

Knows the files that were there at start. Must not open a path that a request made up.
"""

import gzip
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response

from api.callers import Purpose
from api.context import Call, public
from api.errors import NotFound
from api.ui.templating import STATIC

router = APIRouter(include_in_schema=False)

_Show = Annotated[Call, Depends(public(purpose=Purpose.SHOW_PAGE, limited=False))]
_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_TEXTS: Final = frozenset({".js", ".css", ".svg"})
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_SHORT: Final = "public, max-age=3600"


@cache
def _files() -> dict[str, Path]:
    return {str(path.relative_to(STATIC)): path for path in STATIC.rglob("*") if path.suffix in _TYPES}


@cache
def _compressed(name: str) -> bytes:
    # once per process and file; texts shrink to a quarter, and citizens pay for their data
    return gzip.compress(_files()[name].read_bytes(), compresslevel=9, mtime=0)


@router.get("/static/{name:path}")
def read_static_file(request: Request, name: str, _call: _Show) -> Response:
    """One file; with its version in the address it may be kept for ever."""
    path = _files().get(name)
    if path is None:
        raise NotFound
    media_type = _TYPES[path.suffix]
    headers = {"Cache-Control": _FOR_EVER if "v" in request.query_params else _SHORT, "Vary": "Accept-Encoding"}
    if path.suffix in _TEXTS and "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(_compressed(name), media_type=media_type, headers=headers)
    return FileResponse(path, media_type=media_type, headers=headers)
