"""A report as an answer: in the form that the caller accepts. Knows HTTP's negotiation; must not judge anything."""

import json
from typing import Any, Final

from fastapi import Request, Response

from api.context import Call, chosen_media_type
from api.errors import NotAcceptable
from api.usecases.render_report import MEDIA_TYPES, ReportForm, rendered_report
from api.usecases.report_depth import Depth
from signing.validation import Report

_XML: Final = "application/xml"
_FORMS: Final = {media_type: form for form, media_type in MEDIA_TYPES.items()}
REPORT_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {name: {} for name in _FORMS if name != MEDIA_TYPES[ReportForm.JSON]}}
}
"""Beside JSON, for the description."""


def wanted_form(request: Request, depth: Depth | None) -> ReportForm:
    """The form that header and depth ask for, before anything is worked on.

    Raises:
        NotAcceptable: there is none.
    """
    offered = [name for name in _FORMS if depth is not Depth.ETSI or name == _XML]
    if not offered:
        raise NotAcceptable
    return _FORMS[chosen_media_type(request.headers.get("accept"), offered)]


def report_answer(request: Request, call: Call, report: Report, depth: Depth | None) -> Response:
    """The report, not to be kept by anybody on the way.

    Raises:
        NotAcceptable: the caller takes no form of it.
    """
    form = wanted_form(request, depth)
    rendered = rendered_report(report, form, call.services, call.at, depth=depth)
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    return Response(rendered.body, media_type=rendered.media_type, headers=headers)


def json_text(document: object) -> bytes:
    """A document on one line, UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
