"""A report leaves the house: as JSON, as signed JSON, as pages for a person, as ETSI's validation report.

Knows which form needs the platform's seal. Must not judge anything: every form says what the one report says.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from api.services import Services
from signing.validation import Report


class ReportForm(StrEnum):
    """The forms a report can be had in; the value is what a caller names."""

    JSON = "json"
    """The document of DESIGN §3, not signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedReport:
    """A report ready to send."""

    body: bytes
    media_type: str


MEDIA_TYPES: Final = {ReportForm.JSON: "application/json"}
"""The media type of each form, also what an Accept header asks for it by."""


def rendered_report(report: Report, wanted: ReportForm, services: Services, at: datetime) -> RenderedReport:
    """The report in the wanted form."""
    del services, at  # plain JSON needs no seal
    return RenderedReport(body=json_document(report), media_type=MEDIA_TYPES[wanted])


def json_document(report: Report) -> bytes:
    """The document of DESIGN §3 as UTF-8."""
    return json.dumps(report.document(), ensure_ascii=False, separators=(",", ":")).encode()
