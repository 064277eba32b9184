"""What the address in a problem document's `type` shows: the code, in words, for who met it (RFC 9457 §3.1.1).

Knows the table of problems. Must not know any failure that happened.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse

from api.callers import Purpose
from api.context import Call, public
from api.errors import NotFound
from api.problems import TABLE
from api.ui.page import Language, page

router = APIRouter(include_in_schema=False)

_Show = Annotated[Call, Depends(public(purpose=Purpose.READ_API_DESCRIPTION))]


@router.get("/problems/{code}")
def show_problem(
    request: Request, _call: _Show, language: Language, code: Annotated[str, Path(max_length=80)]
) -> HTMLResponse:
    """The words of one code."""
    rows = {str(getattr(error, "code", "")): row for error, row in TABLE.items()}
    row = rows.get(code)
    if row is None:
        raise NotFound
    title = row.title_en if language == "en" else row.title_vi
    values = {"heading": title, "text": f"{code} · HTTP {row.status}", "incident": None}
    return page(request, "failure.html", values, language=language)
