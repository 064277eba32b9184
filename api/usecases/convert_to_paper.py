"""The clerk makes a paper of a stored electronic document: pages with the conversion mark and a QR code (S38).

The original stays as it is. The pages have no value by themselves: the agency's ink signature and seal on the last one
give it (Decree 30/2020 Art. 25-26), and the QR code leads to the original. Uses no key.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from api.callers import Caller
from api.errors import AnsoError, CopyFormWrong
from api.ids import creation_id
from api.records.copies import CopyForm, PaperConversion, PaperConversions
from api.records.numbers import NumberRegister
from api.records.people import People
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.copy_numbers import reserve_copy_number
from api.usecases.copy_source import CopySource, copy_source
from api.usecases.refusals import refusals_recorded
from api.vietnam_time import vietnam_day
from signing.isolation import IsolationError
from signing.pades import shown_time
from vault.ledger import AuditEvent
from vault.model import CitizenId, Grade

DIRECTION: Final = "electronic_to_paper"
PRINT_SLOT: Final = "print"
"""Work slot with the pages for the printer."""
_PDF: Final = "application/pdf"
_CODE_BYTES: Final = 18  # 144 random bits; at least 128 are asked for
_DRAWING_LIMIT_S: Final = 60.0
_HEADING: Final = "CHUYỂN ĐỔI TỪ VĂN BẢN ĐIỆN TỬ SANG VĂN BẢN GIẤY"

# Decree 30/2020 Art. 25: a true copy is printed from the electronic original, a copy of a copy from a certified one
_FORMS: Final = {Grade.A_ORIGINAL: CopyForm.SAO_Y, Grade.B_CERTIFIED_COPY: CopyForm.SAO_LUC}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertToPaper:
    """Which document, for which dossier."""

    document_id: str
    dossier_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Conversion:
    """What the pages say."""

    conversion_id: str
    source: CopySource
    form: CopyForm
    number: str
    code: str
    converter: str
    mark_text: str
    at: datetime = field(repr=False)


def convert_to_paper(command: ConvertToPaper, services: Services, caller: Caller, at: datetime) -> PaperConversion:
    """Check the document, take a number, draw the pages, and record the conversion with the ledger's line.

    1. In force, signatures valid, of grade A or B, and the caller's agency answers for it (`copy_source`).
    2. The number is reserved first: it is printed. A page that cannot be drawn makes it void, with the reason (I13).
    3. Pages, row, number and ledger belong together: one transaction.

    Raises:
        What `copy_source` raises; CopyFormWrong: an officer's copy is certified before it is printed;
        CopyImpossible, RenderingFailed, IsolationError: no pages; StoreUnavailable.
    """
    with refusals_recorded(_event(command, caller, at), services):
        source = copy_source(command.document_id, command.dossier_id, services, caller, at)
        form = _form(source)
    begun = _begun(source, form, services, at)
    try:
        pages = _pages(begun, services)
    except (AnsoError, IsolationError):
        with services.db.transaction() as tx:
            NumberRegister(tx).void(begun.conversion_id, "Không dựng được bản in.", at, by=source.post.subject_id)
        raise
    record = _record(begun, command, caller, pages)
    with services.db.transaction() as tx:
        key = services.vault.open_vault(tx, CitizenId(record.owner_subject), at)
    staged = services.vault.work.stage(
        key, record_id=record.conversion_id, slot=PRINT_SLOT, media_type=_PDF, content=pages, at=at
    )
    with services.db.transaction() as tx:
        NumberRegister(tx).use(record.conversion_id, at, by=record.converted_by)
        PaperConversions(tx).add(record)
        services.vault.work.keep(tx, staged)
        services.audit.append(tx, _event(command, caller, at, record=record))
    return record


def _form(source: CopySource) -> CopyForm:
    form = _FORMS.get(source.described.document.grade)
    if form is None:
        raise CopyFormWrong(
            "Bản số hóa phải được cơ quan sao y trước khi chuyển sang giấy.",
            "An officer's copy is certified under the agency's seal before it is converted to paper.",
        )
    return form


def _begun(source: CopySource, form: CopyForm, services: Services, at: datetime) -> _Conversion:
    conversion_id = creation_id("cnv", at)
    with services.db.transaction() as tx:
        number = reserve_copy_number(tx, source.agency, form, conversion_id, at, by=source.post.subject_id)
        converter = People(tx, services.sealer).get(source.post.subject_id).name
    mark = f"{form.words} {number}; {_HEADING}; {source.agency.name}; {converter}; {shown_time(at)}"
    return _Conversion(
        conversion_id=conversion_id,
        source=source,
        form=form,
        number=number,
        code=secrets.token_urlsafe(_CODE_BYTES),
        converter=converter,
        mark_text=mark,
        at=at,
    )


def _pages(begun: _Conversion, services: Services) -> bytes:
    address = f"{services.settings.public_url}/v/{begun.code}"
    day = vietnam_day(begun.at)
    strip: dict[str, Any] = {
        "title": f"{begun.form.words} {begun.number}",
        "form": begun.form.words,
        "number": begun.number,
        "day": f"Ngày {day.day:02d} tháng {day.month:02d} năm {day.year}",
        "agency": begun.source.agency.name,
        "heading": f"{begun.form.words} – {_HEADING}",
        "lines": [
            f"{begun.source.agency.name}; Số: {begun.number}",
            f"Người chuyển đổi: {begun.converter}, {begun.source.post.title}; Thời gian: {shown_time(begun.at)}",
            f"SHA-256 của bản gốc điện tử: {begun.source.sha256}",
            "Bản in tự nó không có giá trị pháp lý: cần chữ ký và con dấu của cơ quan ở trang cuối.",
            f"Kiểm tra bản gốc điện tử: {address}",
        ],
        "qr_address": address,
    }
    pages: bytes = services.workers.call(
        "api.rendering:printed_copy", begun.source.pdf, strip, timeout_s=_DRAWING_LIMIT_S
    )
    return pages


def _record(begun: _Conversion, command: ConvertToPaper, caller: Caller, pages: bytes) -> PaperConversion:
    return PaperConversion(
        conversion_id=begun.conversion_id,
        document_id=command.document_id,
        owner_subject=begun.source.described.document.owner,
        dossier_id=command.dossier_id,
        org_code=begun.source.agency.org_code,
        direction=DIRECTION,
        number=begun.number,
        verification_code=begun.code,
        mark_text=begun.mark_text,
        from_sha256=begun.source.sha256,
        to_sha256=sha256(pages).hexdigest(),
        converted_by=caller.subject_id or caller.account_id,
        converted_at=begun.at,
    )


def _event(
    command: ConvertToPaper,
    caller: Caller,
    at: datetime,
    *,
    record: PaperConversion | None = None,
) -> AuditEvent:
    details = [("dossier", command.dossier_id), ("direction", DIRECTION)]
    if record is not None:
        details += [("conversion", record.conversion_id), ("from_sha256", record.from_sha256)]
    return event_of(
        caller,
        "convert_to_paper",
        at,
        object_type="document",
        object_id=command.document_id,
        owner_id=None if record is None else record.owner_subject,
        details=tuple(details),
    )
