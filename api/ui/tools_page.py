"""What a person does after a check: fetch the signed version, see what changed, take the report along.

The file is sent again, because it was not kept. Works without JavaScript. Knows the forms and the templates; must not
judge anything.
"""

import base64
from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile

from api.callers import Purpose
from api.context import Call, public
from api.context.attachments import attached_pdf
from api.errors import AnsoError
from api.problems import describe
from api.ui.messages import translator
from api.ui.page import SentLanguage, SentPassword, page
from api.ui.uploads import MIB, UploadRefused, read_pdf
from api.usecases.render_report import ReportForm, rendered_report
from api.usecases.show_signed_version import ShowVersion, compare_versions, show_signed_version
from api.usecases.verify_document import VerifyDocument, verify_document
from signing.errors import SigningError
from signing.validation.versions import ComparedPage

router = APIRouter(prefix="/kiem-tra", include_in_schema=False)

_Check = Annotated[Call, Depends(public(purpose=Purpose.VERIFY_DOCUMENT))]
_File = Annotated[UploadFile | None, File()]
_Field = Annotated[str, Form(max_length=200)]
_PageText = Annotated[str, Form(max_length=6)]
_UNPROCESSABLE: Final = 422


class _Asked:
    """The form as it was sent, and how a refusal is told."""

    def __init__(  # noqa: PLR0917 - the framework fills the arguments by name
        self,
        request: Request,
        call: _Check,
        language: SentLanguage,
        tep: _File = None,
        chu_ky: _Field = "",
        trang: _PageText = "",
        mat_khau: SentPassword = "",
    ) -> None:
        self.request, self.call, self.language = request, call, language
        self.upload, self.field, self.page, self.password = tep, chu_ky, trang.strip(), mat_khau or None

    def content(self) -> bytes:
        """The file; raises UploadRefused."""
        return read_pdf(self.upload, self.call.services.settings.max_verify_bytes)

    def version(self) -> ShowVersion:
        """The version that is asked for; raises UploadRefused."""
        number = int(self.page) if self.page.isdecimal() else None
        return ShowVersion(pdf=self.content(), field_name=self.field, page=number, password=self.password)

    def answered(self, answer: Callable[[], Response]) -> Response:
        """The answer, or the form with the sentence why there is none."""
        limit = self.call.services.settings.max_verify_bytes // MIB
        try:
            return answer()
        except UploadRefused as err:
            return self._refused(translator(self.language)(err.key, limit=limit), _UNPROCESSABLE)
        except (AnsoError, SigningError) as err:
            problem = describe(err, language=self.language, request_id=self.call.request_id)
            return self._refused(str(problem.body["title"]), problem.status)

    def _refused(self, sentence: str, status: int) -> Response:
        limit = self.call.services.settings.max_verify_bytes // MIB
        values = {"view": None, "error": sentence, "file_name": "", "limit_mb": limit}
        return page(self.request, "check.html", values, language=self.language, status=status)


_Form = Annotated[_Asked, Depends()]


@router.post("/ban-da-ky")
def get_signed_version(asked: _Form) -> Response:
    """The exact bytes that a signature covers."""

    def answer() -> Response:
        call = asked.call
        version = show_signed_version(asked.version(), call.services, call.caller, call.at)
        return attached_pdf(version.pdf, name=f"ban-da-ky-{version.sha256[:12]}.pdf", sha256=version.sha256)

    return asked.answered(answer)


@router.post("/thay-doi")
def show_changes(asked: _Form) -> Response:
    """A page of the file with frames around what differs from the signed version."""

    def answer() -> Response:
        call = asked.call
        compared = compare_versions(asked.version(), call.services, call.caller, call.at)
        values = {
            "outcome": _outcome(compared),
            "compared": compared,
            "picture": "data:image/png;base64," + base64.b64encode(compared.png).decode(),
            "field": asked.field,
        }
        return page(asked.request, "changes.html", values, language=asked.language)

    return asked.answered(answer)


@router.post("/bao-cao")
def get_report(asked: _Form) -> Response:
    """The report as pages for a person, signed."""

    def answer() -> Response:
        call = asked.call
        command = VerifyDocument(pdf=asked.content(), password=asked.password)
        report = verify_document(command, call.services, call.caller, call.at)
        rendered = rendered_report(report, ReportForm.PDF, call.services, call.at)
        return attached_pdf(rendered.body, name=f"bao-cao-{report.file_sha256[:12]}.pdf")

    return asked.answered(answer)


def _outcome(compared: ComparedPage) -> str:
    if compared.same is None:
        return "open"
    return "same" if compared.same else "different"
