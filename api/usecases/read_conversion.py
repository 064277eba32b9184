"""The pages of a conversion for the printer, for an officer of the agency that made it; every look is in the ledger."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from api.callers import Caller
from api.errors import NotFound
from api.records.copies import PaperConversion, PaperConversions
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.convert_to_paper import PRINT_SLOT
from vault.errors import IntegrityMismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionFound:
    """The record and the pages."""

    record: PaperConversion
    pdf: bytes = field(repr=False)


def read_conversion(conversion_id: str, services: Services, caller: Caller, at: datetime) -> ConversionFound:
    """Give the pages that were made.

    Raises:
        NotFound: there is none, or another agency made it. IntegrityMismatch, StoreUnavailable.
    """
    with services.db.transaction() as tx:
        record = PaperConversions(tx).get(conversion_id)
        if caller.org_code != record.org_code:
            raise NotFound("Không có bản chuyển đổi này.", "There is no such conversion.")
        pdf = services.vault.work.read(tx, record.conversion_id, PRINT_SLOT).content
        if hashlib.sha256(pdf).hexdigest() != record.to_sha256:
            raise IntegrityMismatch("conversion")
        event = event_of(
            caller,
            "read_conversion",
            at,
            object_type="document",
            object_id=record.document_id,
            owner_id=record.owner_subject,
            details=(("conversion", record.conversion_id),),
        )
        services.audit.append(tx, event)
    return ConversionFound(record=record, pdf=pdf)
