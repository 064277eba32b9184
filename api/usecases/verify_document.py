"""Anybody asks whether a file is good: its signatures, its signers, and what is known of it here.

Parsing happens in a limited worker process; nothing of the file is kept, and of what it names only hosts on the
administrator's list are asked. Must not know how the file came in or how the report is shown.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import FileEmpty, FileNotPdf
from api.records.receipt_slips import ReceiptSlips, SlipState
from api.records.results import Results, ResultState
from api.services import Services
from api.usecases.confirm_entitlement import KnownFile, confirmed_entitlement
from api.usecases.judge_signatures import Terms, judge_signatures, work_on_pdf
from api.usecases.managing_units import with_managing_units
from api.usecases.report_forgery import ReportForgery, report_forgery
from signing.trust import TrustProfile
from signing.validation import Report, Verdict, is_picture
from vault.model import DocumentState, Grade

_HEADER_WINDOW: Final = 1024  # readers accept the header within the first 1,024 bytes
_COPIES: Final = frozenset({Grade.B_CERTIFIED_COPY, Grade.C_OFFICER_COPY})
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")  # RFC 5652 §5.1: id-signedData, DER
_CONTAINER_WINDOW: Final = 32
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyDocument:
    """A file and what to judge it by."""

    pdf: bytes = field(repr=False)
    policy_id: str | None = None
    """None: the policy in force."""
    profile: TrustProfile | None = None
    """Accept roots of this profile only (S29); None: of every profile."""
    then: datetime | None = None
    """The moment at which signatures are judged, not in the future; the document's state is always that of now."""
    password: str | None = field(default=None, repr=False)
    """Opens an encrypted document."""

    @property
    def terms(self) -> Terms:
        """What the signatures are judged by."""
        return Terms(policy_id=self.policy_id, profile=self.profile, then=self.then, password=self.password)


def verify_document(command: VerifyDocument, services: Services, caller: Caller, at: datetime) -> Report:
    """The report about a file, the same for everybody, with what the vault and the register of results know of it.

    Raises:
        FileEmpty, FileNotPdf: there is nothing to check. InputInvalid: no such policy, or a moment in the future.
        WorkersBusy: too many checks at once; come back later.
    """
    require_pdf(command.pdf)
    report = with_document(judge_signatures(work_on_pdf(command.pdf), command.terms, services, at), services, at)
    if report.verdict is Verdict.INVALID:
        report_forgery(ReportForgery(pdf=command.pdf, reason_code=report.reasons[0].value), services, caller, at)
    return report


def with_document(report: Report, services: Services, at: datetime) -> Report:
    """The report with what is known here of the very file: the signers' right to sign it, and its state now."""
    with services.db.reading() as tx:
        known = _known(report.file_sha256, services, tx)
        report = with_managing_units(report.with_entitlement(confirmed_entitlement(report, known, tx)), tx)
    if known.document is not None and known.document.grade in _COPIES:
        report = report.without_printed_date()
    state = _state_of(known, at)
    if state is None:
        return report.with_document_status(state="unknown", vault_match="none")
    is_earlier = known.slip is not None and known.slip.file_sha256 != report.file_sha256
    return report.with_document_status(state=state, vault_match="none" if is_earlier else "identical")


def verify_file(
    pdf: bytes,
    services: Services,
    at: datetime,
    *,
    policy_id: str | None = None,
    profile: TrustProfile | None = None,
) -> Report:
    """The report about a file's signatures alone; a check that broke off is a report too, never a pass.

    Raises:
        InputInvalid: no such policy. WorkersBusy: too many checks at once.
    """
    return judge_signatures(work_on_pdf(pdf), Terms(policy_id=policy_id, profile=profile), services, at)


def require_pdf(content: bytes) -> None:
    """Says no to what is certainly no PDF, before a worker looks at it; a photograph or scan gets an answer (S10).

    Raises:
        FileEmpty, FileNotPdf: see there.
    """
    if not content:
        raise FileEmpty("Tệp rỗng.", "The file is empty.")
    if content.startswith(_ARCHIVES):
        raise FileNotPdf("Tệp là tệp nén, không phải PDF; hãy giải nén trước.", "The file is an archive, not a PDF.")
    if b"%PDF-" not in content[:_HEADER_WINDOW] and not is_picture(content):
        if _is_container(content):
            raise FileNotPdf(
                "Đây là chữ ký CMS, không phải PDF: gửi trong trường `signature`, tệp gốc trong trường `file`.",
                "This is a CMS signature, not a PDF: send it as `signature`, and the signed file as `file`.",
            )
        raise FileNotPdf("Tệp không phải PDF.", "The file is not a PDF.")


def _is_container(content: bytes) -> bool:
    """Whether somebody chose a signature in place of what it signs; a hint only."""
    return _SIGNED_DATA in content[:_CONTAINER_WINDOW] or content.startswith((b"-----BEGIN PKCS7", b"-----BEGIN CMS"))


def _known(digest: str, services: Services, tx: Tx) -> KnownFile:
    """The document, the result and the receipt slip that this very file belongs to, by its SHA-256 (hex)."""
    return KnownFile(
        document=services.vault.find_content(tx, bytes.fromhex(digest)),
        result=Results(tx).find_by_file(digest),
        slip=ReceiptSlips(tx).find_by_file(digest),
    )


def _state_of(known: KnownFile, at: datetime) -> str | None:
    """The state of what the file belongs to; None: it is not known here."""
    document, result = known.document, known.result
    if document is not None:
        over = document.valid_to is not None and document.valid_to <= at
        return DocumentState.EXPIRED.value if over and document.state is DocumentState.ACTIVE else document.state.value
    if known.slip is not None:
        return (DocumentState.SUPERSEDED if known.slip.state is SlipState.REPLACED else DocumentState.ACTIVE).value
    if result is None:
        return None
    if result.state is ResultState.ISSUED:
        return DocumentState.ACTIVE.value
    return "voided" if result.state is ResultState.VOIDED else "not_issued"
