"""Anybody who scanned a QR code learns what it belongs to, without personal data beyond a masked name (S08, I30)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from api.callers import Caller
from api.db import Tx
from api.errors import NotFound
from api.records.copies import PaperConversion, PaperConversions
from api.records.dossiers import Dossiers
from api.records.organisations import Organisations
from api.records.people import People
from api.records.procedures import Procedures
from api.records.receipt_slips import ReceiptSlip, ReceiptSlips, SlipState
from api.records.result_types import find_result_type, result_type
from api.records.results import SEALED_STATES, ResultRecord, Results, ResultState
from api.services import Services
from api.vietnam_time import vietnam_day
from vault.catalogue_sql import Documents
from vault.model import DocumentState

SLIP_TITLE: Final = "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
SLIP_TITLE_EN: Final = "Receipt slip with the day of return"
_CODE: Final = re.compile(r"[A-Za-z0-9_-]{20,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindVerificationCode:
    """The code as it stands in the address `/v/{code}`."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicConversion:
    """That the code stands on a paper made from an electronic document, not on the document itself (S38)."""

    number: str
    """Number and symbol of the copy on paper."""
    agency_name: str
    converted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicReceipt:
    """That the code stands on a receipt slip: for which procedure, received when, due on which day."""

    procedure_name: str
    received_at: datetime
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRecord:
    """What the public may know of a result, of the document that a paper was made from, or of a receipt slip."""

    code: str
    result_type: str
    """Title in Vietnamese."""
    result_type_en: str
    document_number: str | None
    issuer_name: str
    issued_on: date | None
    state: str
    """A `DocumentState` value, `not_issued` while signatures are missing, or `voided`."""
    masked_holder: str
    sha256: str | None
    """SHA-256 (hex) of the stored original; None before it is sealed."""
    earlier_sha256: str | None = None
    """SHA-256 (hex) of the same signed file as it was given out before its time-stamp came."""
    conversion: PublicConversion | None = None
    receipt: PublicReceipt | None = None


def find_verification_code(
    command: FindVerificationCode, services: Services, caller: Caller, at: datetime
) -> PublicRecord:
    """Give what belongs to a code.

    Raises:
        NotFound: no document of ours carries it; a wrong structure looks the same as an unknown code.
    """
    del caller  # the same answer for everybody
    if not _CODE.fullmatch(command.code):
        raise NotFound
    with services.db.reading() as tx:
        converted = PaperConversions(tx).find_by_code(command.code)
        if converted is not None:
            return _of_conversion(tx, converted, services, at)
        slip = ReceiptSlips(tx).given_under(command.code)
        if slip is not None:
            return _of_slip(tx, slip, services)
        record = Results(tx).find_by_code(command.code)
        if record is None or record.document_number is None or record.document_date is None:
            raise NotFound
        kind = result_type(record.result_type)
        state = _state(record)
        if record.document_id is not None:
            state = Documents(tx).get(record.document_id).state.value
        return PublicRecord(
            code=command.code,
            result_type=kind.title_vi,
            result_type_en=kind.title_en,
            document_number=record.document_number,
            issuer_name=Organisations(tx).get(record.org_code).name,
            issued_on=record.document_date,
            state=state,
            masked_holder=masked_name(People(tx, services.sealer).get(record.owner_subject).name),
            sha256=record.file_sha256 if record.state in SEALED_STATES else None,
        )


def _of_conversion(tx: Tx, made: PaperConversion, services: Services, at: datetime) -> PublicRecord:
    """The electronic document behind a paper, as it stands now, and that the paper is a conversion."""
    described = services.vault.describe(tx, made.document_id)
    document, details = described.document, described.details
    is_over = document.state is DocumentState.ACTIVE and not document.is_valid_at(at)
    organisations = Organisations(tx)
    known = find_result_type(document.type_code)
    return PublicRecord(
        code=made.verification_code,
        result_type=details.title,
        result_type_en=details.title if known is None else known.title_en,
        document_number=details.document_number,
        issuer_name=organisations.get(document.issuing_org or document.custodian_org).name,
        issued_on=details.issued_on,
        state=(DocumentState.EXPIRED if is_over else document.state).value,
        masked_holder=masked_name(People(tx, services.sealer).get(document.owner).name),
        sha256=made.from_sha256,
        conversion=PublicConversion(
            number=made.number,
            agency_name=organisations.get(made.org_code).name,
            converted_at=made.converted_at,
        ),
    )


def _of_slip(tx: Tx, slip: ReceiptSlip, services: Services) -> PublicRecord:
    """A signed receipt slip, and whether a later one counts in its place."""
    dossier = Dossiers(tx).get(slip.dossier_id)
    state = DocumentState.SUPERSEDED if slip.state is SlipState.REPLACED else DocumentState.ACTIVE
    return PublicRecord(
        code=slip.verification_code,
        result_type=SLIP_TITLE,
        result_type_en=SLIP_TITLE_EN,
        document_number=dossier.code,
        issuer_name=Organisations(tx).get(slip.org_code).name,
        issued_on=None if slip.signed_at is None else vietnam_day(slip.signed_at),
        state=state.value,
        masked_holder=masked_name(People(tx, services.sealer).get(slip.owner_subject).name),
        sha256=slip.file_sha256,
        earlier_sha256=slip.first_sha256,
        receipt=PublicReceipt(
            procedure_name=Procedures(tx).version(dossier.procedure_code, dossier.procedure_version).name,
            received_at=dossier.received_at,
            due_on=vietnam_day(dossier.due_at),
        ),
    )


def masked_name(name: str) -> str:
    """The first letter of every word, the rest as stars of a fixed number: `Nguyễn Văn An` → `N*** V*** A***`."""
    return " ".join(word[0] + "***" for word in name.split())


def _state(record: ResultRecord) -> str:
    match record.state:
        case ResultState.ISSUED:
            return DocumentState.ACTIVE.value
        case ResultState.VOIDED:
            return "voided"
        case _:
            return "not_issued"
