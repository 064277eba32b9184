"""A system that speaks to DSS asks us instead: the same verification as for everybody, answered in DSS's shape.

The original document of a PDF signature is the version that the signature covers, bytes as they were signed.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.callers import Caller
from api.errors import NotFound
from api.services import Services
from api.usecases.dss_report import dss_reports
from api.usecases.verify_document import VerifyDocument, verify_document
from signing.validation import Report
from signing.validation.report_names import signature_identifiers


@dataclass(frozen=True, slots=True, kw_only=True)
class DssDocument:
    """A document as DSS sends it."""

    content: bytes = field(repr=False)
    """Its bytes, or its digest when an algorithm is named."""
    digest_algorithm: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DssValidation:
    """A question about a signed document."""

    signed: DssDocument
    originals: tuple[DssDocument, ...] = ()
    """What signatures that stand by themselves are about."""
    then: datetime | None = None
    """The moment of judging; None: now."""
    signature_id: str | None = None
    """Which signature's original is wanted; None: the first one's."""


def answer_dss_validation(command: DssValidation, services: Services, caller: Caller, at: datetime) -> dict[str, Any]:
    """The answer to DSS's ``validateSignature``.

    Raises:
        FileEmpty, FileNotPdf: nothing that could be checked. InputInvalid: a moment in the future.
        WorkersBusy: too many checks at once.
    """
    return dss_reports(_verified(command, services, caller, at), command.signed.name)


def answer_dss_originals(
    command: DssValidation, services: Services, caller: Caller, at: datetime
) -> list[dict[str, Any]]:
    """The answer to DSS's ``getOriginalDocuments``; empty when nobody can say what was signed.

    Raises:
        NotFound: there is no signature of that id. Others as for a validation.
    """
    report = _verified(command, services, caller, at)
    wanted = [
        (name, one)
        for name, one in zip(signature_identifiers(report), report.signatures, strict=True)
        if one.kind == "signature" and command.signature_id in {None, name}
    ]
    if not wanted and command.signature_id is not None:
        raise NotFound("Không có chữ ký này.", "There is no such signature.")
    ends = [one.revision_end for _, one in wanted[:1] if one.revision_end is not None]
    return [
        {
            "bytes": b64encode(command.signed.content[:end]).decode(),
            "digestAlgorithm": None,
            "name": command.signed.name or "original.pdf",
        }
        for end in ends
    ]


def _verified(command: DssValidation, services: Services, caller: Caller, at: datetime) -> Report:
    return verify_document(VerifyDocument(pdf=command.signed.content, then=command.then), services, caller, at)
