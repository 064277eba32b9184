"""Anybody gets the version of a file that one signature covers, or sees what is different on a page now.

The file is the caller's; it is worked on in a limited process and kept nowhere. Must not know how it came in.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from api.callers import Caller
from api.errors import InputInvalid
from api.services import Services
from api.usecases.verify_document import require_pdf
from signing.isolation import WorkCrashed
from signing.validation.versions import ComparedPage

_END: Final = "signing.validation.isolated:signed_end_in_worker"
_COMPARE: Final = "signing.validation.isolated:compared_page_in_worker"
MAX_NAME: Final = 200
MAX_PAGE: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowVersion:
    """A file, one of its signatures, and for a comparison the page."""

    pdf: bytes = field(repr=False)
    field_name: str
    page: int | None = None
    """From 1; None: the first page that looks different."""
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedVersion:
    """The very bytes that a signature covers."""

    pdf: bytes = field(repr=False)
    sha256: str
    whole_file: bool
    """Whether nothing was added since."""


def show_signed_version(command: ShowVersion, services: Services, caller: Caller, at: datetime) -> SignedVersion:
    """Give the version under a signature.

    Raises:
        FileEmpty, FileNotPdf, InputInvalid: there is nothing to look at. SignatureFieldUnknown, SignedVersionUnknown,
        DocumentLocked, MalformedDocument: see there. IsolationError: the work broke off or cannot be done now.
    """
    del caller, at  # the same answer for everybody, at any time
    _require(command)
    timeout_s = services.verifier.timeout_s
    end = services.workers.call(_END, command.pdf, command.field_name, command.password, timeout_s=timeout_s)
    if not isinstance(end, int) or not 0 < end <= len(command.pdf):
        raise WorkCrashed("no such end")  # a worker that was taken over may say anything
    version = command.pdf[:end]
    return SignedVersion(pdf=version, sha256=sha256(version).hexdigest(), whole_file=end == len(command.pdf))


def compare_versions(command: ShowVersion, services: Services, caller: Caller, at: datetime) -> ComparedPage:
    """Give a page of the file as it is now with frames around what differs from the version under a signature.

    Raises:
        PageUnknown, PageNotDrawn: see there; and those of ``show_signed_version``.
    """
    del caller, at
    _require(command)
    page: ComparedPage = services.workers.call(
        _COMPARE, command.pdf, command.field_name, command.page, command.password,
        timeout_s=services.verifier.timeout_s,
    )  # fmt: skip
    return page


def _require(command: ShowVersion) -> None:
    require_pdf(command.pdf)
    if not 0 < len(command.field_name) <= MAX_NAME:
        raise InputInvalid("Thiếu tên ô chữ ký.", "The name of the signature field is missing.")
    if command.page is not None and not 1 <= command.page <= MAX_PAGE:
        raise InputInvalid("Số trang không hợp lệ.", "The page number is not valid.")
