"""A system that speaks to SiVa asks us instead: the same verification as for everybody, answered in SiVa's shape.

SiVa's two policy names stand for the policy in force here. What SiVa refuses with a message is refused with the same
message; its data files are, for a PDF, the versions that its signatures cover.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from api.callers import Caller
from api.errors import FileEmpty, FileNotPdf, SivaRequestRefused
from api.services import Services
from api.usecases.dss_detailed import dss_detailed
from api.usecases.dss_diagnostic import dss_diagnostic
from api.usecases.siva_report import DEFAULT_POLICY, POLICIES, Question, siva_conclusion
from api.usecases.verify_document import VerifyDocument, verify_document
from signing.validation import Reason, Report

_MALFORMED: Final = ("document", "Document malformed or not matching documentType")
_REQUIREMENTS: Final = ("document", "Document does not meet the requirements")
_NOT_A_CONTAINER: Final = (
    "documentType",
    "Invalid document type. Can only return data files for DDOC type containers.",
)
_TOO_COSTLY: Final = frozenset({Reason.CHECK_TOO_COSTLY, Reason.CHECK_FAILED})
_MAX_FILES_BYTES: Final = 128 * 1024 * 1024  # of all versions together: every one is as long as the file nearly


@dataclass(frozen=True, slots=True, kw_only=True)
class SivaValidation:
    """A file in the words of SiVa."""

    filename: str
    content: bytes = field(repr=False)
    policy: str = DEFAULT_POLICY
    report: str = "Simple"
    """'Simple', 'Detailed' or 'Diagnostic'."""


def answer_siva_validation(command: SivaValidation, services: Services, caller: Caller, at: datetime) -> dict[str, Any]:
    """The answer to SiVa's ``validate``.

    Raises:
        SivaRequestRefused: no PDF that can be read, or another policy. WorkersBusy: too many checks at once.
    """
    question = question_of(command.policy, services, filename=command.filename)
    report = _verified(command, services, caller, at)
    answer: dict[str, Any] = {"validationConclusion": siva_conclusion(report, question)}
    if command.report == "Detailed":
        answer["validationProcess"] = dss_detailed(report)
    if command.report == "Diagnostic":
        answer["diagnosticData"] = dss_diagnostic(report, command.filename)
    return {"validationReport": answer}


def answer_siva_data_files(command: SivaValidation, services: Services, caller: Caller, at: datetime) -> dict[str, Any]:
    """The answer to SiVa's ``getDataFiles``: the version that each signature of a PDF covers.

    Raises:
        SivaRequestRefused: no PDF, or more than fits into one answer. WorkersBusy: too many checks at once.
    """
    if not command.content.lstrip().startswith(b"%PDF-"):
        raise SivaRequestRefused(_NOT_A_CONTAINER)
    report = _verified(command, services, caller, at)
    ends = [one.revision_end for one in report.signatures if one.kind == "signature" and one.revision_end is not None]
    ends = list(dict.fromkeys(ends))
    if sum(ends) > _MAX_FILES_BYTES:
        raise SivaRequestRefused(_REQUIREMENTS)
    stem = PurePosixPath(command.filename).stem
    return {
        "dataFiles": [
            {
                "fileName": f"{stem}-{number}.pdf",
                "size": end,
                "base64": b64encode(command.content[:end]).decode(),
                "mimeType": "application/pdf",
            }
            for number, end in enumerate(ends, 1)
        ]
    }


def question_of(policy: str, services: Services, *, filename: str | None) -> Question:
    """What the answer repeats of the question.

    Raises:
        SivaRequestRefused: SiVa has no such policy.
    """
    if policy not in POLICIES:
        known = ", ".join(POLICIES)
        message = f"Invalid signature policy: {policy}; Available abstract policies: [{known}]"
        raise SivaRequestRefused(("signaturePolicy", message))
    return Question(filename=filename, policy=policy, policy_url=f"{services.settings.public_url}/v1/policies")


def _verified(command: SivaValidation, services: Services, caller: Caller, at: datetime) -> Report:
    try:
        report = verify_document(VerifyDocument(pdf=command.content), services, caller, at)
    except (FileEmpty, FileNotPdf) as err:
        raise SivaRequestRefused(_MALFORMED) from err
    if report.file_fault is not None:
        raise SivaRequestRefused(_REQUIREMENTS if report.file_fault in _TOO_COSTLY else _MALFORMED)
    return report
