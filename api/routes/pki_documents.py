"""What the hierarchy says about itself: practice statement, time-stamp disclosure, and the profiles for machines."""

import json
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.callers import Purpose
from api.context import Call, Published, public
from api.rendering.policy_pages import disclosure_page, practice_page
from api.rendering.policy_statement import document_of
from api.usecases.describe_policies import describe_policies

router = APIRouter(prefix="/pki", tags=["pki"])

_Read = Annotated[Call, Depends(public(purpose=Purpose.READ_PKI, limited=False))]
_Lang = Annotated[Literal["vi", "en"], Query(description="Vietnamese or English")]
_CACHE_S: Final = 3600
_HTML: Final = "text/html; charset=utf-8"


@router.get("/cps", response_class=HTMLResponse)
def get_practice_statement(call: _Read, request: Request, lang: _Lang = "vi") -> Response:
    """The certification practice statement and certificate policies (HTML)."""
    statement = describe_policies(call.services)
    page = Published(
        content=practice_page(statement, lang), media_type=_HTML, modified_at=statement.since, max_age_s=_CACHE_S
    )
    return page.answer(request, call.at)


@router.get("/tsa-disclosure", response_class=HTMLResponse)
def get_timestamp_disclosure(call: _Read, request: Request, lang: _Lang = "vi") -> Response:
    """The time-stamping disclosure statement (HTML)."""
    statement = describe_policies(call.services)
    page = Published(
        content=disclosure_page(statement, lang), media_type=_HTML, modified_at=statement.since, max_age_s=_CACHE_S
    )
    return page.answer(request, call.at)


@router.get("/profiles.json", response_class=Response)
def get_profiles(call: _Read, request: Request) -> Response:
    """Every certificate profile with its policies, keys, extensions and clauses (JSON)."""
    statement = describe_policies(call.services)
    content = json.dumps(document_of(statement), ensure_ascii=False).encode()
    page = Published(content=content, media_type="application/json", modified_at=statement.since, max_age_s=_CACHE_S)
    return page.answer(request, call.at)
