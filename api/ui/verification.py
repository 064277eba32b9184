"""The two use-cases that the pages call, as dependencies of their routes."""

from collections.abc import Callable

from api.context import Call
from api.ui.shown import Report
from api.usecases.find_verification_code import FindVerificationCode, PublicRecord, find_verification_code
from api.usecases.verify_document import VerifyDocument, verify_document

Verify = Callable[[bytes, str | None, Call], Report]
"""A file and its password in, the report's document out: the same as `POST /v1/verifications` answers."""
LookUp = Callable[[str, Call], PublicRecord]
"""The code of a QR address in, what the public may know out; raises NotFound."""


def verification() -> Verify:
    """The check of a file."""

    def verify(content: bytes, password: str | None, call: Call) -> Report:
        command = VerifyDocument(pdf=content, password=password)
        return verify_document(command, call.services, call.caller, call.at).document()

    return verify


def look_up() -> LookUp:
    """The look-up of a code."""

    def find(code: str, call: Call) -> PublicRecord:
        return find_verification_code(FindVerificationCode(code=code), call.services, call.caller, call.at)

    return find
