"""A drawn receipt slip that its officer may sign now: every check that comes before the key (I10, I12).

Preparing, previewing and signing ask the same, so that none of them is let in where another is refused.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import DocumentChangedSincePreview, NotFound, ReceiptOfAnother, StateConflict
from api.records.receipt_slips import CONTENT_SLOT, PAGE_SLOT, ReceiptSlip, ReceiptSlips, SlipState, slip_unknown
from api.services import Services
from api.usecases.certificate_fitness import IntendedAct, require_fit_certificate, titles_held
from api.usecases.draft_receipt_slip import receipt_mark
from api.usecases.receipt_desk import ReceiptDesk, receipt_desk
from api.usecases.receipt_paper import ReceiptOrder, digest_of, receipt_values
from api.usecases.signing_certificate import certificate_to_sign_with
from api.usecases.token_credential import signing_credential
from signing.identity import CertificateClass
from signing.pades import SigningRequest, TextMark
from signing.registry import CertificateRecord, KeyDevice
from vault.errors import IntegrityMismatch, WorkNotFound

DOCUMENT_TYPE: Final = "giay_tiep_nhan"
"""By which the scope of a certificate allows or excludes slips."""
FIELD_NAME: Final = "Receipt"
_REASON: Final = "Tiếp nhận hồ sơ và hẹn trả kết quả"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipToSign:
    """Which slip, with which certificate, and which page the officer looked at."""

    slip_id: str
    certificate_id: str
    file_sha256: str | None = None
    """Hex, of the page that was previewed; None: the one that was drawn, whichever it is."""
    key_device: KeyDevice | None = KeyDevice.SERVER
    """Where the key must be; None: wherever it is, for who only looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedReceipt:
    """A slip ready to be signed."""

    slip: ReceiptSlip
    order: ReceiptOrder
    page: bytes = field(repr=False)
    certificate: CertificateRecord
    mark: TextMark
    request: SigningRequest


def planned_receipt(wanted: SlipToSign, services: Services, caller: Caller, at: datetime) -> PlannedReceipt:
    """The slip with page and request, when the caller may sign it with this certificate now. No key is touched.

    1. Who: the desk of the dossier, and the officer who counted.
    2. What: the page that was drawn, and the records still say what is printed on it, the day too (I12).
    3. With what: the caller's own personal certificate, in force and in scope (I1, I7, I10, I14).

    Raises:
        NotFound, Forbidden, OrganisationClosed; StateConflict: it is signed already; ReceiptOfAnother;
        DocumentChangedSincePreview; what `receipt_values` and `require_fit_certificate` raise; IntegrityMismatch.
    """
    slip, desk = _of_caller(wanted.slip_id, services, caller, at)
    with services.db.reading() as tx:
        order, page = _drawn(tx, slip, services)
        values = receipt_values(tx, order, desk, services, at, code=slip.verification_code)
        if digest_of(values) != slip.content_sha256 or wanted.file_sha256 not in {None, slip.page_sha256}:
            raise DocumentChangedSincePreview
        certificate = _fit_certificate(tx, wanted, desk, caller, at)
        mark = receipt_mark(desk, at)
        request = SigningRequest(
            credential=signing_credential(tx, certificate),
            field_name=FIELD_NAME,
            mark=mark,
            reason=_REASON,
            location=desk.agency.name,
            certify=True,
            closes=True,
        )
    return PlannedReceipt(slip=slip, order=order, page=page, certificate=certificate, mark=mark, request=request)


def _of_caller(slip_id: str, services: Services, caller: Caller, at: datetime) -> tuple[ReceiptSlip, ReceiptDesk]:
    with services.db.reading() as tx:
        slip = ReceiptSlips(tx).get(slip_id)
    try:
        desk = receipt_desk(slip.dossier_id, services, caller, at)
    except NotFound:
        raise slip_unknown() from None  # the same answer for a slip of strangers and for none
    if slip.state is not SlipState.DRAFT:
        raise _signed_already()
    if slip.drafted_by != caller.subject_id:
        raise ReceiptOfAnother
    return slip, desk


def _drawn(tx: Tx, slip: ReceiptSlip, services: Services) -> tuple[ReceiptOrder, bytes]:
    """What the officer counted, and the page that was drawn of it."""
    work = services.vault.work
    try:
        content = work.read(tx, slip.slip_id, CONTENT_SLOT).content
        page = work.read(tx, slip.slip_id, PAGE_SLOT).content
    except WorkNotFound as err:
        raise _signed_already() from err  # at this very moment
    if sha256(page).hexdigest() != slip.page_sha256:
        raise IntegrityMismatch("receipt slip")
    return ReceiptOrder.from_bytes(content), page


def _signed_already() -> StateConflict:
    return StateConflict("Giấy tiếp nhận này đã được ký.", "This receipt slip is signed already.")


def _fit_certificate(tx: Tx, wanted: SlipToSign, desk: ReceiptDesk, caller: Caller, at: datetime) -> CertificateRecord:
    certificate = certificate_to_sign_with(tx, wanted.certificate_id, at)
    act = IntendedAct(
        certificate_class=CertificateClass.PERSONAL.value,
        ordinal=desk.step.ordinal,
        org_code=desk.post.org_code,
        place=desk.post.place_code or desk.post.org_code,
        procedure=desk.dossier.procedure_code,
        document_type=DOCUMENT_TYPE,
        titles=titles_held(tx, caller, desk.post.org_code, at),
    )
    require_fit_certificate(certificate, act, caller, at, key_device=wanted.key_device or certificate.key_device)
    return certificate
