"""A failure as a page, for people who look at one: the same problem document, said in HTML.

Knows the fields of a problem document. Must not know errors: `api.problems` has decided already.
"""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.ui.page import page

_PAGES = ("/kiem-tra", "/docs", "/v/")


def is_for_a_person(request: Request) -> bool:
    """Whether a browser asked for one of our pages; programs get the problem document."""
    path = request.url.path
    return "text/html" in request.headers.get("accept", "") and (path == "/" or path.startswith(_PAGES))


def failure_page(request: Request, problem: Mapping[str, object], *, status: int, language: str) -> HTMLResponse:
    """Give the page of a problem document."""
    values = {"heading": problem["title"], "text": problem.get("detail"), "incident": problem.get("incident")}
    return page(request, "failure.html", values, language=language, status=status)
