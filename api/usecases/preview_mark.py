"""Who is about to sign or seal sees the page with the mark first, and then signs exactly the file that was shown.

Every check of the signature is made before anything is drawn; the page is drawn in a limited worker process by the
code that signs. No key is used, nothing is kept.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from api.callers import Caller, Role
from api.errors import InputInvalid
from api.records.employments import SigningCapacity
from api.records.results import Results
from api.services import Services
from api.usecases.prepare_uploads import UploadMark, upload_certificate, upload_mark
from api.usecases.result_agency import require_agency_post
from api.usecases.result_events import result_event
from api.usecases.result_signing import PlannedSignature, signing_request
from api.usecases.seal_result import SealResult, plan_seal
from api.usecases.sign_result import SignResult, plan_signature
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.verify_document import require_pdf
from signing.pades import Box, Mark

_DRAW: Final = "signing.pades.preview:mark_preview_in_worker"
_DPI: Final = 110


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMark:
    """Which result, with which certificate."""

    result_id: str
    certificate_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewUpload:
    """A document of the caller's own, with which certificate and mark."""

    document: bytes = field(repr=False)
    certificate_id: str
    mark: UploadMark
    box: Box | None = None
    """Where mark A stands; None: found from the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkPreview:
    """A page with its mark."""

    png: bytes = field(repr=False)
    file_sha256: str
    """Hex, of the file as it is before the signature: to be given when signing."""


def preview_mark(command: PreviewMark, services: Services, caller: Caller, at: datetime) -> MarkPreview:
    """The page of a result as it will look when the caller has signed or sealed it.

    Raises:
        What `plan_signature` and `plan_seal` raise; MarkHasNoPlace: says what would be covered. IsolationError.
    """
    planned = _planned(command, services, caller, at)
    reserved = signing_request(planned, services, at).reserved
    png = drawn_with_mark(planned.pdf, planned.mark, None if reserved is None else reserved.diameter_mm, services)
    record = planned.record
    event = result_event("preview_mark", record, caller, at)
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
    return MarkPreview(png=png, file_sha256=sha256(planned.pdf).hexdigest())


def preview_upload(command: PreviewUpload, services: Services, caller: Caller, at: datetime) -> MarkPreview:
    """The page of an own document as it will look when the caller has signed it; the file is not kept.

    Raises:
        What `upload_certificate` raises; FileEmpty, FileNotPdf; InputInvalid: nothing would be seen.
        MarkHasNoPlace and what signing would refuse. IsolationError.
    """
    require_pdf(command.document)
    with services.db.reading() as tx:
        certificate = upload_certificate(tx, command.certificate_id, caller, at)
    mark = upload_mark(command.mark, certificate, services, at, box=command.box)
    if mark is None:
        raise InputInvalid("Không có dấu nào để xem trước.", "There is no mark to preview.")
    png = drawn_with_mark(command.document, mark, None, services)
    return MarkPreview(png=png, file_sha256=sha256(command.document).hexdigest())


def _planned(command: PreviewMark, services: Services, caller: Caller, at: datetime) -> PlannedSignature:
    with services.db.reading() as tx:
        record = Results(tx).get(command.result_id)
        if caller.subject_id != record.signer_subject:
            require_agency_post(tx, record, caller, at)  # strangers learn nothing, not even how far it is
        key_device = certificate_to_sign_with(tx, command.certificate_id, at).key_device
    if caller.role is Role.CLERK:
        sealing = SealResult(result_id=command.result_id, certificate_id=command.certificate_id)
        return plan_seal(
            sealing, services, caller, at, asks_factor=False, key_device=key_device, with_annexes=True
        )  # the main file is what is shown, whether or not annexes will be sealed beside it
    signing = SignResult(
        result_id=command.result_id,
        certificate_id=command.certificate_id,
        capacity=SigningCapacity(record.capacity),
    )
    return plan_signature(signing, services, caller, at, key_device=key_device)


def drawn_with_mark(pdf: bytes, mark: Mark, reserve_mm: float | None, services: Services) -> bytes:
    """The page as PNG, drawn in a limited worker process.

    Raises:
        MarkHasNoPlace and what signing would refuse; IsolationError.
    """
    png: bytes = services.workers.call(_DRAW, pdf, mark, _DPI, reserve_mm, timeout_s=services.verifier.timeout_s)
    return png
