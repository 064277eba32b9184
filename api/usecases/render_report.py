"""A report leaves the house: as JSON, as signed JSON, as pages for a person, as ETSI's validation report.

Knows which form needs the platform's seal, and uses its key for no other. Must not judge anything: every form says what
the one report says. A report is signed when it is asked for and kept nowhere (docs/adr/0032).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from api.services import Services
from api.usecases.completing import sign_as_far
from api.usecases.report_depth import Depth, document_of
from api.usecases.signing_parts import platform_credential
from signing.identity import read_certificate_facts
from signing.keys import Credential, require_key_of
from signing.pades import SigningRequest
from signing.seals import sealed_json, sealed_xml
from signing.validation import Report
from signing.validation.etsi_report import etsi_report

_TYPESETTING_LIMIT_S: Final = 30.0
_RENDER: Final = "api.rendering:render_report"


class ReportForm(StrEnum):
    """The forms a report can be had in; the value is what a caller names."""

    JSON = "json"
    """The document of DESIGN §3, not signed."""
    JWS = "jws"
    """The same document as payload of a compact JWS."""
    PDF = "pdf"
    """Pages for a person, PDF/A-2b, signed."""
    ETSI = "etsi"
    """The validation report of ETSI TS 119 102-2 V1.4.1, signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedReport:
    """A report ready to send."""

    body: bytes
    media_type: str


MEDIA_TYPES: Final = {
    ReportForm.JSON: "application/json",
    ReportForm.JWS: "application/jose",
    ReportForm.PDF: "application/pdf",
    ReportForm.ETSI: "application/xml",
}
"""The media type of each form, also what an Accept header asks for it by; the usual one first."""


def rendered_report(
    report: Report, wanted: ReportForm, services: Services, at: datetime, *, depth: Depth | None = None
) -> RenderedReport:
    """The report in the wanted form; signed at ``at`` unless it is plain JSON.

    Args:
        report: what was found out.
        wanted: the form.
        services: keys, and the workers that typeset.
        at: the moment now, also when the report judges another one.
        depth: how much the JSON forms tell; the others tell what their format has a place for.

    Raises:
        CertificateNotUsable: the platform has no seal at this moment. KeyStoreError: its key cannot be used.
        WorkersBusy, WorkTimedOut: the pages could not be typeset now.
    """
    document = json.dumps(document_of(report, depth), ensure_ascii=False, separators=(",", ":")).encode()
    body = document if wanted is ReportForm.JSON else _SEALED[wanted](report, document, services, at)
    return RenderedReport(body=body, media_type=MEDIA_TYPES[wanted])


def _seal(services: Services, at: datetime) -> Credential:
    with services.db.reading() as tx:
        credential = platform_credential(tx, at)
    require_key_of(credential, services.keys)
    return credential


def _as_jws(_report: Report, document: bytes, services: Services, at: datetime) -> bytes:
    return sealed_json(document, _seal(services, at), services.keys)


def _as_xml(report: Report, _document: bytes, services: Services, at: datetime) -> bytes:
    credential = _seal(services, at)
    return sealed_xml(
        etsi_report(report, validator=credential.certificate), credential, services.keys, at=at,
        described="Validation report, ETSI TS 119 102-2 V1.4.1",
    )  # fmt: skip


def _as_pdf(report: Report, _document: bytes, services: Services, at: datetime) -> bytes:
    credential = _seal(services, at)
    issuer = read_certificate_facts(credential.certificate).common_name
    page = services.workers.call(_RENDER, report.document(), issuer, timeout_s=_TYPESETTING_LIMIT_S)
    return sign_as_far(page, SigningRequest(credential=credential, field_name="Report"), services, at).pdf


_SEALED: Final[dict[ReportForm, Callable[[Report, bytes, Services, datetime], bytes]]] = {
    ReportForm.JWS: _as_jws,
    ReportForm.PDF: _as_pdf,
    ReportForm.ETSI: _as_xml,
}
