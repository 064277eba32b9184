"""The start page: drop a PDF, read the verdict. Knows the form and the template, nothing else."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import HTMLResponse

from api.callers import Purpose
from api.context import Call, public
from api.ui.checking import Checked, check_upload
from api.ui.page import Language, SentLanguage, SentPassword, page
from api.ui.uploads import MIB
from api.ui.verification import Verify, verification

router = APIRouter(include_in_schema=False)

_Show = Annotated[Call, Depends(public(purpose=Purpose.SHOW_PAGE))]
_Check = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]


@router.get("/")
@router.get("/kiem-tra")
def show_check_page(request: Request, call: _Show, language: Language) -> HTMLResponse:
    """The empty form. The second address is where a form without JavaScript ends, so that reloading works."""
    return _answer(request, call, Checked(status=200), language)


@router.post("/kiem-tra")
def check_file(
    *,
    request: Request,
    call: _Check,
    language: SentLanguage,
    verify: Annotated[Verify, Depends(verification)],
    tep: Annotated[UploadFile | None, File()] = None,
    mat_khau: SentPassword = "",
) -> HTMLResponse:
    """The verdict on one file; the file is not kept."""
    return _answer(request, call, check_upload(tep, call, verify, language, password=mat_khau), language)


def _answer(request: Request, call: Call, checked: Checked, language: str) -> HTMLResponse:
    values = {
        "view": checked.view,
        "error": checked.error,
        "file_name": checked.file_name,
        "limit_mb": call.services.settings.max_verify_bytes // MIB,
    }
    return page(request, "check.html", values, language=language, status=checked.status)
