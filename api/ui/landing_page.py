"""Where a QR code leads: what was issued under the code, and a field to compare a file with the original.

Knows the form and the template. Must not show more of a person than the use-case gives (I30: masked name, type).
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi.responses import HTMLResponse

from api.callers import Purpose
from api.context import Call, public
from api.errors import NotFound
from api.ui.checking import Checked, check_upload
from api.ui.checks import document_state
from api.ui.messages import Translate, translator
from api.ui.page import Language, SentLanguage, SentPassword, page
from api.ui.shown import Report, visible
from api.ui.uploads import MIB
from api.ui.verification import LookUp, Verify, look_up, verification
from api.usecases.find_verification_code import PublicRecord
from api.usecases.report_forgery import ReportForgery, report_forgery
from api.vietnam_time import VIETNAM

router = APIRouter(include_in_schema=False)

_LookUp = Annotated[LookUp, Depends(look_up)]
_Show = Annotated[Call, Depends(public(purpose=Purpose.SHOW_PAGE))]
_Check = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """What the page shows of an issued document."""

    rows: tuple[tuple[str, str], ...]
    state: str
    tone: str
    """yes, no or open: colour and icon of the state."""
    sha256: str | None
    """None while the document is not issued: there is no original yet."""
    lead: str
    """What the code stands on: the document itself, a paper made from it (S38), or a receipt slip."""


def document_view(document: PublicRecord, t: Translate, language: str) -> DocumentView:
    """Give labels and values; the holder's name arrives masked."""
    is_document = document.receipt is None
    rows = (
        ("landing.type", document.result_type_en if language == "en" else document.result_type),
        ("landing.number" if is_document else "landing.receipt.code", document.document_number or ""),
        ("landing.issuer", document.issuer_name),
        ("landing.date", document.issued_on.strftime("%d/%m/%Y") if document.issued_on else ""),
        ("landing.holder" if is_document else "landing.receipt.applicant", document.masked_holder),
        *_conversion_rows(document),
        *_receipt_rows(document),
    )
    state = document_state(document.state, t)
    return DocumentView(
        rows=tuple((t(label), visible(value)) for label, value in rows if value),
        lead=t(_lead(document)),
        state=state.lines[0],
        tone=state.answer,
        sha256=document.sha256,
    )


def _lead(document: PublicRecord) -> str:
    if document.receipt is not None:
        return "landing.receipt.lead"
    return "landing.lead" if document.conversion is None else "landing.conversion.lead"


def _receipt_rows(document: PublicRecord) -> tuple[tuple[str, str], ...]:
    slip = document.receipt
    if slip is None:
        return ()
    return (
        ("landing.receipt.procedure", slip.procedure_name),
        ("landing.receipt.received", slip.received_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M +07:00")),
        ("landing.receipt.due", slip.due_on.strftime("%d/%m/%Y")),
    )


def _conversion_rows(document: PublicRecord) -> tuple[tuple[str, str], ...]:
    made = document.conversion
    if made is None:
        return ()
    return (
        ("landing.conversion.number", made.number),
        ("landing.conversion.agency", made.agency_name),
        ("landing.conversion.at", made.converted_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S +07:00")),
    )


@router.get("/v/{code}")
def show_document(request: Request, call: _Show, find: _LookUp, code: str, language: Language) -> HTMLResponse:
    """What stands behind a QR code; an unknown code is a clear 404."""
    try:
        document = find(code, call)
    except NotFound:
        return _unknown(request, language)
    return _answer(request, call, document, Checked(status=200), language)


@router.post("/v/{code}")
def compare_file(
    *,
    request: Request,
    call: _Check,
    find: _LookUp,
    verify: Annotated[Verify, Depends(verification)],
    code: str,
    language: SentLanguage,
    tep: Annotated[UploadFile | None, File()] = None,
    mat_khau: SentPassword = "",
) -> HTMLResponse:
    """The verdict on a file and whether it is the stored original, byte by byte."""
    try:
        document = find(code, call)
    except NotFound:
        return _unknown(request, language)

    def verify_with_state(content: bytes, password: str | None, call: Call) -> Report:
        report = verify(content, password, call)
        if report["verdict"] == "invalid":
            reason = report["reason_codes"][0] if report["reason_codes"] else ""
            forgery = ReportForgery(pdf=content, reason_code=reason, code=document.code)
            report_forgery(forgery, call.services, call.caller, call.at)
        return with_state(report, document)

    return _answer(
        request, call, document, check_upload(tep, call, verify_with_state, language, password=mat_khau), language
    )


def with_state(report: Report, document: PublicRecord) -> Report:
    """Give the report of the stored original the document's state, if the report does not know it."""
    status = report.get("document_status") or {}
    if status.get("state", "unknown") != "unknown" or report["file"]["sha256"] != document.sha256:
        return report
    return {**report, "document_status": {**status, "state": document.state}}


def _answer(request: Request, call: Call, document: PublicRecord, checked: Checked, language: str) -> HTMLResponse:
    values = {
        "document": document_view(document, translator(language), language),
        "action": f"/v/{document.code}",
        "view": checked.view,
        "error": checked.error,
        "file_name": checked.file_name,
        "comparison": _comparison(checked, document),
        "limit_mb": call.services.settings.max_verify_bytes // MIB,
    }
    return page(request, "landing.html", values, language=language, status=checked.status)


def _comparison(checked: Checked, document: PublicRecord) -> str | None:
    """What the file is to the stored original, as a word of the page; None when there is nothing to compare."""
    if checked.sha256 is None or document.sha256 is None:
        return None
    if checked.sha256 == document.sha256:
        return "same"
    return "earlier" if checked.sha256 == document.earlier_sha256 else "different"


def _unknown(request: Request, language: str) -> HTMLResponse:
    t = translator(language)
    values = {"heading": t("landing.unknown"), "text": t("landing.unknown.text"), "incident": None}
    return page(request, "failure.html", values, language=language, status=404)
