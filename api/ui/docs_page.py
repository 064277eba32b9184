"""The API's description for people who write programs, with the vendored Swagger UI. Knows the template only."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.callers import Purpose
from api.context import Call, public
from api.ui.page import Language, page

router = APIRouter(include_in_schema=False)

_Show = Annotated[Call, Depends(public(purpose=Purpose.READ_API_DESCRIPTION))]


@router.get("/docs")
def show_api_description(request: Request, _call: _Show, language: Language) -> HTMLResponse:
    """The page; the description itself is /openapi.json."""
    return page(request, "docs.html", {}, language=language)
