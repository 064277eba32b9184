"""Checks a file that a person sent and prepares what the page shows.

Knows the form's refusals and the use-case. Must not judge: the report comes from the same use-case as
`POST /v1/verifications`.
"""

from dataclasses import dataclass

from fastapi import UploadFile

from api.context import Call
from api.errors import AnsoError
from api.ui.messages import translator
from api.ui.uploads import MIB, UploadRefused, read_pdf, shown_name
from api.ui.verification import Verify
from api.ui.view import VerdictView, verdict_view
from signing.errors import SigningError


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The outcome of one form: a view, or the sentence why there is none."""

    status: int
    """HTTP status: 200, 422 when the form must be corrected, 503 when trying again helps."""
    error: str | None = None
    view: VerdictView | None = None
    sha256: str | None = None
    """Hash of the checked file as the report states it."""
    file_name: str = ""


def check_upload(
    upload: UploadFile | None, call: Call, verify: Verify, language: str, *, password: str = ""
) -> Checked:
    """Check the chosen file; every refusal is a sentence for the person, never an exception."""
    t = translator(language)
    limit_bytes = call.services.settings.max_verify_bytes
    try:
        report = verify(read_pdf(upload, limit_bytes), password or None, call)
    except UploadRefused as err:
        return Checked(status=422, error=t(err.key, limit=limit_bytes // MIB))
    except (AnsoError, SigningError) as err:
        if err.retryable:
            return Checked(status=503, error=t("service.busy"))
        said = getattr(err, f"detail_{language}", "")  # our own sentence about this file, when there is one
        return Checked(status=422, error=said or t("file.unreadable"))
    return Checked(
        status=200,
        view=verdict_view(report, t, language),
        sha256=report["file"]["sha256"],
        file_name=shown_name(upload),
    )
