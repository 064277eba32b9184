"""The officer sees the slip with the mark on it before signing; no key is used, nothing is kept."""

from dataclasses import replace
from datetime import datetime

from api.callers import Caller
from api.services import Services
from api.usecases.auditing import event_of
from api.usecases.planned_receipt import SlipToSign, planned_receipt
from api.usecases.preview_mark import MarkPreview, drawn_with_mark


def preview_receipt_slip(wanted: SlipToSign, services: Services, caller: Caller, at: datetime) -> MarkPreview:
    """The first page of the slip as it will look when the caller has signed it.

    Raises:
        What `planned_receipt` and `drawn_with_mark` raise.
    """
    planned = planned_receipt(replace(wanted, key_device=None), services, caller, at)
    png = drawn_with_mark(planned.page, planned.mark, None, services)
    event = event_of(
        caller,
        "preview_receipt_slip",
        at,
        object_type="receipt_slip",
        object_id=planned.slip.slip_id,
        owner_id=planned.slip.owner_subject,
    )
    with services.db.transaction() as tx:
        services.audit.append(tx, event)
    return MarkPreview(png=png, file_sha256=planned.slip.page_sha256)
