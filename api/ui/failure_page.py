"""A failure as a page, for people who look at one: the same problem document, said in HTML.

Knows the fields of a problem document. Must not know errors: `api.problems` has decided already.
"""

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.ui.page import page

_FOR_PROGRAMS = ("/v1/", "/api/", "/pki/", "/csc/", "/compat/", "/health/", "/static/", "/metrics", "/openapi.json")


def is_for_a_person(request: Request) -> bool:
    """Whether a browser asked for a page; programs, and people who look at the API, get the problem document."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_FOR_PROGRAMS)


def page_language(request: Request) -> str:
    """Give the language that the page's address asks for."""
    return "en" if request.query_params.get("lang") == "en" else "vi"


def failure_page(request: Request, problem: Mapping[str, object], *, status: int) -> HTMLResponse:
    """Give the page of a problem document."""
    values = {"heading": problem["title"], "text": problem.get("detail"), "incident": problem.get("incident")}
    return page(request, "failure.html", values, language=page_language(request), status=status)
