"""How a page of ours is answered: language, nonce, whole page or fragment.

Knows requests and responses. Must not know any page's data.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import Depends, Form, Query, Request
from fastapi.responses import HTMLResponse

from api.ui.templating import render

_FRAME: Final = "frame"  # the block that htmx replaces; every page has one
_Chosen = Annotated[str, Query(max_length=8)]


def _asked_language(lang: _Chosen = "vi") -> str:
    # Vietnamese whatever the browser prefers: the service's people read Vietnamese on machines set up in English
    return "en" if lang == "en" else "vi"


def _sent_language(
    query: Annotated[str, Query(alias="lang", max_length=8)] = "",
    form: Annotated[str, Form(alias="lang", max_length=8)] = "vi",
) -> str:
    return _asked_language(query or form)


Language = Annotated[str, Depends(_asked_language)]
"""`vi` or `en`, by `?lang=`."""
SentLanguage = Annotated[str, Depends(_sent_language)]
"""The same for a form, which carries it along."""
SentPassword = Annotated[str, Form(max_length=1024)]
"""The password of a file; empty: none. Never shown again, logged or kept."""


def page(
    request: Request, template: str, values: Mapping[str, object], *, language: str, status: int = 200
) -> HTMLResponse:
    """Answer with a page, or with its frame alone when htmx asked."""
    block = _FRAME if request.headers.get("hx-request") == "true" else None
    html = render(template, values, language=language, nonce=request.state.csp_nonce, block=block)
    return HTMLResponse(html, status_code=status, headers={"Content-Language": language, "Vary": "HX-Request"})
