"""The two use-cases that the pages call, as dependencies of their routes."""

from collections.abc import Callable

from api.context import Call
from api.errors import ServiceUnavailable
from api.ui.view import Report
from api.usecases.find_verification_code import FindVerificationCode, PublicRecord, find_verification_code

Verify = Callable[[bytes, Call], Report]
"""A file in, the report's document out: the same as `POST /v1/verifications` answers."""
LookUp = Callable[[str, Call], PublicRecord]
"""The code of a QR address in, what the public may know out; raises NotFound."""


def verification() -> Verify:
    """The check of a file."""

    def verify(_content: bytes, _call: Call) -> Report:
        raise ServiceUnavailable

    return verify


def look_up() -> LookUp:
    """The look-up of a code."""

    def find(code: str, call: Call) -> PublicRecord:
        return find_verification_code(FindVerificationCode(code=code), call.services, call.caller, call.at)

    return find
